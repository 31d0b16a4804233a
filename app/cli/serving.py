"""The listeners of a workspace, and `birthmark est`, which runs them without a window."""

import logging
import signal
import socket
import sys
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from threading import Event
from types import FrameType

from app.api.publication import PublicationService
from app.api.rest import RestService
from app.config.logs import logging_to
from app.core.clock import Clock, SystemClock
from app.core.errors import ConflictError, InvalidInputError, KnownError
from app.core.language import _
from app.est.service import EstService
from app.listener.listener import EstListener, Listener
from app.listener.probe import ProbeReport, probe
from app.models.domain.events import EntityChanged
from app.models.services.est.endpoints import NoEstServerError
from app.models.services.workspace.opening import open_workspace
from app.models.services.workspace.workspace import Workspace

log = logging.getLogger(__name__)

SWEEP_SECONDS = 60.0


class Listeners:
    """The EST listener and, beside it, the one that publishes revocation lists and answers.

    EST is served whether or not the other can be: what kept it is in `publication_problem`.
    """

    def __init__(self, workspace: Workspace, clock: Clock) -> None:
        est = EstService(workspace.enrolment, workspace.enrolment_terms, workspace.est_exchanges)
        published = PublicationService(
            workspace.crls,
            workspace.ocsp_responder,
            workspace.authorities,
            workspace.settings,
            clock,
        )
        rest = RestService(workspace)
        self.est = EstListener(est, rest, workspace.est_endpoints.tls_identity)
        self.publication = Listener(published.handle, "publication")
        self.publication_problem: KnownError | None = None
        self._settings = workspace.settings
        self._trust_anchors = workspace.est_endpoints.trust_anchors
        workspace.store.events.subscribe(EntityChanged, self._follow)

    def start(self, host: str, port: int) -> None:
        """Serve EST there, and publish; a workspace without EST servers publishes only.

        Raises `KnownError` when EST cannot be served, or nothing can be done at all.
        """
        self.publish()
        try:
            self.est.start(host, port)
        except NoEstServerError:
            if not self.publication.running:
                raise
        except KnownError:
            self.publication.stop()
            raise

    def publish(self, port: int | None = None, host: str | None = None) -> None:
        """Publish where the settings say, unless told otherwise.

        Without a port nothing is published as long as certificates do not say where. Why it is
        not possible is kept in `publication_problem`.
        """
        settings = self._settings.current
        self.publication_problem = None
        if port is None and not settings.publication_url:
            return
        try:
            self.publication.start(
                settings.publication_host if host is None else host,
                settings.publication_port if port is None else port,
            )
        except KnownError as error:
            self.publication_problem = error

    def stop(self) -> None:
        """Stop both."""
        self.est.stop()
        self.publication.stop()

    def test(self, domain: str, label: str = "") -> ProbeReport:
        """Connect to an EST server as a device would; raises `KnownError` for what goes wrong."""
        if not self.est.running:
            raise ConflictError(_("The EST listener does not run."), remedy=_("Start it first."))
        return probe(self.est.address, domain, self._trust_anchors(), label)

    def _follow(self, event: EntityChanged) -> None:
        """The domain of a new EST server is to be in the certificate before its devices come."""
        if event.kind == "est-server":
            self.est.renew()


@dataclass(frozen=True)
class Addresses:
    """Where `birthmark est` listens; None for what the settings of the workspace say."""

    host: str | None = None
    port: int | None = None
    publication_port: int | None = None


def serve(folder: Path, passphrase: str, addresses: Addresses, workers: int) -> int:
    """Serve EST until SIGTERM or SIGINT and return the exit code.

    The first process holds the workspace; further ones share its port, where the system lets
    processes share one. Only the first one publishes revocation lists; it does so even in a
    workspace without EST servers.
    """
    _check_workers(workers)
    clock = SystemClock()
    workspace = open_workspace(folder, clock)
    listeners = Listeners(workspace, clock)
    try:
        with logging_to(folder / "logs"):
            workspace.unlock(passphrase)
            host = addresses.host or workspace.settings.current.listener_host
            others = _start(listeners, workspace, addresses, workers)
            processes = [
                _start_worker(folder, passphrase, host, listeners.est.port) for _n in range(others)
            ]
            tell(listeners)
            wait_until_told_to_stop(workspace)
            for process in processes:
                process.terminate()
            for process in processes:
                process.join()
    finally:
        listeners.stop()
        workspace.close()
    return 0


def _start(listeners: Listeners, workspace: Workspace, addresses: Addresses, workers: int) -> int:
    """Publish, and serve EST if there is an EST server; returns how many further workers fit."""
    settings = workspace.settings.current
    host = addresses.host or settings.listener_host
    port = settings.listener_port if addresses.port is None else addresses.port
    listeners.publish(addresses.publication_port)
    try:
        listeners.est.start(host, port, share_port=workers > 1)
    except NoEstServerError as error:
        if not listeners.publication.running:
            raise
        print(error.text(), file=sys.stderr, flush=True)
        return 0
    return workers - 1


def tell(listeners: Listeners) -> None:
    """Print where everything is, and why something is not."""
    if listeners.est.running:
        print(_("EST listener on {address}").format(address=listeners.est.address), flush=True)
    if listeners.publication_problem is not None:
        print(listeners.publication_problem.text(), file=sys.stderr, flush=True)
    elif listeners.publication.running:
        address = listeners.publication.address
        print(_("Revocation lists and OCSP on {address}").format(address=address), flush=True)


def wait_until_told_to_stop(workspace: Workspace) -> None:
    """Return at SIGTERM or SIGINT; meanwhile look after the workspace."""
    stop = Event()

    def told(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)
    while not stop.wait(SWEEP_SECONDS):
        try:
            workspace.upkeep()
        except KnownError as error:  # a full disk for a minute must not end the service
            log.warning("The workspace could not be looked after: %s", error.text())


def _check_workers(workers: int) -> None:
    if workers < 1:
        raise InvalidInputError(_("At least one worker is needed."))
    if workers > 1 and not hasattr(socket, "SO_REUSEPORT"):
        raise InvalidInputError(
            _("Processes cannot share a port on this system."),
            remedy=_("Use one worker."),
        )


def _start_worker(folder: Path, passphrase: str, host: str, port: int):  # type: ignore[no-untyped-def]  # the type is private to multiprocessing  # noqa: ANN202
    process = get_context("spawn").Process(
        target=_work, args=(folder, passphrase, host, port), daemon=True
    )
    process.start()
    return process


def _work(folder: Path, passphrase: str, host: str, port: int) -> None:
    """A further process: its own database connections, the same port.

    That the keys are open is recorded by the first process alone.
    """
    clock = SystemClock()
    workspace = open_workspace(folder, clock, passphrase, exclusive=False)
    listeners = Listeners(workspace, clock)
    listeners.est.start(host, port, share_port=True)
    wait_until_told_to_stop(workspace)
    listeners.stop()
    workspace.close()
