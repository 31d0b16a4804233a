"""The External CAs page: manufacturers' CAs, and whether their devices are let in."""

from collections.abc import Callable

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from app.core.language import _
from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.domain.events import EntityChanged
from app.models.domain.external_cas import Challenge, ExternalCa, ExternalCaRow
from app.models.domain.naming import MAX_NAME_LENGTH
from app.models.services.workspace.workspace import Workspace
from app.views.external_cas.columns import external_ca_columns
from app.views.external_cas.form import open_register_form
from app.views.external_cas.panel import ExternalCaDetails, add_details, read_details
from app.views.external_cas.verify_form import VerifyForm
from app.views.jobs import Jobs
from app.views.saving import AskPath, ask_path
from app.views.widgets.certificate_dialog import CertificateDialog
from app.views.widgets.entity_list_page import EntityListPage, active_badge
from app.views.widgets.field import TextField
from app.views.widgets.form_dialog import FormDialog
from app.views.widgets.history_view import add_object_history
from app.views.widgets.life_cycle import LifeCycle


class ExternalCasPage(EntityListPage[ExternalCaRow]):
    """The external CAs within reach; registered and verified by administrators."""

    def __init__(
        self,
        workspace: Workspace,
        actor: Actor,
        jobs: Jobs,
        *,
        ask: AskPath = ask_path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            _("External CAs"),
            workspace.external_cas,
            actor,
            jobs,
            columns=external_ca_columns(
                workspace.store.clock,
                with_tenant=reach(actor, Operation.EXTERNAL_CA_VIEW) is Reach.ALL,
            ),
            icon="shield-check",
            none_yet=_(
                "No external CAs yet. One is the CA of a manufacturer whose devices come with a"
                " factory certificate."
            ),
            no_match=_("No external CA matches. Change the filter."),
            refresh_on=(EntityChanged,),
            parent=parent,
        )
        self._workspace, self._actor, self._ask_path = workspace, actor, ask
        self._cas, self._proof = workspace.external_cas, workspace.external_ca_proof
        self._add_actions()

    def show_row(self, row: ExternalCaRow) -> None:
        """Show an external CA with the device types that use it."""
        workspace, actor = self._workspace, self._actor
        self.show_details(lambda: read_details(workspace, actor, row), self._show_ca)

    def describe(self, row: ExternalCaRow) -> None:
        """The name and state of an external CA."""
        self.panel.set_heading(row.name, badge=active_badge(row.active))

    def _show_ca(self, details: ExternalCaDetails) -> None:
        self._fill(details.row)
        add_details(self.panel, details, self._workspace.store.clock.now())
        add_object_history(
            self.panel,
            self.jobs,
            self._workspace.audit,
            self._actor,
            ("external-ca", details.row.id),
        )

    def _add_actions(self) -> None:
        may = reach(self._actor, Operation.EXTERNAL_CA_MANAGE) is not Reach.NONE
        self.new_action = self.add_new(
            _("Register external CA"), _("Register the first external CA"), self._new, allowed=may
        )

        def add(
            text: str,
            icon: str,
            act: Callable[[ExternalCa], None],
            when: Callable[[ExternalCa], bool],
        ) -> QAction:
            return self.add_row_action(
                text, icon, lambda row: act(row.ca), when=lambda row: when(row.ca)
            )

        def open_(ca: ExternalCa) -> bool:
            return may and ca.active and not ca.verified

        self.verify = add(_("Verify…"), "shield-check", self._verify, open_)
        add(_("Verify without proof…"), "triangle-alert", self._ask_override, open_)
        add(_("Show certificate…"), "file-badge", self._show_certificate, lambda _ca: True)
        add(_("Rename…"), "pencil", self._rename, lambda _ca: may)
        LifeCycle(
            self,
            self._cas,
            self._actor,
            may=lambda _row: may,
            deactivating=lambda _row: _(
                "Devices with a certificate of this CA are turned away from the next request on,"
                " until it is activated again."
            ),
            deleting=lambda _row: _("It is only deleted if no device type or device needs it."),
        )

    def _new(self) -> None:
        def saved(ca: ExternalCa) -> None:
            text = _("{name} is registered and verified.")
            if not ca.verified:
                text = _("{name} is registered. It counts once it is verified.")
            self.tell(text.format(name=ca.name))

        open_register_form(
            self._workspace, self._actor, self.jobs, self, saved, self.banner.show_error
        )

    def _verify(self, ca: ExternalCa) -> None:
        def show(challenge: Challenge) -> None:
            form = VerifyForm(
                self._proof,
                self._actor,
                ca,
                challenge,
                jobs=self.jobs,
                ask=self._ask_path,
                parent=self,
            )
            form.saved.connect(lambda _none: self.tell(_verified(ca)))
            form.open()

        proof, actor = self._proof, self._actor
        self.jobs.run(
            self,
            # the code that was sent out stays good when the form is opened for the answer
            lambda: proof.open_challenge(actor, ca.id) or proof.new_challenge(actor, ca.id),
            show,
            self.banner.show_error,
        )

    def _ask_override(self, ca: ExternalCa) -> None:
        self.ask(
            _("Verify {name} without proof?").format(name=ca.name),
            _(
                "From then on devices with a certificate of this CA are let in, though nobody has"
                " shown to have its key. The audit log says that you vouched for it. It cannot be"
                " taken back, but the CA can be deactivated."
            ),
            _("Verify without proof"),
            lambda: self._proof.verify_by_override(self._actor, ca.id),
            _verified(ca),
        )

    def _show_certificate(self, ca: ExternalCa) -> None:
        CertificateDialog(ca.name, ca.certificate, self).open()

    def _rename(self, ca: ExternalCa) -> None:
        cas, actor = self._cas, self._actor
        form = FormDialog(
            _("Rename {name}").format(name=ca.name),
            self.jobs,
            lambda values: cas.rename(actor, ca.id, values["name"]),
            self,
        )
        name = form.add(TextField(_("Name"), required=True, max_length=MAX_NAME_LENGTH), "name")
        name.set_value(ca.name)
        form.saved.connect(lambda _none: self.tell(_("{name} was renamed.").format(name=ca.name)))
        form.open()


def _verified(ca: ExternalCa) -> str:
    return _("{name} is verified.").format(name=ca.name)
