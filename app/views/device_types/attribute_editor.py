"""One custom attribute in the form of a device type (DTP-15)."""

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from app.core.language import _
from app.models.domain.device_types import MAX_VALUE_LENGTH, DeviceField, FieldKind
from app.views.device_types.words import kind_text
from app.views.theme.fonts import mono_font, scaled

_KINDS = tuple(FieldKind)
_TITLE_LENGTH = 100


class AttributeEditor(QFrame):
    """Title, kind, rules and default of an attribute; what its kind does not have is hidden.

    Signals: `changed()` when the person changed something.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._field = DeviceField("", "")
        self._showing = False
        self.title = QLineEdit()
        self.title.setMaxLength(_TITLE_LENGTH)
        self.kind = QComboBox()
        self.kind.addItems([kind_text(kind) for kind in _KINDS])
        self.required = QCheckBox(_("Required"))
        self.fixed = QCheckBox(_("Fixed"))
        self.default = QLineEdit()
        self.default.setMaxLength(MAX_VALUE_LENGTH)
        self.choices = QLineEdit()
        self.choices.setPlaceholderText(_("North, South, East"))
        self.pattern = QLineEdit()
        self.pattern.setFont(mono_font())
        self.pattern.setPlaceholderText("[A-Z]{2}-[0-9]{1,6}")
        self.length = QSpinBox()
        self.length.setRange(1, MAX_VALUE_LENGTH)
        # Qt gives the text of a spin box no padding of the style sheet.
        self.length.lineEdit().setTextMargins(scaled(10), 0, scaled(10), 0)
        self._lay_out()
        for line in (self.title, self.default, self.choices, self.pattern):
            line.textChanged.connect(self._tell)
        for box in (self.required, self.fixed):
            box.toggled.connect(self._tell)
        self.kind.currentIndexChanged.connect(self._tell)
        self.length.valueChanged.connect(self._tell)

    def field(self) -> DeviceField:
        """The attribute as it stands here; its key stays."""
        kind = _KINDS[self.kind.currentIndex()]
        given = [one.strip() for one in self.choices.text().split(",")]
        return replace(
            self._field,
            title=self.title.text().strip(),
            kind=kind,
            required=self.required.isChecked(),
            fixed=self.fixed.isChecked(),
            default=self.default.text().strip(),
            choices=tuple(filter(None, given)) if kind is FieldKind.CHOICE else (),
            pattern=self.pattern.text() if kind is FieldKind.TEXT else "",
            max_length=self.length.value() if kind is FieldKind.TEXT else MAX_VALUE_LENGTH,
        )

    def show_field(self, field: DeviceField) -> None:
        """Show another attribute; this is no change."""
        self._showing = True
        self._field = field
        self.title.setText(field.title)
        self.kind.setCurrentIndex(_KINDS.index(field.kind))
        self.required.setChecked(field.required)
        self.fixed.setChecked(field.fixed)
        self.default.setText(field.default)
        self.choices.setText(", ".join(field.choices))
        self.pattern.setText(field.pattern)
        self.length.setValue(field.max_length)
        self._showing = False
        self._follow()

    def parts(self) -> tuple[QWidget, ...]:
        """The controls in the order of Tab."""
        return (
            self.title,
            self.kind,
            self.required,
            self.fixed,
            self.default,
            self.choices,
            self.pattern,
            self.length,
        )

    def _tell(self) -> None:
        if not self._showing:
            self._follow()
            self.changed.emit()

    def _follow(self) -> None:
        kind = _KINDS[self.kind.currentIndex()]
        self._rows.setRowVisible(self.choices, kind is FieldKind.CHOICE)
        for part in (self.pattern, self.length):
            self._rows.setRowVisible(part, kind is FieldKind.TEXT)
        self.required.setEnabled(not self.fixed.isChecked())
        fixed = self.fixed.isChecked()
        self.default.setPlaceholderText(_("The value of every device") if fixed else _("None"))

    def _lay_out(self) -> None:
        rules = QHBoxLayout()
        rules.setSpacing(scaled(16))
        rules.addWidget(self.required)
        rules.addWidget(self.fixed)
        rules.addStretch(1)
        self._rows = QFormLayout(self)
        self._rows.setContentsMargins(scaled(12), scaled(10), scaled(12), scaled(10))
        self._rows.setSpacing(scaled(8))
        self._rows.addRow(_("Title"), self.title)
        self._rows.addRow(_("Kind"), self.kind)
        self._rows.addRow(_("Rule"), rules)
        named = (
            (self.default, _("Default")),
            (self.choices, _("Choices")),
            (self.pattern, _("Pattern")),
            (self.length, _("Max. length")),
        )
        for part, text in named:
            self._rows.addRow(text, part)
        all_named: tuple[tuple[QWidget, str], ...] = (
            (self.title, _("Title")),
            (self.kind, _("Kind")),
            *named,
        )
        for widget, text in all_named:
            widget.setAccessibleName(_("Attribute: {part}").format(part=text))
        self.choices.setToolTip(_("Values with commas between them."))
        self.pattern.setToolTip(_("A regular expression that the whole value matches."))
