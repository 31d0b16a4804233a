"""Work off the window's thread: services run on worker threads, results come back here."""

import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot
from shiboken6 import isValid

from app.core.errors import AccessDeniedError, KnownError, SessionEndedError
from app.core.language import _

T = TypeVar("T")


class Job(Generic[T]):
    """One piece of work under way."""

    def __init__(
        self,
        owner: QObject,
        done: Callable[[T], None],
        failed: Callable[[KnownError], None],
    ) -> None:
        self.owner = owner
        self.done = done
        self.failed = failed
        self.future: Future[T] | None = None
        self._cancelled = False

    def cancel(self) -> None:
        """Never deliver an outcome; work that has not begun is not begun."""
        self._cancelled = True
        if self.future is not None:
            self.future.cancel()

    @property
    def wanted(self) -> bool:
        """Whether somebody still waits for the outcome."""
        return not self._cancelled and isValid(self.owner)


class Jobs(QObject):
    """Runs work on a few worker threads; made once, on the window's thread.

    The outcome is delivered on the window's thread, and dropped when the job was cancelled,
    its owner (a widget, a model) no longer exists, or `stop` was called.

    Signals: `refused(KnownError)`, an AccessDeniedError or SessionEndedError, whoever asked
    and before they hear of it.
    """

    refused = Signal(object)
    _finished = Signal(object)

    def __init__(self, parent: QObject | None = None, threads: int = 4) -> None:
        super().__init__(parent)
        self._stopped = False
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="job")
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        owner: QObject,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[KnownError], None],
    ) -> Job[T]:
        """Do `work` on a worker thread, then call `done` with its result.

        `failed` gets a known error as it was raised. Any other exception is our bug: it
        goes to `sys.excepthook`, and `failed` gets a known error that says so, so that a
        page never waits for ever. After `stop` nothing is begun: a timer may still fire while
        the window goes down.
        """
        job = Job(owner, done, failed)
        if self._stopped:
            job.cancel()
            return job
        job.future = self._pool.submit(work)
        job.future.add_done_callback(lambda _future: self._announce(job))
        return job

    def stop(self) -> None:
        """Begin no more work and wait for what runs; call it when the window has closed."""
        self._stopped = True
        self._pool.shutdown(cancel_futures=True)

    def _announce(self, job: Job[T]) -> None:
        # On a worker thread: the program may be going down around it.
        if isValid(self):
            self._finished.emit(job)

    @Slot(object)
    def _deliver(self, job: Job[T]) -> None:
        future = job.future
        if self._stopped or future is None or future.cancelled() or not job.wanted:
            return
        error = future.exception()
        if error is None:
            job.done(future.result())
        elif isinstance(error, KnownError):
            if isinstance(error, AccessDeniedError | SessionEndedError):
                self.refused.emit(error)
            job.failed(error)
        else:
            sys.excepthook(type(error), error, error.__traceback__)
            job.failed(_fault())


class Latest:
    """Runs jobs of which only the newest counts, such as the queries of a search box."""

    def __init__(self, jobs: Jobs, owner: QObject) -> None:
        self._jobs = jobs
        self._owner = owner
        self._job: Job[Any] | None = None

    def run(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[KnownError], None],
    ) -> None:
        """As `Jobs.run`; whatever ran before is cancelled."""
        self.cancel()
        self._job = self._jobs.run(self._owner, work, done, failed)

    def cancel(self) -> None:
        """Drop the job under way, if any."""
        if self._job is not None:
            self._job.cancel()
            self._job = None


def _fault() -> KnownError:
    return KnownError(
        _("This could not be done because of a fault in the program."),
        remedy=_("Try again. If it happens again, send the crash report."),
    )
