"""The operational templates of a device type: added, removed, one of them the default."""

from collections.abc import Sequence

from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.core.language import _
from app.views.theme.fonts import scaled
from app.views.theme.icons import set_icon
from app.views.widgets.field import Field

_ROWS = 3


class OperationalField(Field[tuple[int, ...]]):
    """Ids of templates, the default first (DTC-03, DTC-04)."""

    def __init__(self, label: str, *, hint: str = "", parent: QWidget | None = None) -> None:
        editor = QWidget()
        self._names: dict[int, str] = {}
        self._offered: list[int] = []
        self._chosen: list[int] = []
        self.list = QListWidget()
        self.list.setAccessibleName(_("Operational templates of the type"))
        self.list.setFixedHeight(scaled(30 * _ROWS))
        self.list.setTabKeyNavigation(False)
        self.list.currentRowChanged.connect(lambda _row: self._enable())
        self.offer = QComboBox()
        self.offer.setAccessibleName(_("Template to add"))
        self.add = _button(_("Add"), "plus")
        self.add.clicked.connect(self._add)
        self.set_default = _button(_("Set default"), "check")
        self.set_default.clicked.connect(self._set_default)
        self.remove = _button(_("Remove"), "x")
        self.remove.clicked.connect(self._remove)
        layout = QVBoxLayout(editor)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(scaled(8))
        layout.addWidget(self.list)
        for parts in ((self.offer, self.add), (self.set_default, self.remove)):
            line = QHBoxLayout()
            line.setSpacing(scaled(8))
            for part in parts:
                line.addWidget(part, 1 if part is self.offer else 0)
            line.addStretch(0 if self.offer in parts else 1)
            layout.addLayout(line)
        super().__init__(label, editor, hint=hint, parent=parent)
        # Tab would go round between a proxy and the parts after it.
        self.setFocusProxy(None)  # type: ignore[arg-type]  # Qt's way to have none

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Pass the focus on to what can be added."""
        super().focusInEvent(event)
        self.offer.setFocus()

    def set_choices(self, choices: Sequence[tuple[int, str]]) -> None:
        """Offer these templates; those chosen stay chosen when they are among them."""
        self._names = dict(choices)
        self.set_value(tuple(one for one in self._chosen if one in self._names))

    def is_empty(self) -> bool:
        """Whether no template is chosen."""
        return not self._chosen

    def value(self) -> tuple[int, ...]:
        """The ids, the default first."""
        return tuple(self._chosen)

    def set_value(self, value: tuple[int, ...]) -> None:
        """Choose these, as far as they are offered."""
        self._choose([one for one in value if one in self._names], 0)

    def _choose(self, chosen: list[int], row: int) -> None:
        self._chosen = chosen
        self.list.clear()
        for place, one in enumerate(chosen):
            name = self._names[one]
            self.list.addItem(_("{name} (default)").format(name=name) if place == 0 else name)
        self.list.setCurrentRow(min(row, len(chosen) - 1))
        self._offered = [one for one in self._names if one not in chosen]
        self.offer.clear()
        self.offer.addItems([self._names[one] for one in self._offered])
        self._enable()
        self.changed.emit()

    def _enable(self) -> None:
        row = self.list.currentRow()
        self.add.setEnabled(bool(self._offered))
        self.offer.setEnabled(bool(self._offered))
        self.set_default.setEnabled(row > 0)
        self.remove.setEnabled(row >= 0)

    def _add(self) -> None:
        one = self._offered[self.offer.currentIndex()]
        self._choose([*self._chosen, one], len(self._chosen))

    def _set_default(self) -> None:
        one = self._chosen[self.list.currentRow()]
        self._choose([one, *(other for other in self._chosen if other != one)], 0)
        self.list.setFocus()

    def _remove(self) -> None:
        row = self.list.currentRow()
        self._choose([one for place, one in enumerate(self._chosen) if place != row], row)
        (self.list if self._chosen else self.offer).setFocus()


def _button(text: str, icon: str) -> QPushButton:
    made = QPushButton(text)
    made.setAutoDefault(False)
    set_icon(made, icon)
    return made
