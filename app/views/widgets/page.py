"""The frame of a page: title and primary action above, search and chips, the body, a side panel."""

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.core.language import _
from app.views.theme.fonts import scaled
from app.views.widgets.banner import Banner
from app.views.widgets.flow_layout import FlowLayout
from app.views.widgets.tab_order import put_in_tab_order

_TYPING_PAUSE_MS = 150


class ActionButton(QPushButton):
    """A button that stands for an action: its text, tip and state follow the action's."""

    def __init__(self, action: QAction, role: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", role)
        self._action = action
        action.changed.connect(self._follow)
        self.clicked.connect(action.trigger)
        self._follow()

    def _follow(self) -> None:
        self.setText(self._action.text().replace("&", "&&"))
        self.setEnabled(self._action.isEnabled())
        self.setVisible(self._action.isVisible())
        keys = self._action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        self.setToolTip(keys)


class ActionRow(QWidget):
    """A button for each action that is visible now or later, in lines."""

    def __init__(self, actions: Sequence[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = FlowLayout(self)
        for action in actions:
            layout.addWidget(ActionButton(action, "", self))


class Page(QWidget):
    """The base of every page; build the page in `body`, tell trouble through `banner`.

    Signals: `search_changed(str)` a moment after the person stopped typing, at once on Enter.
    """

    search_changed = Signal(str)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(title)
        self._title = QLabel(title, self)
        self._title.setProperty("role", "title")
        self._actions = QHBoxLayout()
        self._actions.setSpacing(scaled(12))
        self._buttons: list[QPushButton] = []
        self.banner = Banner(self)
        self.filters = FlowLayout()
        self.body = QVBoxLayout()
        self.body.setSpacing(scaled(12))
        self.search: QLineEdit | None = None
        self._pause = QTimer(self, singleShot=True, interval=_TYPING_PAUSE_MS)
        self._pause.timeout.connect(self._tell_search)
        self._split = QSplitter(Qt.Orientation.Horizontal, self)
        self._split.setHandleWidth(1)
        self._split.setChildrenCollapsible(False)
        self._lay_out()

    def title(self) -> str:
        """The title."""
        return self._title.text()

    def set_account(self, account: QWidget) -> None:
        """Put what says who is signed in at the end of the title bar."""
        self._bar.addWidget(account)

    def set_primary(self, action: QAction) -> QPushButton:
        """Show the page's one primary action; its shortcut works in the whole page."""
        return self._show_action(action, "primary", self._actions.count())

    def add_action(self, action: QAction) -> QPushButton:
        """Show another action, before the primary one."""
        return self._show_action(action, "", 0)

    def add_search(self, placeholder: str) -> QLineEdit:
        """Put the search box next in the row of filters; Ctrl+F goes there, Esc empties it."""
        box = QLineEdit(self)
        box.setPlaceholderText(placeholder)
        box.setAccessibleName(placeholder)
        box.setClearButtonEnabled(True)
        box.setFixedWidth(scaled(240))
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.activated.connect(box.setFocus)
        find.activated.connect(box.selectAll)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), box)
        escape.setContext(Qt.ShortcutContext.WidgetShortcut)
        escape.activated.connect(box.clear)
        box.textChanged.connect(lambda _text: self._pause.start())
        box.returnPressed.connect(self._tell_search)
        keys = find.key().toString(QKeySequence.SequenceFormat.NativeText)
        box.setToolTip(_("Search ({keys})").format(keys=keys))
        self.filters.addWidget(box)
        self.search = box
        return box

    def set_side(self, panel: QWidget) -> None:
        """Show `panel` beside the page, from top to bottom; hide it to give the room back."""
        self._split.addWidget(panel)
        self._split.setStretchFactor(0, 1)
        self._split.setStretchFactor(1, 0)

    def _lay_out(self) -> None:
        bar = QFrame(self)
        bar.setProperty("role", "bar")
        bar.setFixedHeight(scaled(48))
        self._bar = top = QHBoxLayout(bar)
        top.setContentsMargins(scaled(16), 0, scaled(16), 0)
        top.setSpacing(scaled(12))
        top.addWidget(self._title)
        top.addStretch(1)
        top.addLayout(self._actions)
        main = QWidget(self)
        column = QVBoxLayout(main)
        column.setContentsMargins(scaled(16), scaled(12), scaled(16), scaled(16))
        column.setSpacing(scaled(12))
        column.addWidget(self.banner)
        column.addLayout(self.filters)
        column.addLayout(self.body, 1)
        self._split.addWidget(main)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(bar)
        whole.addWidget(self._split, 1)

    def _show_action(self, action: QAction, role: str, place: int) -> QPushButton:
        button = ActionButton(action, role, self)
        self.addAction(action)
        self._actions.insertWidget(place, button)
        self._buttons.insert(place, button)
        if self.search is None:
            for before, after in pairwise(self._buttons):
                self.setTabOrder(before, after)  # as one reads
        else:
            put_in_tab_order(self.search, self._buttons)
        return button

    def _tell_search(self) -> None:
        self._pause.stop()
        if self.search is not None:
            self.search_changed.emit(self.search.text().strip())
