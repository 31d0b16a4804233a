"""The smaller forms of authorities: import, change, roll over, take a certificate, save."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from PySide6.QtWidgets import QWidget

from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.authorities import (
    MAX_CRL_HOURS,
    MIN_PARTITION,
    Authority,
    AuthorityRequest,
    KeyAlgorithm,
)
from app.models.domain.naming import MAX_NAME_LENGTH
from app.models.services.authorities.authorities import AuthorityRow
from app.models.services.authorities.imports import Bundle
from app.models.services.workspace.workspace import Workspace
from app.views.authorities.choices import MANAGE
from app.views.authorities.key_fields import KeyFields, KeyForm, key_choice_in
from app.views.authorities.validity_fields import ValidityFields, end_in
from app.views.jobs import Jobs
from app.views.theme.tokens import Tone
from app.views.widgets.field import (
    CheckField,
    ChoiceField,
    NumberField,
    PasswordField,
    TextField,
)
from app.views.widgets.file_field import FileField
from app.views.widgets.form_dialog import FormDialog
from app.views.widgets.sharing_fields import Owners, SharingFields, sharing_in

_MOST_IN_A_PART = 10_000_000


class ImportForm(FormDialog):
    """Brings an authority along: with its key, or its certificate alone.

    Signals: `saved(Authority)`.
    """

    def __init__(
        self, workspace: Workspace, actor: Actor, owners: Owners, jobs: Jobs, parent: QWidget
    ) -> None:
        super().__init__(
            _("Import an authority"), jobs, self._import, parent, save_text=_("Import")
        )
        self._imports, self._actor = workspace.authority_imports, actor
        kinds = [
            (True, _("The authority with its private key (PKCS#12)")),
            (False, _("A certificate alone, to complete chains")),
        ]
        self._with_key = self.add(ChoiceField(_("What to import"), kinds), "with_key")
        self.add(TextField(_("Name"), required=True, max_length=MAX_NAME_LENGTH), "name")
        self._file = self.add(
            FileField(_("File"), _("The file of the authority"), required=True), "certificate"
        )
        self._passphrase = self.add(PasswordField(_("Passphrase of the file")), "passphrase")
        self._with_key.changed.connect(self._adapt)
        SharingFields(self, actor, MANAGE, owners)
        self._adapt()

    def _adapt(self) -> None:
        with_key = self._with_key.value()
        self._passphrase.setVisible(with_key)
        hint = _("PEM, DER or PKCS#7, with the certificates above it if they are not here.")
        if with_key:
            hint = _("A .p12 or .pfx file, with the certificates above it if they are not here.")
        self._file.set_message(hint, Tone.NEUTRAL)
        self.grow()

    def _import(self, values: Mapping[str, Any]) -> Authority:
        name, content, sharing = values["name"], values["certificate"], sharing_in(values)
        if values["with_key"]:
            bundle = Bundle(content, values["passphrase"])
            return self._imports.import_bundle(self._actor, name, bundle, sharing=sharing)
        return self._imports.import_certificate(self._actor, name, content, sharing=sharing)


class EditForm(FormDialog):
    """Changes what is not in the certificate: name, access, and the revocation lists."""

    def __init__(
        self,
        workspace: Workspace,
        actor: Actor,
        authority: Authority,
        owners: Owners,
        *,
        jobs: Jobs,
        parent: QWidget,
    ) -> None:
        title = _("Change {name}").format(name=authority.name)
        super().__init__(title, jobs, self._edit, parent)
        self._authorities, self._actor, self._id = workspace.authorities, actor, authority.id
        name = self.add(TextField(_("Name"), required=True, max_length=MAX_NAME_LENGTH), "name")
        name.set_value(authority.name)
        sharing = SharingFields(self, actor, MANAGE, owners)
        sharing.set_sharing(authority.sharing)
        hint = _("A new one is signed when half of that is over, and after each revocation.")
        hours = NumberField(_("A revocation list is good for (hours)"), 1, MAX_CRL_HOURS, hint=hint)
        self._hours = self.add(hours, "crl_hours")
        self._hours.set_value(authority.crl_hours)
        hint = _("Keeps lists short for devices with little memory.")
        self._parts = self.add(CheckField(_("Lists in parts"), hint=hint), "in_parts")
        self._size = NumberField(_("Certificates in a part"), MIN_PARTITION, _MOST_IN_A_PART)
        self.add(self._size, "crl_partition_size").set_value(authority.crl_partition_size or 10_000)
        self._parts.set_value(authority.crl_partition_size is not None)
        self._parts.changed.connect(self._adapt)
        self._adapt()

    def _adapt(self) -> None:
        self._size.setVisible(self._parts.value())
        self.grow()

    def _edit(self, values: Mapping[str, Any]) -> None:
        self._authorities.edit(
            self._actor,
            self._id,
            name=values["name"],
            sharing=sharing_in(values),
            crl_hours=values["crl_hours"],
            crl_partition_size=values["crl_partition_size"] if values["in_parts"] else None,
        )


class RollOverForm(KeyForm):
    """Makes the successor of an authority: the same subject with a new key.

    Signals: `saved(Authority)`.
    """

    def __init__(
        self,
        workspace: Workspace,
        actor: Actor,
        row: AuthorityRow,
        now: datetime,
        *,
        jobs: Jobs,
        parent: QWidget,
    ) -> None:
        title = _("Roll over {name}").format(name=row.name)
        super().__init__(title, jobs, self._roll_over, parent, save_text=_("Roll over"))
        self._making, self._actor, self._row = workspace.authority_making, actor, row
        self._now = workspace.store.clock.now
        root = row.subject == row.issuer_name
        self.banner.show_message(
            Tone.NEUTRAL, _what_happens(root=root, revoked=row.revoked_at is not None)
        )
        name = TextField(_("Name of the successor"), required=True, max_length=MAX_NAME_LENGTH)
        self.add(name, "name")
        key = KeyFields(self, workspace.token_directory, actor, jobs)
        key.algorithm.set_value(row.key or KeyAlgorithm.EC_P256)
        ValidityFields(self, now)

    def _roll_over(self, values: Mapping[str, Any]) -> Authority:
        return self._making.roll_over(
            self._actor,
            self._row.id,
            values["name"],
            key_choice_in(values),
            not_after=end_in(values, self._now()),
        )


def _what_happens(*, root: bool, revoked: bool) -> str:
    text = _(
        "A new authority with the same subject and a new key takes its place. The templates of"
        " the old one use the new one at once."
    )
    if revoked:
        return text
    text += " " + _(
        "What the old one issued stays valid, and the old one goes on signing its revocation lists."
    )
    if root:
        text += " " + _(
            "The two certify each other, so that whoever trusts one believes the other."
        )
    return text


def accept_form(
    workspace: Workspace, actor: Actor, request: AuthorityRequest, jobs: Jobs, parent: QWidget
) -> FormDialog:
    """Asks for the certificate that another CA made for a request; `saved(Authority)`."""
    form = FormDialog(
        _("Certificate for {name}").format(name=request.name),
        jobs,
        lambda values: workspace.authority_imports.accept(actor, request.id, values["certificate"]),
        parent,
        save_text=_("Accept"),
    )
    hint = _("PEM, DER or PKCS#7, with the certificates above it if they are not here.")
    form.add(
        FileField(
            _("Certificate"), _("The certificate from the other CA"), required=True, hint=hint
        ),
        "certificate",
    )
    return form


def pin_form(
    workspace: Workspace, actor: Actor, row: AuthorityRow, jobs: Jobs, parent: QWidget
) -> FormDialog:
    """Asks for the PIN that opens the token of an authority by now."""
    form = FormDialog(
        _("PIN of the token of {name}").format(name=row.name),
        jobs,
        lambda values: workspace.token_directory.set_pin(actor, row.id, values["pin"]),
        parent,
    )
    hint = _("It is tried at once. A token locks itself after a few wrong ones.")
    form.add(PasswordField(_("PIN"), required=True, hint=hint), "pin")
    return form


def save_form(
    title: str,
    kinds: list[tuple[str, str]],
    chosen: Callable[[str], None],
    jobs: Jobs,
    parent: QWidget,
) -> FormDialog:
    """Asks what to save, by key and text; `chosen` gets the key."""
    form = FormDialog(title, jobs, lambda values: values["what"], parent, save_text=_("Save as…"))
    form.add(ChoiceField(_("What to save"), kinds), "what")
    form.saved.connect(chosen)
    return form
