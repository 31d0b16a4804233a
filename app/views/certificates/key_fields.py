"""Where the key of a new certificate comes from: the fields of a form that ask for it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from PySide6.QtCore import QObject

from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.certificate_terms import CertificationRequest
from app.models.domain.issuing import request_in
from app.views.theme.tokens import Tone
from app.views.widgets.badge import BadgeText
from app.views.widgets.field import ChoiceField, PasswordField
from app.views.widgets.file_field import FileField
from app.views.widgets.form_dialog import FormDialog


class KeySource(StrEnum):
    """Who makes the key."""

    CSR = "csr"
    HERE = "here"


class KeyFields(QObject):
    """A CSR, or the passphrase for a key made here, in a form.

    Keys: `source`, `csr`, `pfx_passphrase`, `repeated`.
    """

    def __init__(self, form: FormDialog, csr_hint: str = "") -> None:
        super().__init__(form)
        self._form = form
        choices = [
            (KeySource.CSR, _("From a CSR: the key stays where it was made")),
            (KeySource.HERE, _("Make the key here and keep it as PKCS #12 for a while")),
        ]
        self.source = form.add(ChoiceField(_("Key"), choices), "source")
        prompt = _("Certificate request (CSR)")
        self.csr = form.add(FileField(prompt, prompt, required=True, hint=csr_hint), "csr")
        hint = _("Whoever opens the file needs it. It is not kept here.")
        self.passphrase = form.add(
            PasswordField(_("Passphrase of the PKCS #12 file"), required=True, hint=hint),
            "pfx_passphrase",
        )
        self.repeated = form.add(PasswordField(_("Passphrase again"), required=True), "repeated")
        self.csr.input.received.connect(self._look_at)
        self.source.changed.connect(self._adapt)
        self._adapt()

    def request(self) -> CertificationRequest | None:
        """The CSR; None when the key is to be made here.

        Raises InvalidInputError, field `csr`, when there is none or it is not good.
        """
        return None if self.source.value() is KeySource.HERE else request_in(self.csr.value())

    def _look_at(self, content: bytes, name: str) -> None:
        try:
            request = request_in(content)
        except InvalidInputError as error:
            self.csr.set_error(error)
            return
        good = BadgeText(_("signature good"), Tone.GOOD)
        self.csr.input.show_received(name, request.algorithm.label, good)

    def _adapt(self) -> None:
        here = self.source.value() is KeySource.HERE
        self.csr.setVisible(not here)
        self.passphrase.setVisible(here)
        self.repeated.setVisible(here)
        self._form.grow()


def key_in(values: Mapping[str, Any]) -> tuple[CertificationRequest | None, str | None]:
    """The CSR, or else the passphrase, out of the values of a form with `KeyFields`.

    Raises InvalidInputError with the field at fault.
    """
    if values["source"] is KeySource.CSR:
        return request_in(values["csr"]), None
    if values["pfx_passphrase"] != values["repeated"]:
        raise InvalidInputError(_("The two passphrases differ."), field="repeated")
    return None, values["pfx_passphrase"]
