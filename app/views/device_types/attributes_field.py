"""The custom attributes of a device type: a list, and below it the one that is chosen."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.core.language import _
from app.models.domain.device_types import DEVICE_NAME, DeviceField, DeviceProperty
from app.views.device_types.attribute_editor import AttributeEditor
from app.views.device_types.words import NOTHING, kind_text, rule_text
from app.views.theme.fonts import scaled
from app.views.theme.icons import set_icon
from app.views.widgets.field import Field
from app.views.widgets.tab_order import put_in_tab_order

_ROWS = 6
_RESERVED = {DEVICE_NAME, *(key.value for key in DeviceProperty)}


class AttributesField(Field[tuple[DeviceField, ...]]):
    """Attributes in their order. A keystroke changes one line of the list, nothing else."""

    def __init__(self, label: str, *, hint: str = "", parent: QWidget | None = None) -> None:
        box = QWidget()
        self._fields: list[DeviceField] = []
        self.list = QTreeWidget()
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setHeaderLabels([_("Attribute"), _("Kind"), _("Rule"), _("Default")])
        self.list.setAccessibleName(_("Custom attributes"))
        self.list.header().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.list.currentItemChanged.connect(lambda _now, _before: self._choose())
        self.add = QPushButton(_("Add attribute"))
        self.add.setAutoDefault(False)
        set_icon(self.add, "plus")
        self.remove = _tool(_("Remove the attribute"), "x")
        self.up = _tool(_("Move the attribute up"), "chevron-up")
        self.down = _tool(_("Move the attribute down"), "chevron-down")
        self.add.clicked.connect(self._add)
        self.remove.clicked.connect(self._remove)
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))
        line = QHBoxLayout()
        line.setSpacing(scaled(8))
        for button in (self.add, self.remove, self.up, self.down):
            line.addWidget(button)
        line.addStretch(1)
        # Not called `editor`: that is the whole input.
        self.attribute = AttributeEditor()
        self.attribute.changed.connect(self._edited)
        self.attribute.title.editingFinished.connect(self._name_key)
        layout = QVBoxLayout(box)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(scaled(8))
        layout.addWidget(self.list)
        layout.addLayout(line)
        layout.addWidget(self.attribute)
        super().__init__(label, box, hint=hint, parent=parent)
        # Tab would go round between a proxy and the parts after it.
        self.setFocusProxy(None)  # type: ignore[arg-type]  # Qt's way to have none
        self._choose()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Pass the focus on to the attribute that is chosen, or to Add."""
        super().focusInEvent(event)
        (self.attribute.title if self._fields else self.add).setFocus()

    def is_empty(self) -> bool:
        """Whether there is no attribute."""
        return not self._fields

    def value(self) -> tuple[DeviceField, ...]:
        """The attributes; one that is new gets a key like its title."""
        found: list[DeviceField] = []
        taken = _RESERVED | {field.key for field in self._fields}
        for field in self._fields:
            key = field.key or _key_for(field.title, taken)
            taken = taken | {key}
            found.append(replace(field, key=key))
        return tuple(found)

    def set_value(self, value: Iterable[DeviceField]) -> None:
        """Show these attributes."""
        self._fields = list(value)
        self.list.clear()
        self.list.addTopLevelItems([_item(field) for field in self._fields])
        if self._fields:
            self._go_to(0)
        self._choose()
        self.changed.emit()

    def choose(self, key: str) -> None:
        """Go to the attribute with this key, if there is one."""
        keys = [field.key for field in self.value()]
        if key in keys:
            self._go_to(keys.index(key))

    def order_tabs(self) -> None:
        """Have Tab come by the list, its buttons and the editor in this order."""
        buttons = (self.add, self.remove, self.up, self.down)
        put_in_tab_order(self, (self.list, *buttons, *self.attribute.parts()))

    def _row(self) -> int:
        return self.list.currentIndex().row()

    def _go_to(self, row: int) -> None:
        self.list.setCurrentIndex(self.list.model().index(row, 0))

    def _choose(self) -> None:
        row, count = self._row(), len(self._fields)
        chosen = 0 <= row < count
        self.attribute.setVisible(chosen)
        self.list.setVisible(count > 0)
        self.list.setFixedHeight(scaled(34 * (min(count, _ROWS) + 1) + 16))
        if chosen:
            self.attribute.show_field(self._fields[row])
        self.remove.setEnabled(chosen)
        self.up.setEnabled(chosen and row > 0)
        self.down.setEnabled(chosen and row < count - 1)

    def _edited(self) -> None:
        row = self._row()
        self._fields[row] = field = replace(self.attribute.field(), key=self._fields[row].key)
        line = self.list.model()
        for column, text in enumerate(_texts(field)):
            line.setData(line.index(row, column), text)
        self.changed.emit()

    def _name_key(self) -> None:
        """A new attribute keeps the key of its first title, so that it can be mapped."""
        row = self._row()
        if 0 <= row < len(self._fields) and self._fields[row].title:
            self._fields[row] = self.value()[row]
            self.changed.emit()

    def _add(self) -> None:
        self._fields.append(DeviceField("", ""))
        self.list.addTopLevelItem(_item(self._fields[-1]))
        self._go_to(len(self._fields) - 1)
        self._choose()
        self.changed.emit()
        self.attribute.title.setFocus()

    def _remove(self) -> None:
        row = self._row()
        del self._fields[row]
        self.list.takeTopLevelItem(row)
        self._choose()
        self.changed.emit()
        (self.remove if self._fields else self.add).setFocus()

    def _move(self, by: int) -> None:
        row = self._row()
        self._fields.insert(row + by, self._fields.pop(row))
        self.list.takeTopLevelItem(row)
        self.list.insertTopLevelItem(row + by, _item(self._fields[row + by]))
        self._go_to(row + by)
        self._choose()
        self.changed.emit()


def _texts(field: DeviceField) -> tuple[str, ...]:
    title = field.title or _("New attribute")
    return title, kind_text(field.kind), rule_text(field), field.default or NOTHING


def _item(field: DeviceField) -> QTreeWidgetItem:
    return QTreeWidgetItem(list(_texts(field)))


def _key_for(title: str, taken: set[str]) -> str:
    """A key like the title, of plain letters; none that is taken. Empty for no title."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    base = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
    if not title.strip():
        return ""
    base = base or "attribute"
    key, number = base, 2
    while key in taken:
        key, number = f"{base}_{number}", number + 1
    return key


def _tool(name: str, icon: str) -> QToolButton:
    made = QToolButton()
    made.setAccessibleName(name)
    made.setToolTip(name)
    set_icon(made, icon)
    return made
