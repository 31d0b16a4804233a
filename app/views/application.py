"""Starts the window and runs it until it is closed."""

from pathlib import Path
from typing import cast

import shiboken6
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QVBoxLayout

from app.core.clock import Clock
from app.core.errors import KnownError
from app.core.language import system_language
from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs
from app.views.language import speak
from app.views.pages import page_entries
from app.views.shell.listener_control import ListenerControl
from app.views.shell.main_window import MainWindow
from app.views.theme import ThemeMode, apply_theme
from app.views.theme.fonts import scaled


def run_window(
    workspace: Workspace,
    listener: ListenerControl,
    *,
    passphrase: str | None = None,
    quit_after_start: bool = False,
    demo_hint: str = "",
) -> int:
    """Show the window on an open workspace and return the exit code once it is closed.

    `passphrase` opens the keys once the window is painted, so that nobody waits for it.
    `quit_after_start` closes the window as soon as it has been painted, to measure or to try
    a start.
    """
    settings = workspace.settings.current
    app = application(settings.language)
    apply_theme(app, cast("ThemeMode", settings.theme))
    jobs = Jobs()
    window = MainWindow(workspace, listener, page_entries, jobs, demo_hint)
    if passphrase is not None:
        window.sign_in.passphrase.hide()
    window.show()
    if quit_after_start:
        app.processEvents()  # paints it
        QTimer.singleShot(0, app.quit)
    elif passphrase is not None:
        QTimer.singleShot(0, window, lambda: window.sign_in.unlock(passphrase))
    code = app.exec()
    window.close()
    jobs.stop()
    # Here and now: the garbage collector might come by on another thread, and take its timers.
    shiboken6.delete(window)
    return code


def choose_workspace(
    folder: Path, reason: KnownError, clock: Clock, *, quit_after_start: bool = False
) -> Workspace | None:
    """Let a person make or open a workspace, as there is none in `folder` for this `reason`.

    Returns it open, or None when the window was closed instead.
    """
    from app.views.signin.first_start import FirstStartPage  # noqa: PLC0415  start-up time

    app = application(system_language())
    apply_theme(app, "system")
    jobs, loop, chosen = Jobs(), QEventLoop(), list[Workspace]()
    dialog = QDialog()
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(0, 0, 0, 0)
    page = FirstStartPage(folder, reason, clock, jobs)
    layout.addWidget(page)
    dialog.resize(scaled(960), scaled(640))
    page.opened.connect(chosen.append)
    page.opened.connect(dialog.accept)
    dialog.finished.connect(loop.quit)
    app.setQuitOnLastWindowClosed(False)  # the next window is still to come
    dialog.show()
    if quit_after_start:
        app.processEvents()  # paints it
        QTimer.singleShot(0, dialog, dialog.reject)
    loop.exec()
    app.setQuitOnLastWindowClosed(True)
    jobs.stop()
    shiboken6.delete(dialog)
    return chosen[0] if chosen else None


def application(language: str) -> QApplication:
    """Qt's side of the program, whose own texts, dates and numbers are in `language` too."""
    app = cast("QApplication", QApplication.instance() or QApplication(["birthmark"]))
    app.setApplicationName("birthmark")
    app.setApplicationDisplayName("Birthmark")
    speak(app, language)
    return app
