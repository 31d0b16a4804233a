"""The input for the value of a device field, by its kind."""

from app.core.language import _
from app.models.domain.device_types import DeviceField, FieldKind, mac_text
from app.views.widgets.field import ChoiceField, Field, TextField


def value_field(device_field: DeviceField) -> Field[str]:
    """An input for a value that a person gives; what is wrong with it is said elsewhere."""
    label, required = device_field.label, device_field.required
    hint = _("Default of the type.") if device_field.default else ""
    if device_field.kind is FieldKind.CHOICE:
        choices = [("", _("Choose…") if required else "\N{EN DASH}")]
        choices += [(one, one) for one in device_field.choices]
        return ChoiceField(label, choices, required=required, hint=hint)
    mac = device_field.kind is FieldKind.MAC
    field = TextField(
        label,
        required=required,
        hint=hint,
        placeholder=_placeholder(device_field.kind),
        mono=mac,
        max_length=device_field.max_length,
    )
    if mac:
        field.input.editingFinished.connect(lambda: field.set_value(mac_text(field.value())))
    return field


def _placeholder(kind: FieldKind) -> str:
    """What a value of the kind looks like."""
    return {
        FieldKind.MAC: "00:1B:44:11:3A:B7",
        FieldKind.DATE: _("Year-Month-Day, such as 2026-03-31"),
        FieldKind.NUMBER: _("A number"),
    }.get(kind, "")
