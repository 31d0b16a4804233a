"""Notices when the session of the person at the window is over, and records refusals."""

import logging
from functools import partial
from traceback import walk_tb

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.errors import AccessDeniedError, KnownError, SessionEndedError
from app.models.domain.access import Actor
from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs

_LOOK_MS = 60_000
_SERVICES = "app.models.services."

log = logging.getLogger(__name__)


class SessionWatch(QObject):
    """Hears of every refusal, whichever page asked, and looks each minute anyway.

    Signals: `ended(KnownError)` with what says that the session is over.
    """

    ended = Signal(object)

    def __init__(self, workspace: Workspace, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._jobs = jobs
        self._actor: Actor | None = None
        jobs.refused.connect(self._hear)
        timer = QTimer(self, interval=_LOOK_MS)
        timer.timeout.connect(self.look)
        timer.start()

    def watch(self, actor: Actor | None) -> None:
        """From now on this person is at the window; None is nobody."""
        self._actor = actor

    def look(self) -> None:
        """See whether the session still lasts."""
        actor, users = self._actor, self._workspace.users
        if actor is None or actor.session_id is None:
            return

        def over() -> KnownError | None:
            try:
                users.me(actor)
            except SessionEndedError as error:
                return error
            return None

        self._jobs.run(self, over, partial(self._tell, actor), _note)

    def _tell(self, actor: Actor, error: KnownError | None) -> None:
        if error is not None and actor == self._actor:
            self.ended.emit(error)

    def _hear(self, error: KnownError) -> None:
        actor, audit = self._actor, self._workspace.audit
        if isinstance(error, SessionEndedError):
            self.look()  # it may have been the session of somebody who was here before
        elif actor is not None and isinstance(error, AccessDeniedError):
            denied, what = error, attempted(error)
            self._jobs.run(
                self, lambda: audit.record_denial(actor, denied, what), lambda _nothing: None, _note
            )


def attempted(error: BaseException) -> str:
    """What was called in the services, such as `Users.create`; empty when nothing was."""
    for frame, _line in walk_tb(error.__traceback__):
        if frame.f_globals.get("__name__", "").startswith(_SERVICES):
            return frame.f_code.co_qualname
    return ""


def _note(error: KnownError) -> None:
    # Nobody at the window asked for this.
    log.warning("%s", error.text())
