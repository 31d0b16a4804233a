"""Every command of the window, found by typing a part of its name (Ctrl+Shift+P)."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.core.language import _
from app.views.commands import Commands
from app.views.theme.fonts import scaled
from app.views.widgets.page import Page

_PRESS = QEvent.Type.KeyPress
_MOVES = {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}


class CommandPalette(QDialog):
    """Type to filter, arrows to choose, Enter to do; shows what can be done now.

    The actions of `page`, which is the one before the person, come first.

    Open it with `open()`; it deletes itself when closed.
    """

    def __init__(self, commands: Commands, parent: QWidget, page: Page | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Commands"))
        self.resize(scaled(560), scaled(400))
        commands.refresh()
        self._entries = _entries_of(page) if page else []
        self._entries += [
            (_entry(command.group, command.text), commands.action(command.id))
            for command in commands
        ]
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(_("What do you want to do?"))
        self.search.setAccessibleName(_("Search commands"))
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self._do)
        self.search.installEventFilter(self)
        self.list = QTreeWidget(self)
        self.list.setAccessibleName(_("Commands"))
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.ensurePolished()  # rows laid out before the style sheet would overlap
        self.list.setColumnCount(2)
        header = self.list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.list.itemActivated.connect(self._do)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(scaled(12), scaled(12), scaled(12), scaled(12))
        layout.setSpacing(scaled(8))
        layout.addWidget(self.search)
        layout.addWidget(self.list, 1)
        self._filter("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows typed into the search box move in the list."""
        if isinstance(event, QKeyEvent) and event.type() == _PRESS and event.key() in _MOVES:
            self.list.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        self.list.clear()
        for entry, action in self._entries:
            if action.isEnabled() and all(word in entry.casefold() for word in words):
                item = QTreeWidgetItem(self.list, [entry, _keys(action)])
                item.setData(0, Qt.ItemDataRole.UserRole, action)
        first = self.list.topLevelItem(0)
        if first is not None:
            self.list.setCurrentItem(first)

    def _do(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            action: QAction = item.data(0, Qt.ItemDataRole.UserRole)
            self.accept()
            action.trigger()


def _entries_of(page: Page) -> list[tuple[str, QAction]]:
    shown = (action for action in page.actions() if action.isVisible())
    return [(_entry(page.title(), action.text()), action) for action in shown]


def _entry(group: str, text: str) -> str:
    return f"{group}: {text}" if group else text


def _keys(action: QAction) -> str:
    return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
