"""Step 2, Attributes: the properties and attributes of the device type (DEV-11 to DEV-13)."""

from PySide6.QtWidgets import QLabel, QWidget

from app.core.language import _
from app.models.domain.device_types import MAX_VALUE_LENGTH, DeviceField, DeviceType
from app.models.wizards.device_wizard import DeviceWizard
from app.models.wizards.steps import Step
from app.views.widgets.field import ReadOnlyField, TextField
from app.views.wizard.step_page import StepPage


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
                field.set_value(values.get(key, ""))

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

    def _make_field(self, device_field: DeviceField) -> TextField:
        key = device_field.key
        if device_field.fixed:
            return ReadOnlyField(device_field.title, hint=_("Fixed by the device type."))
        if key in self.flow.mapped_fields:
            return ReadOnlyField(device_field.title, hint=_("From the factory certificate."))
        field = TextField(
            device_field.title,
            required=device_field.required,
            hint=_("Default of the type.") if device_field.default else "",
            max_length=MAX_VALUE_LENGTH,
        )
        field.set_value(self.flow.values.get(key, ""))
        field.changed.connect(lambda: self._answer(key))
        return field

    def _answer(self, key: str) -> None:
        value = self.fields[key].value()
        if value != self.flow.values.get(key, ""):
            self._touch(key)
            self.flow.answer(Step.ATTRIBUTES, values={key: value})
            self.answered.emit()
