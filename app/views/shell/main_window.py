"""The window of the program: signing in first, the desk of the person after that."""

import logging
from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QStackedWidget

from app.core.errors import KnownError
from app.models.domain.access import Actor
from app.models.services.workspace import Workspace
from app.views.event_bridge import EventBridge
from app.views.jobs import Jobs
from app.views.shell.desk import Desk
from app.views.shell.idle import IdleWatch
from app.views.shell.listener_control import ListenerControl, ListenerSwitch
from app.views.shell.page_entry import PageEntry
from app.views.signin.signin_page import SignInPage
from app.views.theme.fonts import scaled

_SWEEP_MS = 60_000

log = logging.getLogger(__name__)


class MainWindow(QMainWindow):
    """Shows either the sign-in page or the desk, never both.

    A desk is kept while its person is away, with its open dialogs, and dropped when somebody
    else signs in.
    """

    def __init__(
        self,
        workspace: Workspace,
        listener: ListenerControl,
        entries: Sequence[PageEntry],
        jobs: Jobs,
        demo_hint: str = "",
    ) -> None:
        super().__init__()
        self._workspace = workspace
        self._entries = entries
        self._jobs = jobs
        self._hidden: list[QDialog] = []
        self._autostart = workspace.settings.current.listener_starts
        self.desk: Desk | None = None
        self.events = EventBridge(workspace.store.events, self)
        self.listener = ListenerSwitch(listener, workspace.settings, jobs, self)
        self.sign_in = SignInPage(workspace, jobs, demo_hint)
        self.sign_in.signed_in.connect(self._enter)
        self.sign_in.unlocked.connect(self._start_listener)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.sign_in)
        self.setCentralWidget(self._stack)
        self._idle = IdleWatch(
            cast("QApplication", QApplication.instance()),
            lambda: workspace.settings.current.lock_after_minutes,
            self,
        )
        self._idle.idle.connect(self._lock_idle)
        self.setWindowTitle(workspace.folder.name)  # Qt adds the name of the program
        self.setMinimumSize(scaled(960), scaled(600))
        self.resize(scaled(1280), scaled(800))
        self.sign_in.ask()
        self._start_listener()
        sweeping = QTimer(self, interval=_SWEEP_MS)
        sweeping.timeout.connect(self._sweep)
        sweeping.start()
        QTimer.singleShot(0, self, self._sweep)

    def lock(self, *, keys: bool = True) -> None:
        """Hide everything until somebody signs in; forget the keys too unless told not to."""
        if keys:
            self._workspace.lock()
        self._idle.stop()
        self._hidden = [dialog for dialog in self.findChildren(QDialog) if dialog.isVisible()]
        for dialog in self._hidden:
            dialog.hide()
        self._stack.setCurrentWidget(self.sign_in)
        self.sign_in.ask(self.desk.actor.name if self.desk else "")

    def _enter(self, actor: Actor) -> None:
        if self.desk is not None and self.desk.actor != actor:
            self._stack.removeWidget(self.desk)
            self.desk.deleteLater()
            self.desk = None
            self._hidden = []
        if self.desk is None:
            self.desk = self._make_desk(actor)
        self._stack.setCurrentWidget(self.desk)
        self.desk.station.look()
        self.desk.navigation.setFocus()
        for dialog in self._hidden:
            dialog.open()
        self._hidden = []
        self._idle.start()
        self._start_listener()

    def _make_desk(self, actor: Actor) -> Desk:
        desk = Desk(
            self._workspace,
            actor,
            self._jobs,
            events=self.events,
            listener=self.listener,
            entries=self._entries,
        )
        desk.lock_requested.connect(self.lock)
        desk.switch_requested.connect(lambda: self.lock(keys=False))
        self._stack.addWidget(desk)
        return desk

    def _lock_idle(self) -> None:
        # A running listener goes on serving devices, which takes the keys.
        self.lock(keys=not self.listener.running)

    def _sweep(self) -> None:
        """Look after the workspace, whoever is signed in or nobody."""
        self._jobs.run(self, self._workspace.upkeep, lambda _nothing: None, _note_failed_sweep)

    def _start_listener(self) -> None:
        """Start the listener by itself, once, as soon as the keys are open."""
        if self._autostart and not self._workspace.locked:
            self._autostart = False
            self.listener.start()


def _note_failed_sweep(error: KnownError) -> None:
    # Whoever is at the window cannot do anything about it; the next minute tries again.
    log.warning("The workspace could not be looked after: %s", error.text())
