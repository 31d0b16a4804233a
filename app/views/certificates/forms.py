"""The forms that revoke, rekey and export a certificate."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget

from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.certificate_terms import RevocationReason
from app.models.domain.certificates import Certificate
from app.models.services.certificates.certificates import CertificateFormat
from app.models.services.revocation.revocation import REASONS
from app.models.services.workspace.workspace import Workspace
from app.views.certificates.key_fields import KeyFields, key_in
from app.views.jobs import Jobs
from app.views.widgets.field import CheckField, ChoiceField, PasswordField
from app.views.widgets.form_dialog import FormDialog
from app.views.widgets.revocation_form import RevocationForm


class _FileKind(StrEnum):
    PEM = "pem"
    PKCS7 = "p7b"
    DER = "der"
    PFX = "pfx"
    LEGACY = "legacy-pfx"


@dataclass(frozen=True)
class ExportedFile:
    """What is to be saved, and the name proposed for it."""

    name: str
    content: bytes = field(repr=False)


class CertificateForms:
    """Makes the forms that stand over the page `parent`."""

    def __init__(self, workspace: Workspace, actor: Actor, jobs: Jobs, parent: QWidget) -> None:
        self._workspace = workspace
        self._actor = actor
        self._jobs = jobs
        self._parent = parent

    def revoke(self, row: Certificate) -> FormDialog:
        """The form that revokes a certificate for good."""
        return RevocationForm(
            _("Revoke the certificate of {name}?").format(name=row.name),
            [one for one in REASONS if one is not RevocationReason.CERTIFICATE_HOLD],
            partial(self._workspace.revocation.revoke, self._actor, row.id),
            today=self._workspace.store.clock.now().date(),
            hint=_(
                "This cannot be undone. EST servers here turn the certificate away at once, others"
                " from the next revocation list on."
            ),
            jobs=self._jobs,
            parent=self._parent,
        )

    def rekey(self, row: Certificate) -> FormDialog:
        """The form for a new key with the same names; its result is the new `Certificate`."""

        def save(values: Mapping[str, Any]) -> Certificate:
            csr, passphrase = key_in(values)
            renewal = self._workspace.certificate_renewal
            return renewal.rekey(self._actor, row.id, csr, pfx_passphrase=passphrase).certificate

        title = _("New key for {name}").format(name=row.name)
        form = FormDialog(title, self._jobs, save, self._parent, save_text=_("Issue certificate"))
        KeyFields(
            form,
            _("The new certificate has the names of the old one; those in the CSR do not count."),
        )
        return form

    def export(self, row: Certificate, title: str, *, with_key: bool) -> FormDialog:
        """The form that asks for the kind of file; its result is an `ExportedFile`."""

        def read(values: Mapping[str, Any]) -> ExportedFile:
            return self._exported(row, values)

        form = FormDialog(title, self._jobs, read, self._parent, save_text=_("Save as…"))
        choices = [
            (_FileKind.PEM, _("PEM: for servers and OpenSSL")),
            (_FileKind.PKCS7, _("PKCS #7: for Windows and Java")),
            (_FileKind.DER, _("DER: one certificate, binary")),
        ]
        if with_key:
            choices += [
                (_FileKind.PFX, _("PKCS #12: with its private key")),
                (_FileKind.LEGACY, _("PKCS #12 for old devices: with its private key")),
            ]
        kind = form.add(ChoiceField(_("File"), choices), "kind")
        chain = form.add(CheckField(_("With the certificates of its authorities")), "chain")
        chain.set_value(True)
        hint = _(
            "The one given when the certificate was issued. Triple DES and SHA-1 protect the"
            " new file: keep it only as long as the device needs it."
        )
        passphrase = form.add(
            PasswordField(_("Passphrase"), required=True, hint=hint), "passphrase"
        )

        def adapt() -> None:
            chain.setVisible(kind.value() in (_FileKind.PEM, _FileKind.PKCS7))
            passphrase.setVisible(kind.value() is _FileKind.LEGACY)
            form.grow()

        kind.changed.connect(adapt)
        adapt()
        return form

    def _exported(self, row: Certificate, values: Mapping[str, Any]) -> ExportedFile:
        certificates, actor, kind = self._workspace.certificates, self._actor, values["kind"]
        if kind is _FileKind.PFX:
            content = certificates.download_pfx(actor, row.id)
        elif kind is _FileKind.LEGACY:
            content = certificates.download_legacy_pfx(actor, row.id, values["passphrase"])
        else:
            chain = values["chain"] and kind is not _FileKind.DER
            form = CertificateFormat(kind.value)
            content = certificates.export(actor, row.id, form, chain=chain)
        suffix = "pfx" if kind is _FileKind.LEGACY else kind.value
        return ExportedFile(f"{row.name}-{row.kind}.{suffix}", content)
