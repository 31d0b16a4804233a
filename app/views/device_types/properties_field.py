"""The seven properties in the form of a device type (DTP-10 to DTP-14)."""

from collections.abc import Iterable

from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QLineEdit, QWidget

from app.core.language import _
from app.models.domain.device_types import (
    MAX_VALUE_LENGTH,
    DeviceField,
    DeviceProperty,
    property_title,
)
from app.views.theme.fonts import scaled
from app.views.widgets.field import Field


class _Row:
    """The boxes and the default of one property."""

    def __init__(self, key: DeviceProperty) -> None:
        title = property_title(key)
        self.key = key
        self.used = QCheckBox(title)
        self.required = QCheckBox()
        self.fixed = QCheckBox()
        self.default = QLineEdit()
        self.default.setMaxLength(MAX_VALUE_LENGTH)
        self.default.setMinimumWidth(scaled(130))
        self.parts = (self.used, self.required, self.fixed, self.default)
        texts = (
            _("Devices have: {field}"),
            _("{field}: required"),
            _("{field}: fixed"),
            _("{field}: default value"),
        )
        for part, text in zip(self.parts, texts, strict=True):
            part.setAccessibleName(text.format(field=title))
        self.used.toggled.connect(lambda _on: self._follow())
        self.fixed.toggled.connect(lambda _on: self._follow())
        self._follow()

    def field(self) -> DeviceField:
        """What is said of the property here."""
        return DeviceField(
            self.key.value,
            property_title(self.key),
            required=self.required.isChecked(),
            fixed=self.fixed.isChecked(),
            default=self.default.text().strip(),
        )

    def show(self, field: DeviceField | None) -> None:
        """Say of the property what `field` says; devices do not have it for None."""
        self.used.setChecked(field is not None)
        shown = field or DeviceField(self.key.value, "")
        self.required.setChecked(shown.required)
        self.fixed.setChecked(shown.fixed)
        self.default.setText(shown.default)

    def _follow(self) -> None:
        used = self.used.isChecked()
        for part in self.parts[1:]:
            part.setEnabled(used)
        self.required.setEnabled(used and not self.fixed.isChecked())
        hint = _("The value of every device") if self.fixed.isChecked() else _("None")
        self.default.setPlaceholderText(hint)


class PropertiesField(Field[tuple[DeviceField, ...]]):
    """Which properties devices have; each is required, fixed, or has a default, or none of it."""

    def __init__(self, label: str, *, hint: str = "", parent: QWidget | None = None) -> None:
        editor = QWidget()
        grid = QGridLayout(editor)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(scaled(8))
        grid.setVerticalSpacing(scaled(6))
        grid.setColumnStretch(3, 1)
        heads = (_("Property"), _("Required"), _("Fixed"), _("Default or value"))
        for column, text in enumerate(heads):
            head = QLabel(text)
            head.setProperty("role", "dim")
            grid.addWidget(head, 0, column)
        self.rows = {key: _Row(key) for key in DeviceProperty}
        for number, row in enumerate(self.rows.values(), start=1):
            for column, part in enumerate(row.parts):
                grid.addWidget(part, number, column)
        super().__init__(label, editor, hint=hint, parent=parent)
        self.setFocusProxy(self.rows[DeviceProperty.SERIAL_NUMBER].used)
        for row in self.rows.values():
            row.default.textChanged.connect(lambda _text: self.changed.emit())
            for box in (row.used, row.required, row.fixed):
                box.toggled.connect(lambda _on: self.changed.emit())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Pass the focus on to the first property."""
        super().focusInEvent(event)
        self.rows[DeviceProperty.SERIAL_NUMBER].used.setFocus()

    def value(self) -> tuple[DeviceField, ...]:
        """The properties devices have."""
        return tuple(row.field() for row in self.rows.values() if row.used.isChecked())

    def set_value(self, value: Iterable[DeviceField]) -> None:
        """Show these properties, and no others."""
        known = {field.key: field for field in value}
        for key, row in self.rows.items():
            row.show(known.get(key.value))
