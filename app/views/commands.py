"""One registry of what a person can do; menus, toolbars and the command palette read it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from app.views.theme.icons import set_icon


def _always() -> bool:
    return True


@dataclass(frozen=True)
class Command:
    """Something a person can do.

    `text` is translated and says what happens, to what; `shortcut` is in Qt's portable
    form (`Ctrl+N`); `group` gathers commands into one menu; `enabled` is asked each time
    the commands are shown.
    """

    id: str
    text: str
    callback: Callable[[], None]
    shortcut: str = ""
    icon: str = ""
    group: str = ""
    enabled: Callable[[], bool] = _always


class Commands(QObject):
    """All commands of a window, each with the one `QAction` that stands for it everywhere."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._commands: dict[str, Command] = {}
        self._actions: dict[str, QAction] = {}

    def add(self, command: Command) -> QAction:
        """Register `command`; the action still has to be added to the widget it works in.

        Its shortcut works while that widget is visible in the active window.
        Raises ValueError when the id is taken.
        """
        if command.id in self._commands:
            raise ValueError(f"command {command.id} exists")
        action = QAction(command.text, self)
        action.setObjectName(command.id)
        if command.icon:
            set_icon(action, command.icon)
        if command.shortcut:
            action.setShortcut(QKeySequence(command.shortcut))
        action.triggered.connect(lambda _checked: command.callback())
        action.setEnabled(command.enabled())
        self._commands[command.id] = command
        self._actions[command.id] = action
        return action

    def action(self, command_id: str) -> QAction:
        """The action of a command; KeyError when there is none."""
        return self._actions[command_id]

    def actions(self, group: str | None = None) -> list[QAction]:
        """The actions of a group, or of all, in the order they were registered."""
        return [self._actions[command.id] for command in self if group in (None, command.group)]

    def refresh(self) -> None:
        """Ask every command anew whether it can be used."""
        for command in self:
            self._actions[command.id].setEnabled(command.enabled())

    def __iter__(self) -> Iterator[Command]:
        return iter(self._commands.values())
