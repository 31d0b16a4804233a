"""The EST servers page: where devices enrol, how they authenticate, and whether it answers."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from app.core.language import _
from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.domain.device_types import DeviceType
from app.models.domain.est_servers import EstLabel, EstServer, EstServerRow
from app.models.domain.events import EntityChanged
from app.models.services.workspace.workspace import Workspace
from app.views.application_links import ApplicationLinks
from app.views.est_servers.client_files_form import ask_client_files
from app.views.est_servers.columns import est_server_columns
from app.views.est_servers.connection_test import ConnectionTest
from app.views.est_servers.form import Choices, EstServerForm, read_choices
from app.views.est_servers.label_form import label_form
from app.views.est_servers.panel import Acts, DetailsWriter, EstServerDetails, read_details
from app.views.est_servers.words import port_of
from app.views.jobs import Jobs
from app.views.saving import AskPath, Saver, ask_path
from app.views.shell.listener_control import ListenerSwitch
from app.views.theme.tokens import Tone
from app.views.widgets.entity_list_page import EntityListPage, active_badge
from app.views.widgets.history_view import add_object_history
from app.views.widgets.life_cycle import LifeCycle

# What a form begins with: an EST server, and the labels that come along.
Beginning = tuple[EstServer, tuple[EstLabel, ...]]


class EstServersPage(EntityListPage[EstServerRow]):
    """The EST servers within reach; made and changed by administrators (EST-01)."""

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
            _("EST servers"),
            workspace.est_servers,
            actor,
            jobs,
            columns=est_server_columns(
                with_tenant=reach(actor, Operation.EST_SERVER_VIEW) is Reach.ALL
            ),
            icon="server",
            none_yet=_(
                "No EST servers yet. One is where devices get their certificates by themselves. It"
                " needs a device type: make that first."
            ),
            no_match=_("No EST server matches. Change the filter."),
            refresh_on=(EntityChanged,),
            parent=parent,
        )
        self._workspace, self._actor, self._listener = workspace, actor, listener
        self._servers = workspace.est_servers
        self._saver = Saver(jobs, ask)
        self._test = ConnectionTest(workspace.est_servers, actor, listener, self)
        links = ApplicationLinks(workspace.applications, actor, self)
        acts = Acts(self._add_label, self._ask_remove, links.choose_application, links.ask_unlink)
        self._writer = DetailsWriter(self.panel, actor, acts)
        self._add_actions()
        listener.changed.connect(self.read_details_again)  # devices may come to another port now

    def show_row(self, row: EstServerRow) -> None:
        """Show an EST server with its labels, applications and history."""
        workspace, actor = self._workspace, self._actor
        port = port_of(self._listener) or workspace.settings.current.listener_port
        self.show_details(lambda: read_details(workspace, actor, row, port), self._show_server)

    def describe(self, row: EstServerRow) -> None:
        """The name and state of an EST server."""
        self.panel.set_heading(row.name, badge=active_badge(row.active))

    def _show_server(self, details: EstServerDetails) -> None:
        self._fill(details.row)
        self._writer.add(details)
        add_object_history(
            self.panel,
            self.jobs,
            self._workspace.audit,
            self._actor,
            ("est-server", details.row.id),
        )

    def _add_actions(self) -> None:
        may = reach(self._actor, Operation.EST_SERVER_MANAGE) is not Reach.NONE
        self.new_action = self.add_new(
            _("New EST server"), _("Create the first EST server"), self._new, allowed=may
        )
        self._add_row_actions(may=may)
        LifeCycle(
            self,
            self._servers,
            self._actor,
            may=lambda _row: may,
            deactivating=lambda row: _(
                "Whoever enrols here, at {domain}, is turned away until it is activated again."
                " Certificates stay valid."
            ).format(domain=row.server.domain),
            deleting=_deleting,
        )

    def _add_row_actions(self, *, may: bool) -> None:
        """Add what can be done to an EST server; `may` says whether it can be changed."""

        def add(
            text: str,
            icon: str,
            act: Callable[[EstServer], None],
            when: Callable[[EstServer], bool],
        ) -> QAction:
            return self.add_row_action(
                text, icon, lambda row: act(row.server), when=lambda row: when(row.server)
            )

        self.test = add(
            _("Test connection"), "activity", self._test.run, lambda one: may and one.active
        )
        self.edit = add(_("Edit…"), "pencil", self._edit, lambda _one: may)
        add(_("Clone…"), "copy", self._clone, lambda _one: may)
        add(
            _("Client files…"),
            "file-text",
            partial(ask_client_files, self, self._workspace, self._actor, self.jobs),
            lambda one: one.active,
        )
        add(
            _("Save root certificates…"),
            "download",
            self._save_roots,
            lambda one: one.active,
        )

    def _new(self) -> None:
        empty = EstServer(0, "", "", tenant_id=0, organization_id=0, device_type_id=0)
        self._open_form(lambda: (empty, ()))

    def _edit(self, server: EstServer) -> None:
        servers, actor = self._servers, self._actor
        self._open_form(lambda: (servers.get(actor, server.id), ()))

    def _clone(self, server: EstServer) -> None:
        servers, actor = self._servers, self._actor

        def copy() -> Beginning:
            copied = servers.get(actor, server.id)
            name = _("Copy of {name}").format(name=copied.name)
            labels = tuple(row.label for row in servers.labels(actor, server.id))
            return replace(copied, id=0, name=name, organization_id=0, active=True), labels

        self._open_form(copy)

    def _open_form(self, beginning: Callable[[], Beginning]) -> None:
        def read() -> tuple[Beginning, Choices]:
            return beginning(), read_choices(self._workspace, self._actor)

        def show(found: tuple[Beginning, Choices]) -> None:
            (server, labels), choices = found
            if not server.domain:
                server = replace(server, domain=choices.new_domain)
            form = EstServerForm(
                self._workspace, self._actor, choices, server, labels, jobs=self.jobs, parent=self
            )
            form.saved.connect(self._tell_saved)
            form.open()

        self.jobs.run(self, read, show, self.banner.show_error)

    def _tell_saved(self, server: EstServer) -> None:
        self.tell(_("{name} is saved.").format(name=server.name))
        if server.active and not self._listener.address:
            self.banner.show_message(
                Tone.GOOD,
                _("{name} is saved.").format(name=server.name),
                _(
                    "Devices reach it once the EST listener runs. Select it and press “Test"
                    " connection”: that starts the listener, too."
                )
                if self._test.may_start
                else _("Devices reach it once an administrator has started the EST listener."),
            )

    def _add_label(self, server: EstServer) -> None:
        workspace, actor = self._workspace, self._actor

        def show(types: tuple[DeviceType, ...]) -> None:
            form = label_form(self._servers, actor, server, types, jobs=self.jobs, parent=self)
            form.saved.connect(
                lambda label: self.tell(_("The label {name} was added.").format(name=label.name))
            )
            form.open()

        self.jobs.run(
            self,
            lambda: workspace.device_types.offered(actor, server.tenant_id, server.organization_id),
            show,
            self.banner.show_error,
        )

    def _ask_remove(self, server: EstServer, label: EstLabel) -> None:
        self.ask(
            _("Remove the label {name}?").format(name=label.name),
            _("Devices that come by this label are turned away from then on."),
            _("Remove"),
            lambda: self._servers.remove_label(self._actor, server.id, label.id),
            _("The label {name} was removed.").format(name=label.name),
        )

    def _save_roots(self, _server: EstServer) -> None:
        def done(path: Path) -> None:
            self.banner.show_message(Tone.GOOD, _("Saved as {path}.").format(path=path))

        self._saver.save(
            self,
            _("Save root certificates"),
            "ca.pem",
            self._workspace.est_endpoints.trust_anchors,
            done=done,
            failed=self.banner.show_error,
        )


def _deleting(row: EstServerRow) -> str:
    """What deleting leads to."""
    if row.labels:
        return _("Its labels go with it. Devices and their certificates stay.")
    return _("Devices and their certificates stay.")
