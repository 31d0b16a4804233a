"""`birthmark est`: the EST listener without a window, in one process or several."""

import signal
import socket
from multiprocessing import get_context
from pathlib import Path
from threading import Event
from types import FrameType

from app.config.logs import logging_to
from app.core.clock import Clock, SystemClock
from app.core.errors import InvalidInputError
from app.core.language import _
from app.est.service import EstService
from app.listener.listener import EstListener
from app.models.services.workspace import Workspace, open_workspace

SWEEP_SECONDS = 60.0


def listener_for(workspace: Workspace, clock: Clock) -> EstListener:
    """A listener, not yet started, that serves a workspace."""
    service = EstService(workspace.enrolment, workspace.est_monitor, workspace.audit, clock)
    return EstListener(service, workspace.est_servers.tls_identity)


def serve(folder: Path, passphrase: str, host: str | None, port: int | None, workers: int) -> int:
    """Serve EST until SIGTERM or SIGINT and return the exit code.

    The first process holds the workspace; further ones share its port, where the system lets
    processes share one.
    """
    _check_workers(workers)
    clock = SystemClock()
    workspace = open_workspace(folder, clock, passphrase)
    try:
        with logging_to(folder / "logs"):
            settings = workspace.settings.current
            host = settings.listener_host if host is None else host
            port = settings.listener_port if port is None else port
            listener = listener_for(workspace, clock)
            listener.start(host, port, share_port=workers > 1)
            others = [
                _start_worker(folder, passphrase, host, listener.port) for _n in range(workers - 1)
            ]
            print(_("EST listener on {address}").format(address=listener.address), flush=True)
            wait_until_told_to_stop(workspace)
            for process in others:
                process.terminate()
            for process in others:
                process.join()
            listener.stop()
    finally:
        workspace.close()
    return 0


def wait_until_told_to_stop(workspace: Workspace) -> None:
    """Return at SIGTERM or SIGINT; meanwhile look after the workspace."""
    stop = Event()

    def told(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)
    while not stop.wait(SWEEP_SECONDS):
        workspace.upkeep()


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
    """A further process: its own database connections, the same port."""
    clock = SystemClock()
    workspace = open_workspace(folder, clock, passphrase, exclusive=False)
    listener = listener_for(workspace, clock)
    listener.start(host, port, share_port=True)
    wait_until_told_to_stop(workspace)
    listener.stop()
    workspace.close()
