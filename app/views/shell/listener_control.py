"""Starting and stopping the EST listener from the window, off the window's thread."""

from typing import Protocol

from PySide6.QtCore import QObject, Signal

from app.config.settings import SettingsFile
from app.core.errors import KnownError
from app.views.jobs import Jobs


class ConnectionReport(Protocol):
    """What a test of an EST server found."""

    @property
    def tls(self) -> str:
        """The version of TLS."""

    @property
    def certificates(self) -> int:
        """How many certificates /cacerts handed out."""

    @property
    def milliseconds(self) -> int:
        """How long it took, from the first byte to the last."""


class ListenerControl(Protocol):
    """The listener as the window sees it; its methods may wait for the network."""

    @property
    def running(self) -> bool:
        """Whether devices can connect, or revocation lists can be had without them."""

    @property
    def address(self) -> str:
        """Where devices connect, such as `0.0.0.0:8443`; empty while they cannot."""

    @property
    def publication_address(self) -> str:
        """Where revocation lists and OCSP answers are found, empty while they are not."""

    @property
    def publication_problem(self) -> KnownError | None:
        """Why they are not found though they should be."""

    def start(self, host: str, port: int) -> None:
        """Listen there, and publish; raises `KnownError` when that is not possible."""

    def stop(self) -> None:
        """Stop listening."""

    def test(self, domain: str, label: str = "") -> ConnectionReport:
        """Connect as a device would; raises `KnownError` that says why it did not go well."""
        raise NotImplementedError


class ListenerSwitch(QObject):
    """The one switch of the listener, used by commands, the settings page and the station bar.

    Signals: `changed()` when it began to start or stop, and when it is done;
    `failed(KnownError)` when it could not, or could not publish revocation lists beside it.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(
        self, listener: ListenerControl, settings: SettingsFile, jobs: Jobs, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._listener = listener
        self._settings = settings
        self._jobs = jobs
        self._busy = False

    @property
    def running(self) -> bool:
        """Whether devices can connect, or revocation lists can be had without them."""
        return self._listener.running

    @property
    def address(self) -> str:
        """Where devices connect; empty while the listener does not run."""
        return self._listener.address if self._listener.running else ""

    @property
    def publication_address(self) -> str:
        """Where revocation lists and OCSP answers are found, empty while they are not."""
        return self._listener.publication_address

    @property
    def publication_problem(self) -> KnownError | None:
        """Why they are not found though they should be."""
        return self._listener.publication_problem

    @property
    def busy(self) -> bool:
        """Whether it is starting or stopping."""
        return self._busy

    def start(self) -> None:
        """Listen at the address of the settings, also when it only publishes as yet."""
        settings, listener = self._settings.current, self._listener

        def work() -> None:
            listener.stop()
            listener.start(settings.listener_host, settings.listener_port)

        if self._begin(needed=not self.address):
            self._jobs.run(self, work, self._started, self._fail)

    def stop(self) -> None:
        """Stop listening."""
        if self._begin(needed=self.running):
            self._jobs.run(self, self._listener.stop, self._done, self._fail)

    def test(self, domain: str, label: str = "") -> ConnectionReport:
        """As `ListenerControl.test`; on a worker thread."""
        return self._listener.test(domain, label)

    def _begin(self, *, needed: bool) -> bool:
        """Whether there is something to do and nothing under way."""
        if self._busy or not needed:
            return False
        self._busy = True
        self.changed.emit()
        return True

    def _started(self, _nothing: None) -> None:
        self._done(None)
        if self.publication_problem is not None:
            self.failed.emit(self.publication_problem)

    def _done(self, _nothing: None) -> None:
        self._busy = False
        self.changed.emit()

    def _fail(self, error: KnownError) -> None:
        self._done(None)
        self.failed.emit(error)
