"""What a signed-in person has before them: navigation, pages, station bar."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core.errors import KnownError
from app.core.language import _
from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.services.workspace import Workspace
from app.views.command_palette import CommandPalette
from app.views.commands import Command, Commands
from app.views.event_bridge import EventBridge
from app.views.jobs import Jobs
from app.views.role_words import role_text
from app.views.shell.listener_control import ListenerSwitch
from app.views.shell.navigation import Navigation
from app.views.shell.page_entry import PageContext, PageEntry
from app.views.shell.station_bar import StationBar
from app.views.theme import ThemeMode, apply_theme
from app.views.theme.fonts import scaled
from app.views.theme.icons import set_icon
from app.views.widgets.page import Page


class Desk(QWidget):
    """The window's content for one person; made anew for another.

    Signals: `lock_requested()`, `switch_requested()` when the person wants to leave.
    """

    lock_requested = Signal()
    switch_requested = Signal()

    def __init__(
        self,
        workspace: Workspace,
        actor: Actor,
        jobs: Jobs,
        *,
        events: EventBridge,
        listener: ListenerSwitch,
        entries: Sequence[PageEntry],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.actor = actor
        self.commands = Commands(self)
        self._context = PageContext(workspace, actor, jobs, events, self.commands, listener)
        self._entries = {entry.id: entry for entry in entries if entry.is_for(actor)}
        self._made: dict[str, Page] = {}
        self._page_actions: list[QAction] = []
        self._pages = QStackedWidget(self)
        self._add_commands()
        self.navigation = Navigation([*self._entries.values()], self)
        self.navigation.chosen.connect(self._show)
        self.station = StationBar(self._context, self)
        self.account = self._account_button()
        listener.failed.connect(self._tell_failure)
        self._lay_out()
        self.navigation.open(next(iter(self._entries)))

    def page(self) -> Page:
        """The page shown."""
        return cast("Page", self._pages.currentWidget())

    def _show(self, page_id: str) -> None:
        if page_id not in self._made:
            page = self._entries[page_id].make(self._context)
            if self.actor.role is not None:
                page.set_account(f"{self.actor.name} · {role_text(self.actor.role)}")
            self._pages.addWidget(page)
            self._made[page_id] = page
        for action in self._page_actions:
            self.removeAction(action)
        page = self._made[page_id]
        self._page_actions = page.actions()
        self.addActions(self._page_actions)  # its shortcuts work from the navigation too
        self._pages.setCurrentWidget(page)

    def _add_commands(self) -> None:
        for number, entry in enumerate(self._entries.values(), start=1):
            self._add(
                f"go.{entry.id}",
                _("Go to {page}").format(page=entry.title),
                partial(self._go, entry.id),
                shortcut=f"Ctrl+{number}",
                icon=entry.icon,
            )
        listener = self._context.listener
        if reach(self.actor, Operation.SETTINGS_CHANGE) is not Reach.NONE:
            self._add(
                "listener.start",
                _("Start EST listener"),
                listener.start,
                icon="play",
                enabled=lambda: not listener.running and not listener.busy,
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
        self._add("account.switch", _("Switch user"), leave, icon="users")
        lock = self.lock_requested.emit
        self._add("account.lock", _("Lock window and keys"), lock, shortcut="Ctrl+L", icon="lock")
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

    def _tell_failure(self, error: KnownError) -> None:
        self.page().banner.show_error(error)

    def _lay_out(self) -> None:
        rail = QFrame(self)
        rail.setProperty("role", "rail")
        rail.setFixedWidth(scaled(216))
        name = QLabel(_("Birthmark"), rail)
        name.setProperty("role", "heading")
        name.setContentsMargins(scaled(16), scaled(12), scaled(16), scaled(4))
        column = QVBoxLayout(rail)
        column.setContentsMargins(0, 0, 0, scaled(8))
        column.setSpacing(0)
        column.addWidget(name)
        column.addWidget(self.navigation, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(scaled(8), 0, scaled(8), 0)
        foot.addWidget(self.account)
        foot.addStretch(1)
        column.addLayout(foot)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(rail)
        edge = QFrame(self)
        edge.setProperty("role", "rule")
        edge.setStyleSheet("max-width: 1px; min-width: 1px; max-height: 16777215px;")
        middle.addWidget(edge)
        middle.addWidget(self._pages, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(middle, 1)
        layout.addWidget(self.station)

    def _account_button(self) -> QToolButton:
        button = QToolButton(self)
        button.setText(self.actor.name)
        button.setAccessibleName(_("Account of {name}").format(name=self.actor.name))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        set_icon(button, "user", "dim")
        menu = QMenu(button)
        for command_id in ("account.switch", "account.lock", "palette"):
            menu.addAction(self.commands.action(command_id))
        button.setMenu(menu)
        return button
