"""The API applications page: machine clients, their keys, certificates and EST servers."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.core.language import _
from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.domain.applications import ApiApplication, ApplicationRow
from app.models.domain.certificates import Certificate
from app.models.domain.events import CertificateIssued, CertificateRevoked, EntityChanged
from app.models.domain.templates import Template
from app.models.services.workspace.workspace import Workspace
from app.views.application_links import ApplicationLinks
from app.views.applications.certificate_form import CertificateForm
from app.views.applications.columns import application_columns
from app.views.applications.details import ApplicationDetails, read_details, usable_templates
from app.views.applications.forms import ApplicationForms, Owners, read_owners
from app.views.applications.key_dialog import KeyDialog, NewKey
from app.views.applications.panel import Acts, DetailsWriter
from app.views.applications.rest_section import rest_api_at
from app.views.jobs import Jobs
from app.views.saving import AskPath, Saver, ask_path
from app.views.shell.listener_control import ListenerSwitch
from app.views.theme.tokens import Tone
from app.views.widgets.entity_list_page import EntityListPage, active_badge
from app.views.widgets.history_view import add_object_history
from app.views.widgets.life_cycle import LifeCycle


class ApplicationsPage(EntityListPage[ApplicationRow]):
    """The API applications within reach; made and changed by administrators, in their part."""

    def __init__(
        self,
        workspace: Workspace,
        actor: Actor,
        jobs: Jobs,
        listener: ListenerSwitch,
        *,
        ask: AskPath = ask_path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            _("API applications"),
            workspace.applications,
            actor,
            jobs,
            columns=application_columns(
                workspace.store.clock,
                with_tenant=reach(actor, Operation.APPLICATION_VIEW) is Reach.ALL,
            ),
            icon="key-round",
            none_yet=_(
                "No API applications yet. One is a program, such as a factory's line control, that"
                " enrols devices or asks for certificates."
            ),
            no_match=_("No API application matches. Change the filter."),
            refresh_on=(EntityChanged, CertificateIssued, CertificateRevoked),
            parent=parent,
        )
        self._workspace = workspace
        self._actor = actor
        self._listener = listener
        self._ask_path = ask
        self._saver = Saver(jobs, ask)
        self._forms = ApplicationForms(workspace, actor, jobs, self)
        links = ApplicationLinks(workspace.applications, actor, self)
        acts = Acts(self._save_pfx, self._save_pem, links.choose_server, links.ask_unlink)
        self._writer = DetailsWriter(self.panel, actor, workspace.store.clock, acts)
        self._add_actions()
        listener.changed.connect(self.read_details_again)  # it may have another address now

    def show_row(self, row: ApplicationRow) -> None:
        """Show what an application has: certificates, EST servers, history."""
        workspace, actor = self._workspace, self._actor
        rest_api = rest_api_at(self._listener, workspace.settings.current)
        self.show_details(
            lambda: read_details(workspace, actor, row, rest_api), self._show_application
        )

    def describe(self, row: ApplicationRow) -> None:
        """The name and state of an application."""
        self.panel.set_heading(row.name, badge=active_badge(row.active))

    def _show_application(self, details: ApplicationDetails) -> None:
        self._fill(details.row)
        self._writer.add(details)
        add_object_history(
            self.panel,
            self.jobs,
            self._workspace.audit,
            self._actor,
            ("application", details.row.id),
        )

    def _add_actions(self) -> None:
        manage = reach(self._actor, Operation.APPLICATION_MANAGE) is not Reach.NONE
        issue = reach(self._actor, Operation.CERTIFICATE_ISSUE) is not Reach.NONE
        self.new_action = self.add_new(
            _("New API application"),
            _("Create the first API application"),
            self._new,
            allowed=manage,
        )

        def add(
            text: str,
            icon: str,
            act: Callable[[ApiApplication], None],
            when: Callable[[ApiApplication], bool],
        ) -> None:
            self.add_row_action(
                text, icon, lambda row: act(row.application), when=lambda row: when(row.application)
            )

        add(_("Edit…"), "pencil", self._edit, lambda _one: manage)
        add(_("Rotate key…"), "key-round", self._rotate, lambda one: manage and one.active)
        add(_("Issue certificate…"), "file-badge", self._issue, lambda one: issue and one.active)
        LifeCycle(
            self,
            self._workspace.applications,
            self._actor,
            may=lambda _row: manage,
            deactivating=lambda _row: _(
                "The REST API and the EST servers turn it away until it is activated again. Its"
                " certificates stay valid."
            ),
            deleting=lambda _row: _("It is only deleted if it never had a certificate."),
        )

    def _new(self) -> None:
        def ask(owners: Owners) -> None:
            form = self._forms.new_application(owners)
            form.saved.connect(lambda key: self._show_key(key, _("{name} was created.")))
            form.open()

        workspace, actor = self._workspace, self._actor
        self.jobs.run(self, lambda: read_owners(workspace, actor), ask, self.banner.show_error)

    def _edit(self, application: ApiApplication) -> None:
        form = self._forms.edit(application)
        form.saved.connect(lambda _none: self._tell(_("{name} was changed."), application.name))
        form.open()

    def _rotate(self, application: ApiApplication) -> None:
        form = self._forms.rotate_key(application)
        form.saved.connect(lambda key: self._show_key(key, _("{name} has a new AppKey.")))
        form.open()

    def _show_key(self, key: NewKey, text: str) -> None:
        self._tell(text, key.name)
        KeyDialog(key, self.jobs, self._ask_path, self).open()

    def _issue(self, application: ApiApplication) -> None:
        workspace, actor = self._workspace, self._actor

        def ask(templates: tuple[Template, ...]) -> None:
            if not templates:
                self.banner.show_message(
                    Tone.WARNING,
                    _("There is no template for certificates of {name}.").format(
                        name=application.name
                    ),
                    _("Make an active template for applications that is offered to its tenant."),
                )
                return
            form = CertificateForm(
                workspace,
                actor,
                application=application,
                templates=templates,
                jobs=self.jobs,
                parent=self,
            )
            form.saved.connect(self._save_issued)
            form.open()

        self.jobs.run(
            self,
            lambda: usable_templates(workspace, actor, application),
            ask,
            self.banner.show_error,
        )

    def _save_issued(self, certificate: Certificate) -> None:
        self._tell(_("A certificate was issued to {name}."), certificate.name)
        if certificate.key_until is not None:
            self._save_pfx(certificate)

    def _save_pfx(self, certificate: Certificate) -> None:
        self._save(
            _("Save certificate with private key"),
            f"{certificate.name}.pfx",
            lambda: self._workspace.certificates.download_pfx(self._actor, certificate.id),
        )

    def _save_pem(self, certificate: Certificate) -> None:
        self._save(
            _("Save certificate"),
            f"{certificate.name}.pem",
            lambda: self._workspace.certificates.pem(self._actor, certificate.id, chain=True),
        )

    def _save(self, title: str, name: str, content: Callable[[], bytes]) -> None:
        def done(path: Path) -> None:
            self.banner.show_message(Tone.GOOD, _("Saved as {path}.").format(path=path))

        self._saver.save(self, title, name, content, done=done, failed=self.banner.show_error)

    def _tell(self, text: str, name: str) -> None:
        self.tell(text.format(name=name))
