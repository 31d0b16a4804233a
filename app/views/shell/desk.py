"""What a signed-in person has before them: navigation and pages."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import cast

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.errors import KnownError
from app.core.language import _
from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.services.workspace.workspace import Workspace
from app.views.command_palette import CommandPalette
from app.views.commands import Command, Commands
from app.views.event_bridge import EventBridge
from app.views.jobs import Jobs
from app.views.shell.account_button import AccountButton
from app.views.shell.listener_control import ListenerSwitch
from app.views.shell.navigation import Navigation
from app.views.shell.page_entry import PageContext, PageEntry
from app.views.shell.table_memory import TableMemory
from app.views.theme import ThemeMode, apply_theme
from app.views.theme.fonts import scaled
from app.views.widgets.page import Page

_DIGITS = 9


class Desk(QWidget):
    """The window's content for one person; made anew for another.

    It opens at `page_id`, or at the first page if there is none of that id for this person.

    Signals: `lock_requested()`, `switch_requested()`, `sign_out_requested()` when the person
    wants to leave; `language_chosen(str)` when they want to read another language.
    """

    lock_requested = Signal()
    switch_requested = Signal()
    sign_out_requested = Signal()
    language_chosen = Signal(str)

    def __init__(
        self,
        workspace: Workspace,
        actor: Actor,
        jobs: Jobs,
        *,
        events: EventBridge,
        listener: ListenerSwitch,
        entries: Sequence[PageEntry],
        page_id: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.actor = actor
        self.commands = Commands(self)
        self._context = PageContext(workspace, actor, jobs, events, self.commands, listener)
        self._entries = {entry.id: entry for entry in entries if entry.is_for(actor)}
        self._made: dict[str, Page] = {}
        self._tables = TableMemory(workspace.folder, actor)
        self._page_actions: list[QAction] = []
        self._pages = QStackedWidget(self)
        self._add_commands()
        self.account = AccountButton(actor, self.commands, self)
        self.navigation = Navigation([*self._entries.values()], self)
        self.navigation.chosen.connect(self._show)
        listener.failed.connect(self._tell_failure)
        self._lay_out()
        self.page_id = page_id if page_id in self._entries else next(iter(self._entries))
        self.navigation.open(self.page_id)

    def page(self) -> Page:
        """The page shown."""
        return cast("Page", self._pages.currentWidget())

    def _show(self, page_id: str) -> None:
        if page_id not in self._made:
            self._made[page_id] = self._entries[page_id].make(self._context)
            self._tables.follow(page_id, self._made[page_id])
            self._pages.addWidget(self._made[page_id])
        for action in self._page_actions:
            self.removeAction(action)
        page = self._made[page_id]
        self._page_actions = page.actions()
        self.addActions(self._page_actions)  # its shortcuts work from the navigation too
        self._pages.setCurrentWidget(page)
        page.set_account(self.account)
        self.account.show()  # moving it hid it
        self.page_id = page_id

    def _add_commands(self) -> None:
        for number, entry in enumerate(self._entries.values(), start=1):
            self._add(
                f"go.{entry.id}",
                _("Go to {page}").format(page=entry.title),
                partial(self._go, entry.id),
                shortcut=f"Ctrl+{number}" if number <= _DIGITS else "",
                icon=entry.icon,
            )
        listener = self._context.listener
        if reach(self.actor, Operation.SETTINGS_CHANGE) is not Reach.NONE:
            self._add(
                "listener.start",
                _("Start EST listener"),
                listener.start,
                icon="play",
                enabled=lambda: not listener.address and not listener.busy,
            )
            self._add(
                "listener.stop",
                _("Stop EST listener"),
                listener.stop,
                icon="pause",
                enabled=lambda: listener.running and not listener.busy,
            )
            listener.changed.connect(self.commands.refresh)
        self._add_theme("theme.light", _("Light theme"), "light")
        self._add_theme("theme.dark", _("Dark theme"), "dark")
        self._add_theme("theme.system", _("Theme of the desktop"), "system")
        leave = self.switch_requested.emit
        self._add("account.profile", _("Your profile…"), self._open_profile, icon="user")
        self._add("account.switch", _("Switch user"), leave, icon="users")
        lock = self.lock_requested.emit
        self._add("account.lock", _("Lock window and keys"), lock, shortcut="Ctrl+L", icon="lock")
        end = self.sign_out_requested.emit
        self._add("account.sign-out", _("Sign out"), end, icon="log-out")
        palette = self._open_palette
        self._add("palette", _("All commands"), palette, shortcut="Ctrl+Shift+P", icon="command")

    def _add(
        self,
        command_id: str,
        text: str,
        callback: Callable[[], None],
        *,
        shortcut: str = "",
        icon: str = "",
        enabled: Callable[[], bool] = lambda: True,
    ) -> None:
        command = Command(command_id, text, callback, shortcut, icon, enabled=enabled)
        self.addAction(self.commands.add(command))

    def _add_theme(self, command_id: str, text: str, mode: ThemeMode) -> None:
        def dress() -> None:
            self._context.workspace.settings.change(theme=mode)
            apply_theme(cast("QApplication", QApplication.instance()), mode)

        self._add(command_id, text, dress)

    def _go(self, page_id: str) -> None:
        self.navigation.open(page_id)
        self.page().setFocus()

    def _open_palette(self) -> None:
        CommandPalette(self.commands, self, self.page()).open()

    def _open_profile(self) -> None:
        from app.views.profile.dialog import ProfileDialog  # noqa: PLC0415  start-up time

        profile = ProfileDialog(self._context.workspace, self.actor, self._context.jobs, self)
        profile.language_chosen.connect(self.language_chosen)
        profile.open()

    def _tell_failure(self, error: KnownError) -> None:
        self.page().banner.show_error(error)

    def _lay_out(self) -> None:
        rail = QFrame(self)
        rail.setProperty("role", "rail")
        rail.setFixedWidth(scaled(224))
        name = QLabel(_("Birthmark"), rail)
        name.setProperty("role", "heading")
        name.setContentsMargins(scaled(16), scaled(12), scaled(16), scaled(4))
        column = QVBoxLayout(rail)
        column.setContentsMargins(0, 0, 0, scaled(8))
        column.setSpacing(0)
        column.addWidget(name)
        column.addWidget(self.navigation, 1)
        edge = QFrame(self)
        edge.setProperty("role", "rule")
        edge.setStyleSheet("max-width: 1px; min-width: 1px; max-height: 16777215px;")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(rail)
        layout.addWidget(edge)
        layout.addWidget(self._pages, 1)
