"""Which field of a device fills which field of a certificate (DTC-11 to DTC-16)."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QWidget

from app.core.language import _
from app.models.domain.device_types import DEVICE_NAME
from app.models.domain.subjects import FieldRule, TemplateField
from app.models.domain.templates import Template
from app.views.device_types.words import NOTHING
from app.views.theme.fonts import scaled
from app.views.widgets.field import Field
from app.views.widgets.tab_order import put_in_tab_order

_NAME = "subject.CN"


class MappingField(Field[dict[str, str]]):
    """Name, mapping, greatest length and default of each field of some templates.

    The value leads from field keys to keys of device fields. A field that several templates
    have stands there once. What was mapped comes back when a template only was passed by. The
    common name of a newly chosen template comes from the device's name until that is changed.
    """

    def __init__(self, label: str, *, hint: str = "", parent: QWidget | None = None) -> None:
        editor = QWidget()
        self._grid = QGridLayout(editor)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(scaled(8))
        self._grid.setVerticalSpacing(scaled(6))
        for column, stretch in enumerate((3, 5, 1, 3)):
            self._grid.setColumnStretch(column, stretch)
        self.combos: dict[str, QComboBox] = {}
        self._parts: list[QWidget] = []
        self._choices: list[tuple[str, str]] = [("", NOTHING)]
        self._mapped: dict[str, str] = {}
        self._fields: tuple[TemplateField, ...] = ()
        self._known: frozenset[int] = frozenset()
        self._had_name = False
        super().__init__(label, editor, hint=hint, parent=parent)
        # Tab would go round between a proxy and the rows after it.
        self.setFocusProxy(None)  # type: ignore[arg-type]  # Qt's way to have none

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Pass the focus on to the first field that can be mapped."""
        super().focusInEvent(event)
        for combo in list(self.combos.values())[:1]:
            combo.setFocus()

    def set_templates(self, templates: Sequence[Template]) -> None:
        """Show the fields of these templates, and propose what fills a new common name."""
        fields: dict[str, TemplateField] = {}
        for template in templates:
            for field in template.fields:
                known = fields.get(field.key)
                if known is None or known.rule is FieldRule.FIXED:
                    fields[field.key] = field
        proposed = self._propose_name(templates, fields.get(_NAME))
        if tuple(fields.values()) != self._fields:
            self._fields = tuple(fields.values())
            self._show()
        elif proposed:
            self._fill(_NAME, self.combos[_NAME])
            self.changed.emit()

    def set_device_fields(self, choices: Sequence[tuple[str, str]]) -> None:
        """Offer other fields of the device, by key; what is mapped to a lost one is not mapped."""
        if list(choices) == self._choices:
            return
        self._choices = list(choices)
        for key, combo in self.combos.items():
            self._fill(key, combo)
        self.changed.emit()

    def is_empty(self) -> bool:
        """Whether nothing is mapped."""
        return not self.value()

    def value(self) -> dict[str, str]:
        """What is mapped of the fields shown."""
        return {key: self._mapped[key] for key in self.combos if self._mapped.get(key)}

    def set_value(self, value: Mapping[str, str]) -> None:
        """Map these fields, and no others."""
        self._mapped = dict(value)
        for key, combo in self.combos.items():
            self._fill(key, combo)
        self.changed.emit()

    def _propose_name(self, templates: Sequence[Template], name: TemplateField | None) -> bool:
        """Map the common name to the device's, if these templates are not those of before.

        What somebody chose for it stays, and so does a name left open when further templates
        only join one that has it. Whether something was proposed.
        """
        if not templates:
            return False
        open_ = name is not None and name.rule is not FieldRule.FIXED
        known = frozenset(one.id for one in templates)
        joining = self._had_name and not known.isdisjoint(self._known)
        self._known, self._had_name = known, open_
        if joining or not open_ or _NAME in self._mapped:
            return False
        self._mapped[_NAME] = DEVICE_NAME
        return True

    def _show(self) -> None:
        for part in self._parts:
            self._grid.removeWidget(part)
            part.hide()
            part.deleteLater()
        self._parts, self.combos = [], {}
        heads = (_("Name"), _("Mapping"), _("Max. length"), _("Default"))
        for column, text in enumerate(heads):
            self._put(_dim(text), 0, column)
        for row, field in enumerate(self._fields, start=1):
            self._put(_text(f"{field.title} *" if _required(field) else field.title), row, 0)
            if field.rule is FieldRule.FIXED:
                self._put(_dim(_("Fixed by the template")), row, 1)
            else:
                combo = QComboBox()
                combo.setAccessibleName(_("{field}: filled from").format(field=field.title))
                combo.setSizeAdjustPolicy(
                    QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
                )
                combo.setMinimumContentsLength(3)
                self.combos[field.key] = combo
                self._fill(field.key, combo)
                combo.currentIndexChanged.connect(lambda _row, key=field.key: self._map(key))
                self._put(combo, row, 1)
            self._put(_dim(str(field.max_length or NOTHING)), row, 2)
            self._put(_text(field.default or NOTHING), row, 3)
        self.setHidden(not self._fields)
        put_in_tab_order(self, list(self.combos.values()))
        self.changed.emit()

    def _put(self, part: QWidget, row: int, column: int) -> None:
        self._grid.addWidget(part, row, column)
        part.show()
        self._parts.append(part)

    def _fill(self, key: str, combo: QComboBox) -> None:
        blocked = combo.blockSignals(True)  # noqa: FBT003  Qt's signature
        combo.clear()
        combo.addItems([text for _key, text in self._choices])
        keys = [one for one, _text in self._choices]
        mapped = self._mapped.get(key, "")
        combo.setCurrentIndex(keys.index(mapped) if mapped in keys else 0)
        combo.blockSignals(blocked)
        if mapped not in keys:
            self._mapped.pop(key, None)

    def _map(self, key: str) -> None:
        chosen = self._choices[self.combos[key].currentIndex()][0]
        if self._mapped.get(key, "") != chosen:
            self._mapped[key] = chosen
            self.changed.emit()


def _required(field: TemplateField) -> bool:
    return field.rule is FieldRule.REQUIRED


def _text(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def _dim(text: str) -> QLabel:
    label = _text(text)
    label.setProperty("role", "dim")
    return label
