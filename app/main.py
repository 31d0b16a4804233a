"""The start of the program: reads the command line, builds what it asks for, hands it over."""

import gc
import multiprocessing
import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.arguments import parser
from app.cli.passphrases import PASSPHRASE_VARIABLE, given_secret, secret
from app.config.paths import demo_folder, resources_folder
from app.core.clock import Clock, SystemClock
from app.core.errors import KnownError
from app.core.language import _, system_language, use_language

if TYPE_CHECKING:
    from app.cli.serving import Listeners
    from app.listener.probe import ProbeReport
    from app.models.services.workspace.workspace import Workspace


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code: 0 good, 1 a known error, 2 bad usage."""
    use_language(resources_folder() / "translations", system_language())
    given = sys.argv[1:] if arguments is None else arguments
    options = parser(given).parse_args(given)
    if isinstance(sys.stdout, TextIOWrapper):  # not every terminal has every character
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        return _run(options)
    except KnownError as error:
        print(error.text(), file=sys.stderr)
        return 1


def _run(options: Namespace) -> int:
    # Each verb imports only what it needs: start-up time is part of how the program feels.
    clock = SystemClock()
    match options.verb:
        case "init":
            from app.cli.setup import init

            return init(
                options.workspace,
                options.passphrase_file,
                options.admin,
                options.admin_password_file,
                clock,
            )
        case "est":
            from app.cli.serving import Addresses, serve

            passphrase = secret(
                options.passphrase_file, PASSPHRASE_VARIABLE, _("Passphrase of the workspace:")
            )
            addresses = Addresses(options.host, options.port, options.publication_port)
            return serve(options.workspace, passphrase, addresses, options.workers)
        case "demo":
            return _demo(options)
        case str():
            return int(options.run(options, clock))
        case _:
            passphrase_given = given_secret(options.passphrase_file, PASSPHRASE_VARIABLE)
            return _window(
                options.workspace, passphrase_given, quit_after_start=options.quit_after_start
            )


def _demo(options: Namespace) -> int:
    from app.cli import demo

    if options.out is not None:
        return demo.run(options.out, options.port if options.serve else None)
    folder = demo_folder()
    demo.make_workspace(folder)
    return _window(folder, demo.PASSPHRASE, hint=demo.sign_in_hint())


def _window(
    folder: Path, passphrase: str | None, *, hint: str = "", quit_after_start: bool = False
) -> int:
    """Open the window on a workspace and return when it is closed."""
    # Modules live as long as the process: looking for garbage among them only takes time.
    gc.disable()
    from app.config.logs import logging_to
    from app.models.services.workspace.opening import open_workspace
    from app.views.application import choose_workspace, run_window

    gc.freeze()
    gc.enable()
    clock = SystemClock()
    try:
        workspace = open_workspace(folder, clock)
    except KnownError as error:
        if not _has_display():
            raise
        chosen = choose_workspace(folder, error, clock, quit_after_start=quit_after_start)
        if chosen is None:
            return 0
        workspace, passphrase = chosen, None
    listener = LateListener(workspace, clock)
    try:
        with logging_to(workspace.folder / "logs"):
            return run_window(
                workspace,
                listener,
                passphrase=passphrase,
                quit_after_start=quit_after_start,
                demo_hint=hint,
            )
    finally:
        listener.stop()
        workspace.close()


def _has_display() -> bool:
    """Whether Qt can show a window; without a display it ends the process."""
    told = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    return told or sys.platform in ("win32", "darwin")


class LateListener:
    """The listeners, imported and made when they are first started: the window comes first."""

    def __init__(self, workspace: "Workspace", clock: Clock) -> None:
        self._workspace = workspace
        self._clock = clock
        self._made: Listeners | None = None

    @property
    def running(self) -> bool:
        """Whether devices can connect or revocation lists can be had."""
        made = self._made
        return made is not None and (made.est.running or made.publication.running)

    @property
    def address(self) -> str:
        """Where devices connect, empty while they cannot."""
        return self._made.est.address if self._made else ""

    @property
    def publication_address(self) -> str:
        """Where revocation lists and OCSP answers are found, empty while they are not."""
        return self._made.publication.address if self._made else ""

    @property
    def publication_problem(self) -> KnownError | None:
        """Why they are not found though they should be."""
        return self._made.publication_problem if self._made else None

    def start(self, host: str, port: int) -> None:
        """Listen there; raises `KnownError` when that is not possible."""
        self._listeners().start(host, port)

    def stop(self) -> None:
        """Stop listening."""
        if self._made:
            self._made.stop()

    def test(self, domain: str, label: str = "") -> "ProbeReport":
        """Connect to an EST server as a device would; raises `KnownError` for what goes wrong."""
        return self._listeners().test(domain, label)

    def _listeners(self) -> "Listeners":
        from app.cli.serving import Listeners

        self._made = self._made or Listeners(self._workspace, self._clock)
        return self._made


if __name__ == "__main__":
    multiprocessing.freeze_support()
    sys.exit(main())
