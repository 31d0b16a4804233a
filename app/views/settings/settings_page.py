"""The settings page: appearance for everybody, the rest for those who run the station."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.core.language import _
from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.services.listing import ListQuery
from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs
from app.views.settings.appearance import AppearanceCard
from app.views.settings.listener import ListenerCard
from app.views.settings.publication import PublicationCard
from app.views.settings.security import LockCard, PassphraseCard
from app.views.settings.setup import SetupCard, sees_setup
from app.views.shell.listener_control import ListenerSwitch
from app.views.theme.fonts import scaled
from app.views.widgets.page import Page


class SettingsPage(Page):
    """Each setting counts as soon as it is changed; there is nothing to save.

    Signals: `est_servers_requested()` when there is no EST server yet, and one is to be made.
    """

    est_servers_requested = Signal()

    def __init__(
        self, workspace: Workspace, actor: Actor, jobs: Jobs, listener: ListenerSwitch
    ) -> None:
        super().__init__(_("Settings"))
        self._workspace, self._actor, self._jobs = workspace, actor, jobs
        self._sees_listener = reach(actor, Operation.SETTINGS_CHANGE) is not Reach.NONE
        self.appearance = AppearanceCard(workspace.settings)
        left: list[QWidget] = [self.appearance]
        right: list[QWidget] = []
        if self._sees_listener:
            settings = workspace.station_settings
            self.listener = ListenerCard(settings, actor, jobs, listener)
            self.listener.make_server.clicked.connect(self.est_servers_requested)
            self.publication = PublicationCard(settings, actor, jobs, listener)
            self.locking = LockCard(settings, actor, jobs)
            self.passphrase = PassphraseCard(settings, actor, jobs)
            left.append(self.listener)
            right += [self.publication, self.locking, self.passphrase]
        if sees_setup(actor):
            self.setup = SetupCard(workspace, actor, jobs)
            left.append(self.setup)
        content = QWidget()
        content.setProperty("role", "plain")
        columns = QHBoxLayout(content)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(scaled(16))
        columns.addLayout(_column(left), 1)
        columns.addLayout(_column(right), 1)
        content.setMaximumWidth(scaled(1040))
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(content)
        self.body.addWidget(area)

    def showEvent(self, event: QShowEvent) -> None:
        """Show what a command may have changed meanwhile."""
        super().showEvent(event)
        self.appearance.look()
        if self._sees_listener:
            self._count_est_servers()

    def _count_est_servers(self) -> None:
        servers, actor = self._workspace.est_servers, self._actor
        self._jobs.run(
            self,
            lambda: servers.count(actor, ListQuery()),
            lambda count: self.listener.make_server.setVisible(count == 0),
            self.banner.show_error,
        )


def _column(cards: list[QWidget]) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(scaled(16))
    for card in cards:
        column.addWidget(card)
    column.addStretch(1)
    return column
