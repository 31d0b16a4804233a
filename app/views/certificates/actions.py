"""What can be done to the selected certificate."""

from pathlib import Path

from app.core.errors import AccessDeniedError
from app.core.language import _
from app.models.domain.access import Actor, Operation, Scope, require
from app.models.domain.certificate_terms import RevocationReason
from app.models.domain.certificates import Certificate, CertificateStatus
from app.models.services.certificates.listed import CertificateQuery
from app.models.services.workspace.workspace import Workspace
from app.views.certificates.forms import CertificateForms, ExportedFile
from app.views.jobs import Jobs
from app.views.saving import Saver
from app.views.theme.tokens import Tone
from app.views.widgets.certificate_dialog import CertificateDialog
from app.views.widgets.confirm import confirm_job, run_job
from app.views.widgets.list_page import ListPage


class CertificateActions:
    """Adds the actions to the page, each for the certificates that it is for."""

    def __init__(
        self,
        workspace: Workspace,
        actor: Actor,
        page: ListPage[Certificate, CertificateQuery],
        jobs: Jobs,
        saver: Saver,
    ) -> None:
        self._workspace = workspace
        self._actor = actor
        self._page = page
        self._jobs = jobs
        self._saver = saver
        self._forms = CertificateForms(workspace, actor, jobs, page)
        add = page.add_row_action
        add(_("Show content…"), "eye", self._read_content)
        add(_("Export…"), "download", self._ask_export)
        add(_("Renew…"), "refresh-cw", self._ask_renew, when=self._renewable)
        add(_("Rekey…"), "key-round", self._ask_rekey, when=self._renewable)
        add(_("Put on hold…"), "pause", self._ask_hold, when=self._can_be_held)
        add(_("Release"), "play", self._release, when=self._can_be_released)
        add(_("Revoke…"), "ban", self._ask_revoke, when=self._revocable)

    def show_content(self, name: str, certificate: bytes) -> None:
        """Show a certificate (DER) whole."""
        CertificateDialog(name, certificate, self._page).open()

    def offer(self, certificate: Certificate) -> None:
        """After a certificate was issued: say so, and offer to save it."""
        text = _("The certificate of {name} is issued.").format(name=certificate.name)
        self._page.banner.show_message(Tone.GOOD, text)
        self._page.renew()
        self._export(certificate, _("Save the new certificate of {name}"))

    def _read_content(self, row: Certificate) -> None:
        self._jobs.run(
            self._page,
            lambda: self._workspace.certificates.get(self._actor, row.id),
            lambda found: self.show_content(found.name, found.der),
            self._page.banner.show_error,
        )

    def _ask_export(self, row: Certificate) -> None:
        self._export(row, _("Export the certificate of {name}"))

    def _export(self, row: Certificate, title: str) -> None:
        def ask_path(file: ExportedFile) -> None:
            self._saver.save(
                self._page,
                _("Save certificate"),
                file.name,
                lambda: file.content,
                done=self._say_saved,
                failed=self._page.banner.show_error,
            )

        with_key = row.key_until is not None and self._may(Operation.SECRET_DOWNLOAD, row)
        form = self._forms.export(row, title.format(name=row.name), with_key=with_key)
        form.saved.connect(ask_path)
        form.open()

    def _say_saved(self, path: Path) -> None:
        self._page.banner.show_message(Tone.GOOD, _("Saved as {path}.").format(path=path))

    def _ask_renew(self, row: Certificate) -> None:
        confirm_job(
            self._page,
            self._jobs,
            _("Renew the certificate of {name}?").format(name=row.name),
            _(
                "A new certificate is issued for the same key and names. The old one stays good"
                " until its end, unless it is revoked."
            ),
            _("Renew"),
            work=lambda: self._workspace.certificate_renewal.renew(self._actor, row.id),
            success=_("The certificate of {name} is renewed.").format(name=row.name),
            done=lambda issued: self.offer(issued.certificate),
        )

    def _ask_rekey(self, row: Certificate) -> None:
        form = self._forms.rekey(row)
        form.saved.connect(self.offer)
        form.open()

    def _ask_hold(self, row: Certificate) -> None:
        hold = RevocationReason.CERTIFICATE_HOLD
        confirm_job(
            self._page,
            self._jobs,
            _("Put the certificate of {name} on hold?").format(name=row.name),
            _("It counts as revoked until it is released again."),
            _("Put on hold"),
            work=lambda: self._workspace.revocation.revoke(self._actor, row.id, hold),
            success=_("The certificate of {name} is on hold.").format(name=row.name),
            done=lambda _none: self._page.renew(),
            destructive=True,
        )

    def _release(self, row: Certificate) -> None:
        run_job(
            self._page,
            self._jobs,
            work=lambda: self._workspace.revocation.release(self._actor, row.id),
            success=_("The certificate of {name} is good again.").format(name=row.name),
            done=lambda _none: self._page.renew(),
        )

    def _ask_revoke(self, row: Certificate) -> None:
        def done(_none: object) -> None:
            text = _("The certificate of {name} is revoked.").format(name=row.name)
            self._page.banner.show_message(Tone.GOOD, text)
            self._page.renew()

        form = self._forms.revoke(row)
        form.saved.connect(done)
        form.open()

    def _renewable(self, row: Certificate) -> bool:
        issued = row.status is CertificateStatus.ISSUED
        return issued and self._may(Operation.CERTIFICATE_ISSUE, row)

    def _can_be_held(self, row: Certificate) -> bool:
        return row.status is CertificateStatus.ISSUED and self._revocable(row)

    def _can_be_released(self, row: Certificate) -> bool:
        return row.status is CertificateStatus.ON_HOLD and self._revocable(row)

    def _revocable(self, row: Certificate) -> bool:
        good = row.status is not CertificateStatus.REVOKED
        return good and self._may(Operation.CERTIFICATE_REVOKE, row)

    def _may(self, operation: Operation, row: Certificate) -> bool:
        try:
            require(self._actor, operation, Scope(row.tenant_id, row.organization_id))
        except AccessDeniedError:
            return False
        return True
