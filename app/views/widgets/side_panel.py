"""The details of the selected row, beside the list."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core.language import _
from app.views.theme.fonts import scaled
from app.views.theme.icons import set_icon
from app.views.widgets.badge import Badge, BadgeText


class SidePanel(QWidget):
    """A heading with a badge, and sections below it that scroll.

    Signals: `closed()` when the person closed it (the cross, or Esc inside the panel).
    """

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(scaled(320))
        self._title = QLabel(self)
        self._title.setProperty("role", "heading")
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setWordWrap(True)
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._subtitle = QLabel(self)
        self._subtitle.setProperty("role", "dim")
        self._subtitle.setTextFormat(Qt.TextFormat.PlainText)
        self._subtitle.setWordWrap(True)
        self._subtitle.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._badge = Badge(BadgeText(""), self)
        self._close = QToolButton(self)
        self._close.setAccessibleName(_("Close details"))
        self._close.setToolTip(_("Close details (Esc)"))
        set_icon(self._close, "x", "dim")
        self._close.clicked.connect(self._shut)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self._shut)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._lay_out()
        self.set_heading("")
        self.clear()

    def set_heading(self, title: str, subtitle: str = "", badge: BadgeText | None = None) -> None:
        """Say what the details are of, and its state."""
        self._title.setText(title)
        self._subtitle.setText(subtitle)
        self._subtitle.setVisible(bool(subtitle))
        self._badge.setVisible(badge is not None)
        if badge is not None:
            self._badge.set_state(badge)
        self.setAccessibleName(_("Details of {name}").format(name=title))
        self._scroll.setAccessibleName(self.accessibleName())

    def clear(self) -> None:
        """Remove all sections."""
        content = QWidget()
        content.setProperty("role", "plain")
        # A word that is too long is cut itself: it pushes nothing else out of sight.
        content.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._sections = QVBoxLayout(content)
        self._sections.setContentsMargins(scaled(14), 0, scaled(14), scaled(16))
        self._sections.setSpacing(scaled(8))
        self._sections.addStretch(1)
        self._scroll.setWidget(content)

    def add_section(self, title: str, widget: QWidget) -> None:
        """Append a section; an empty title shows the widget alone."""
        if title:
            label = QLabel(title)
            label.setProperty("role", "label")
            label.setContentsMargins(0, scaled(8), 0, 0)
            self._sections.insertWidget(self._sections.count() - 1, label)
        self._sections.insertWidget(self._sections.count() - 1, widget)

    def _shut(self) -> None:
        self.hide()
        self.closed.emit()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(scaled(8))
        top.addWidget(self._title, 1)
        top.addWidget(self._badge)
        top.addWidget(self._close)
        head = QVBoxLayout()
        head.setContentsMargins(scaled(16), scaled(12), scaled(8), scaled(4))
        head.setSpacing(scaled(2))
        head.addLayout(top)
        head.addWidget(self._subtitle)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self._scroll, 1)


def section_column(spacing: int) -> tuple[QWidget, QVBoxLayout]:
    """A widget for a section, and the column in it, indented as all sections are."""
    shown = QWidget()
    column = QVBoxLayout(shown)
    column.setContentsMargins(scaled(8), 0, 0, 0)
    column.setSpacing(spacing)
    return shown, column
