"""The window of the program: signing in first, the desk of the person after that."""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import cast

from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.errors import KnownError, SessionEndedError
from app.models.domain.access import SYSTEM, Actor
from app.models.services.workspace.workspace import Workspace
from app.views.event_bridge import EventBridge
from app.views.jobs import Jobs
from app.views.language import speak
from app.views.shell.desk import Desk
from app.views.shell.idle import IdleWatch
from app.views.shell.listener_control import ListenerControl, ListenerSwitch
from app.views.shell.page_entry import PageEntry
from app.views.shell.session_watch import SessionWatch
from app.views.shell.station_bar import StationBar
from app.views.signin.signin_page import SignInPage
from app.views.theme.fonts import scaled
from app.views.widgets.window_size import resize_on_screen

_SWEEP_MS = 60_000

log = logging.getLogger(__name__)


class MainWindow(QMainWindow):
    """Shows either the sign-in page or the desk, never both, over the station bar.

    A desk is kept while its person is away, with its open dialogs and their session, and
    dropped when they sign out, or when somebody else signs in or the session was ended. The
    sign-in page speaks the language of the station, a desk that of its person; `entries` is
    asked for the pages in the language spoken then.
    """

    def __init__(
        self,
        workspace: Workspace,
        listener: ListenerControl,
        entries: Callable[[], Sequence[PageEntry]],
        jobs: Jobs,
        demo_hint: str = "",
    ) -> None:
        super().__init__()
        self._workspace = workspace
        self._entries = entries
        self._jobs = jobs
        self._hidden: list[QDialog] = []
        self._autostart = workspace.settings.current.listener_starts
        self._language = self._spoken = workspace.settings.current.language
        self.desk: Desk | None = None
        self.events = EventBridge(workspace.store.events, self)
        self.listener = ListenerSwitch(listener, workspace.settings, jobs, self)
        self.station = StationBar(workspace, jobs, self.events, self.listener)
        self.sign_in = SignInPage(workspace, jobs, demo_hint)
        self.sign_in.signed_in.connect(self._enter)
        self.sign_in.unlocked.connect(self._start_listener)
        self._stack = QStackedWidget(self)
        self._lay_out()
        self._idle = IdleWatch(
            cast("QApplication", QApplication.instance()),
            lambda: workspace.settings.current.lock_after_minutes,
            self,
        )
        self._idle.idle.connect(self._lock_idle)
        self._session = SessionWatch(workspace, jobs, self)
        self._session.ended.connect(self._session_ended)
        self.sign_in.ask()
        self._start_listener()
        sweeping = QTimer(self, interval=_SWEEP_MS)
        sweeping.timeout.connect(self._sweep)
        sweeping.start()
        QTimer.singleShot(0, self, self._sweep)

    def lock(self, *, keys: bool = True) -> None:
        """Hide everything until somebody signs in; forget the keys too unless told not to."""
        if keys:
            self._lock_keys(self.desk.actor if self.desk else SYSTEM)
        self._leave(self.desk.actor.name if self.desk else "")

    def sign_out(self) -> None:
        """End the session of the person, and leave nothing of theirs."""
        self._end_desk()
        self._leave()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Sign out, at once: there is nobody left to wait for a job."""
        if self.desk is not None:
            self._end_session(self.desk.actor)
        super().closeEvent(event)

    def _leave(self, name: str = "", reason: KnownError | None = None) -> None:
        """Show the sign-in page in place of the desk, which may be kept."""
        self._idle.stop()
        self._session.watch(None)
        self._hidden = [dialog for dialog in self.findChildren(QDialog) if dialog.isVisible()]
        for dialog in self._hidden:
            dialog.hide()
        self._speak(self._language)
        self._stack.setCurrentWidget(self.sign_in)
        former = self.desk.actor if self.desk else None
        self.sign_in.ask(name, former=former, reason=reason)

    def _enter(self, actor: Actor) -> None:
        page_id = ""
        if self.desk is not None and self.desk.actor != actor:
            if self.desk.actor.user_id == actor.user_id:
                page_id = self.desk.page_id
            self._end_desk()
        self._speak(self.sign_in.language or self._language)
        desk = self.desk or self._make_desk(actor, page_id)
        self._stack.setCurrentWidget(desk)
        self.station.look()
        desk.navigation.setFocus()
        for dialog in self._hidden:
            dialog.open()
        self._hidden = []
        self._idle.start()
        self._session.watch(actor)
        self._start_listener()

    def _make_desk(self, actor: Actor, page_id: str) -> Desk:
        desk = Desk(
            self._workspace,
            actor,
            self._jobs,
            events=self.events,
            listener=self.listener,
            entries=self._entries(),
            page_id=page_id,
        )
        desk.lock_requested.connect(self.lock)
        desk.switch_requested.connect(self._leave)
        desk.sign_out_requested.connect(self.sign_out)
        desk.language_chosen.connect(self._change_language)
        self._stack.addWidget(desk)
        self.desk = desk
        return desk

    def _end_desk(self) -> None:
        """Drop the desk, with its dialogs, and end the session of its person."""
        if self.desk is None:
            return
        actor = self.desk.actor
        self._drop_desk()
        self._jobs.run(self, lambda: self._end_session(actor), lambda _nothing: None, _note)

    def _drop_desk(self) -> None:
        if self.desk is not None:
            self._stack.removeWidget(self.desk)
            self.desk.deleteLater()
            self.desk = None
            self._hidden = []

    def _end_session(self, actor: Actor) -> None:
        if actor.session_id is not None:
            with suppress(SessionEndedError):
                self._workspace.sessions.end(actor)

    def _session_ended(self, error: KnownError) -> None:
        self._leave(self.desk.actor.name if self.desk else "", error)

    def _change_language(self, language: str) -> None:
        """Make the desk anew in a language, empty for the station's, where it was."""
        desk = self.desk
        if desk is not None:
            self._drop_desk()
            self.sign_in.language = language
            self._speak(language or self._language)
            self._stack.setCurrentWidget(self._make_desk(desk.actor, desk.page_id))

    def _speak(self, language: str) -> None:
        if language != self._spoken:
            speak(cast("QApplication", QApplication.instance()), language)
            self._spoken = language
            self.station.look()

    def _lock_idle(self) -> None:
        # A running listener goes on serving devices, which takes the keys.
        if not self.listener.running:
            self._lock_keys(SYSTEM)
        self.lock(keys=False)

    def _lock_keys(self, actor: Actor) -> None:
        """Forget the keys, at once, and then record who did."""
        if not self._workspace.locked:
            self._workspace.lock()
            record = self._workspace.audit.record_lock
            self._jobs.run(self, lambda: record(actor), lambda _nothing: None, _note)

    def _sweep(self) -> None:
        """Look after the workspace, whoever is signed in or nobody."""
        self._jobs.run(self, self._workspace.upkeep, lambda _nothing: None, _note)

    def _start_listener(self) -> None:
        """Start the listener by itself, once, as soon as the keys are open."""
        if self._autostart and not self._workspace.locked:
            self._autostart = False
            self.listener.start()

    def _lay_out(self) -> None:
        self._stack.addWidget(self.sign_in)
        whole = QWidget(self)
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._stack, 1)
        column.addWidget(self.station)
        self.setCentralWidget(whole)
        self.setWindowTitle(self._workspace.folder.name)  # Qt adds the name of the program
        self.setMinimumSize(scaled(960), scaled(600))
        resize_on_screen(self, 1280, 800)


def _note(error: KnownError) -> None:
    # Whoever is at the window cannot do anything about it; the next minute tries again.
    log.warning("The workspace could not be looked after: %s", error.text())
