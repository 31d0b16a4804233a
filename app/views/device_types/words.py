"""The words for what a device type says."""

from collections.abc import Sequence

from app.core.language import _, ngettext
from app.models.domain.device_types import DEVICE_NAME, DeviceField, FieldKind

NOTHING = "\N{EN DASH}"


def kind_text(kind: FieldKind) -> str:
    """The name of a kind of attribute."""
    return {
        FieldKind.TEXT: _("Text"),
        FieldKind.NUMBER: _("Number"),
        FieldKind.CHOICE: _("Choice"),
        FieldKind.MAC: _("MAC address"),
        FieldKind.DATE: _("Date"),
    }[kind]


def rule_text(field: DeviceField) -> str:
    """Whether a value has to be given, can be, or cannot be changed."""
    if field.fixed:
        return _("Fixed")
    return _("Required") if field.required else _("Optional")


def field_text(field: DeviceField) -> str:
    """What a type says of one field: rule, default, kind."""
    parts = [rule_text(field)]
    if field.default:
        parts.append(
            f"\N{LEFT DOUBLE QUOTATION MARK}{field.default}\N{RIGHT DOUBLE QUOTATION MARK}"
        )
    if field.kind is FieldKind.CHOICE:
        parts.append(_("one of {choices}").format(choices=", ".join(field.choices)))
    elif field.kind is not FieldKind.TEXT:
        parts.append(kind_text(field.kind))
    if field.pattern:
        parts.append(_("pattern {pattern}").format(pattern=field.pattern))
    return ", ".join(parts)


def fields_text(fields: Sequence[DeviceField]) -> str:
    """The titles of fields, those that are required with a mark."""
    return ", ".join(f"{one.label} *" if one.required else one.label for one in fields) or NOTHING


def renewal_text(hours: int) -> str:
    """When certificates can be renewed (DEC-16)."""
    if hours == 0:
        return _("renewed any time")
    text = ngettext("renewed in the last {count} hour", "renewed in the last {count} hours", hours)
    return text.format(count=hours)


def password_text(hours: int) -> str:
    """How long a password file can be downloaded."""
    text = ngettext("password, file kept {count} hour", "password, file kept {count} hours", hours)
    return text.format(count=hours)


def device_field_choices(fields: Sequence[DeviceField]) -> list[tuple[str, str]]:
    """What a field of a certificate can be filled from, by key; nothing first."""
    own = [(one.key, one.label) for one in fields]
    return [("", NOTHING), (DEVICE_NAME, _("Device name")), *own]


def switches_text(*, enforced: bool, registered: bool, mapped: bool) -> str:
    """What is on of registration and modes."""
    on = [
        text
        for text, given in (
            (_("enforces factory mode"), enforced),
            (_("devices register themselves"), registered),
            (_("named by the factory certificate"), mapped),
        )
        if given
    ]
    return "; ".join(on) or _("all off")
