"""The question before an act that cannot be undone, and the act."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.core.language import _
from app.views.jobs import Jobs
from app.views.theme.fonts import scaled
from app.views.theme.tokens import Tone
from app.views.widgets.page import Page
from app.views.widgets.plain_label import plain_label

T = TypeVar("T")


def confirm(
    parent: QWidget,
    title: str,
    text: str,
    action_text: str,
    *,
    destructive: bool,
    done: Callable[[], None],
) -> QDialog:
    """Ask over `parent`, and call `done` when the answer is yes; returns the open dialog.

    `title` names the act and the object, `text` says what cannot be undone. Enter and Esc
    cancel; the act has to be chosen.
    """
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    dialog.setMinimumWidth(scaled(440))
    cancel = QPushButton(_("Cancel"), dialog)
    cancel.setDefault(True)
    cancel.clicked.connect(dialog.reject)
    act = QPushButton(action_text, dialog)
    act.setProperty("role", "danger" if destructive else "primary")
    act.setAutoDefault(False)
    act.clicked.connect(dialog.accept)
    buttons = QHBoxLayout()
    buttons.setSpacing(scaled(8))
    buttons.addStretch(1)
    buttons.addWidget(cancel)
    buttons.addWidget(act)
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(scaled(24), scaled(24), scaled(24), scaled(16))
    layout.setSpacing(scaled(12))
    layout.addWidget(plain_label(title, "heading"))
    layout.addWidget(plain_label(text))
    layout.addSpacing(scaled(8))
    layout.addLayout(buttons)
    dialog.accepted.connect(done)
    dialog.open()
    cancel.setFocus()
    return dialog


def confirm_job(
    page: Page,
    jobs: Jobs,
    title: str,
    text: str,
    action_text: str,
    *,
    work: Callable[[], T],
    success: str,
    done: Callable[[T], None],
    destructive: bool = False,
) -> QDialog:
    """Ask over `page` as `confirm` does; on yes do `work` on a worker thread.

    The page's banner says `success`, then `done` gets the result; or it says the error.
    """

    def run() -> None:
        run_job(page, jobs, work=work, success=success, done=done)

    return confirm(page, title, text, action_text, destructive=destructive, done=run)


def run_job(
    page: Page, jobs: Jobs, *, work: Callable[[], T], success: str, done: Callable[[T], None]
) -> None:
    """Do `work` on a worker thread without asking, for an act that is easily undone.

    The page's banner says `success`, then `done` gets the result; or it says the error.
    """

    def finished(result: T) -> None:
        page.banner.show_message(Tone.GOOD, success)
        done(result)

    jobs.run(page, work, finished, page.banner.show_error)
