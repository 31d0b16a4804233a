"""The columns of the Devices page."""

from app.core.clock import Clock
from app.core.language import _
from app.models.services.devices.listed import DeviceRow
from app.views.devices.words import mode_badge
from app.views.validity import end_text, nearness
from app.views.widgets.column import Column
from app.views.widgets.times import relative_text, zone_text


def device_columns(clock: Clock) -> tuple[Column[DeviceRow], ...]:
    """The columns; keys are the values of `DeviceSort`."""
    return (
        Column("name", _("Name"), lambda row: row.name, width=150),
        Column("type", _("Type"), lambda row: row.type_name, width=120),
        Column(
            "mode",
            _("Mode"),
            badge=lambda row: mode_badge(row.mode, row.operational_until, clock.now()),
            width=116,
        ),
        Column(
            "operational_until",
            _("Operational certificate until"),
            lambda row: end_text(row.operational_until),
            badge=lambda row: nearness(row.operational_until, clock.now()),
            tip=lambda row: zone_text(row.operational_until),
            width=200,
        ),
        Column("organization", _("Organization"), lambda row: row.organization_name, width=116),
        Column(
            "serial_number",
            _("Serial number"),
            lambda row: row.serial_number,
            width=130,
            mono=True,
            shown=False,
        ),
        Column(
            "changed_at",
            _("Last change"),
            lambda row: relative_text(row.changed_at, clock.now()),
            tip=lambda row: zone_text(row.changed_at),
            width=110,
            dim=True,
        ),
    )
