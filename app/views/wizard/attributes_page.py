"""Step 2, Attributes: the properties and attributes of the device type (DEV-11 to DEV-13)."""

from PySide6.QtWidgets import QLabel, QWidget

from app.core.language import _
from app.models.domain.device_types import DeviceField, DeviceType
from app.models.wizards.device_wizard import DeviceWizard
from app.models.wizards.steps import Step
from app.views.widgets.field import ChoiceField, Field, ReadOnlyField
from app.views.wizard.step_page import StepPage
from app.views.wizard.value_fields import value_field


class AttributesPage(StepPage):
    """Asks for the value of each field of the type; made anew when the type changes."""

    def __init__(self, flow: DeviceWizard, parent: QWidget | None = None) -> None:
        super().__init__(flow, Step.ATTRIBUTES, parent)
        self._shown: DeviceType | None = None
        self._none = QLabel(_("The device type asks for nothing here."))
        self._none.setProperty("role", "dim")
        self._none.setWordWrap(True)
        self.column.addWidget(self._none)

    def load(self) -> None:
        """Show the values; fixed and mapped ones can be read only."""
        if self.flow.device_type != self._shown:
            self._shown = self.flow.device_type
            self._make_fields(self._shown.fields if self._shown else ())
        values = self.flow.values
        for key, field in self.fields.items():
            if field.value() != values.get(key, ""):
                _show(field, values.get(key, ""))

    def _make_fields(self, fields: tuple[DeviceField, ...]) -> None:
        for old in self.fields.values():
            self.column.removeWidget(old)
            old.deleteLater()
        self._touched.clear()
        self.fields = {}
        for device_field in fields:
            self.fields[device_field.key] = field = self._make_field(device_field)
            self.column.addWidget(field)
        self._none.setVisible(not fields)

    def _make_field(self, device_field: DeviceField) -> Field[str]:
        key = device_field.key
        if device_field.fixed:
            return ReadOnlyField(device_field.label, hint=_("Fixed by the device type."))
        if key in self.flow.mapped_fields:
            return ReadOnlyField(device_field.label, hint=_("From the factory certificate."))
        field = value_field(device_field)
        _show(field, self.flow.values.get(key, ""))
        field.changed.connect(lambda: self._answer(key))
        return field

    def _answer(self, key: str) -> None:
        value = self.fields[key].value()
        if value != self.flow.values.get(key, ""):
            self._touch(key)
            self.flow.answer(Step.ATTRIBUTES, values={key: value})
            self.answered.emit()


def _show(field: Field[str], value: str) -> None:
    """Put a value into its input; one that is no choice any more leaves nothing chosen."""
    offered = not isinstance(field, ChoiceField) or field.input.findText(value) >= 0
    field.set_value(value if offered else "")
