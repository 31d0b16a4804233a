"""Which key a new authority gets, and where it is kept: the fields of a form that ask for it."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout

from app.core.errors import KnownError
from app.core.language import _
from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.domain.authorities import (
    KeyAlgorithm,
    KeyChoice,
    KeyStore,
    TokenAddress,
    TokenChoice,
    TokenInfo,
    TokenKey,
)
from app.models.services.authorities.token_directory import TokenDirectory
from app.views.authorities.words import algorithm_hint
from app.views.jobs import Jobs, Latest
from app.views.theme.fonts import scaled
from app.views.theme.tokens import Tone
from app.views.widgets.field import ChoiceField, Field, PasswordField, TextField
from app.views.widgets.form_dialog import FormDialog


def key_choice_in(values: Mapping[str, Any]) -> KeyChoice:
    """What the fields of `KeyFields` say, out of the values of their form."""
    if values["store"] is KeyStore.SOFTWARE:
        return KeyChoice(values["algorithm"])
    key: TokenKey | None = values["key"]
    if key is None:
        return KeyChoice(values["algorithm"], TokenChoice(values["token"], values["pin"]))
    return KeyChoice(key.algorithm, TokenChoice(values["token"], values["pin"], key.id))


class KeyForm(FormDialog):
    """A form that makes a key, and says so while it takes its time."""

    def _set_busy(self, *, busy: bool) -> None:
        super()._set_busy(busy=busy)
        if busy:
            self.banner.show_message(
                Tone.NEUTRAL,
                _("The key is being made…"),
                _("Large RSA keys take a while, on a token up to some minutes."),
            )
        else:
            self.banner.clear()


class KeyFields:
    """Kind and place of the key; a token is only asked for from who may use one.

    Keys: `algorithm`, `store`, `module`, `token`, `pin`, `key`.
    """

    def __init__(
        self, form: FormDialog, directory: TokenDirectory, actor: Actor, jobs: Jobs
    ) -> None:
        self._form, self._directory, self._actor = form, directory, actor
        self._latest = Latest(jobs, form)
        self._listed = ""
        kinds = [(one, one.label) for one in KeyAlgorithm]
        self.algorithm = form.add(ChoiceField(_("Kind of key"), kinds), "algorithm")
        stores = [
            (KeyStore.SOFTWARE, _("In this workspace, encrypted")),
            (KeyStore.TOKEN, _("On a PKCS#11 token, which never lets it out")),
        ]
        self.store = form.add(ChoiceField(_("Where the key is kept"), stores), "store")
        self.module = TextField(
            _("PKCS#11 module"),
            required=True,
            hint=_("The library file that came with the token, such as opensc-pkcs11.so."),
        )
        form.add(self.module, "module")
        self.token: ChoiceField[TokenAddress | None] = ChoiceField(
            _("Token"), _no_token(), required=True
        )
        form.add(self.token, "token")
        self.pin = form.add(PasswordField(_("PIN")), "pin")
        self.key: ChoiceField[TokenKey | None] = ChoiceField(_("Key on the token"), _keys(()))
        form.add(self.key, "key")
        _put_beside(self.module, _("Browse…")).clicked.connect(self._browse)
        self.read_keys = _put_beside(self.key, _("Look for keys"))
        self.read_keys.clicked.connect(self._read_keys)
        self.store.setVisible(reach(actor, Operation.AUTHORITY_MANAGE) is Reach.ALL)
        self.module.input.editingFinished.connect(self._read_tokens)
        for field in (self.algorithm, self.store, self.key):
            field.changed.connect(self._adapt)
        self.token.changed.connect(self._forget_keys)
        self._adapt()

    def _adapt(self) -> None:
        on_token = self.store.value() is KeyStore.TOKEN
        for field in (self.module, self.token, self.pin, self.key):
            field.setVisible(on_token)
        new = not on_token or self.key.value() is None
        self.algorithm.setVisible(new)
        self.algorithm.set_message(algorithm_hint(self.algorithm.value()), Tone.NEUTRAL)
        self._form.grow()

    def _browse(self) -> None:
        dialog = QFileDialog(self._form, _("PKCS#11 module"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.module.set_value)
        dialog.fileSelected.connect(lambda _path: self._read_tokens())
        dialog.open()

    def _read_tokens(self) -> None:
        module = self.module.value()
        if not module or module == self._listed:
            return
        self._listed = module
        self.token.set_choices([(None, _("Looking for tokens…"))])
        self._latest.run(
            lambda: self._directory.tokens(self._actor, module),
            lambda found: self._offer_tokens(module, found),
            self._refuse_module,
        )

    def _offer_tokens(self, module: str, found: Sequence[TokenInfo]) -> None:
        choices: list[tuple[TokenAddress | None, str]] = [
            (TokenAddress(module, one.label, one.serial), _token_text(one)) for one in found
        ]
        self.token.set_choices(choices or _no_token())
        if not choices:
            self.module.set_message(
                _("This module shows no token. Plug one in, then choose the module again.")
            )
            self._listed = ""

    def _refuse_module(self, error: KnownError) -> None:
        self._listed = ""
        self.token.set_choices(_no_token())
        self._form.show_error(error)

    def _read_keys(self) -> None:
        token, pin = self.token.value(), self.pin.value()
        if token is None:
            self.token.set_message(_("Choose a token first."))
            return
        self.pin.clear_message()
        self._latest.run(
            lambda: self._directory.keys(self._actor, token, pin),
            self._offer_keys,
            self._form.show_error,
        )

    def _offer_keys(self, found: Sequence[TokenKey]) -> None:
        self.key.set_choices(_keys(found))
        if not found:
            self.key.set_message(_("There is no key on it yet."), Tone.NEUTRAL)

    def _forget_keys(self) -> None:
        self.key.set_choices(_keys(()))


def _no_token() -> list[tuple[TokenAddress | None, str]]:
    return [(None, _("Choose a module first"))]


def _token_text(token: TokenInfo) -> str:
    maker = " ".join(part for part in (token.manufacturer, token.model) if part)
    return f"{token.label} ({maker})" if maker else token.label


def _keys(found: Sequence[TokenKey]) -> list[tuple[TokenKey | None, str]]:
    there = [
        (one, _("Use “{label}”, {kind}").format(label=one.label, kind=one.algorithm.label))
        for one in found
    ]
    return [(None, _("Make a new key")), *there]


def _put_beside(field: Field[Any], text: str) -> QPushButton:
    """A button at the end of the field's input."""
    button = QPushButton(text, field)
    button.setAutoDefault(False)
    layout = cast("QVBoxLayout", field.layout())
    layout.removeWidget(field.editor)
    line = QHBoxLayout()
    line.setSpacing(scaled(8))
    line.addWidget(field.editor, 1)
    line.addWidget(button)
    layout.insertLayout(1, line)
    return button
