"""Values of device fields: what each kind takes, what is made of it, and hostile texts."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidInputError
from app.models.domain.device_types import (
    DeviceField,
    DeviceProperty,
    FieldKind,
    check_values,
    field_values,
    mac_text,
    property_title,
    value_problems,
)

CHOICE = DeviceField("line", "Line", kind=FieldKind.CHOICE, choices=("A", "B"))
MAC = DeviceField("mac", "MAC", kind=FieldKind.MAC)
DAY = DeviceField("day", "Day", kind=FieldKind.DATE)
NUMBER = DeviceField("size", "Size", kind=FieldKind.NUMBER)
LOT = DeviceField("lot", "Lot", pattern="[A-Z]{2}[0-9]*", max_length=6)


@pytest.mark.req("DTP-15")
@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        (CHOICE, ("A", "B"), ("C", "a", "A,B")),
        (MAC, ("00:1B:44:11:3A:B7", "001b44113ab7"), ("00:1B:44:11:3A", "x")),
        (MAC, ("00-1b-44-11-3a-b7-00-01",), ("00:1B-44:11:3A:B7", "00:1B:44:11:3A:B7:00")),
        (DAY, ("2026-03-31", "2028-02-29"), ("2026-02-29", "20260331", "2026-W14-2", "31.3.26")),
        (NUMBER, ("0", "-12", "1.50"), ("1e3", "1,5", "+1", ".5", "١٢", "1." + "0" * 10)),
        (LOT, ("AB", "AB1234"), ("AB12345", "ab", "AB1 ")),
    ],
)
def test_each_kind_takes_its_own_values(
    field: DeviceField, good: tuple[str, ...], bad: tuple[str, ...]
) -> None:
    for value in good:
        assert value_problems((field,), {field.key: value}) == {}
    for value in bad:
        assert set(value_problems((field,), {field.key: value})) == {field.key}
    assert value_problems((field,), {}) == {}  # nothing is required


@pytest.mark.req("DTP-13", "DEV-12")
def test_a_required_value_is_missed_by_the_name_of_its_field() -> None:
    serial = DeviceField("serial_number", "ignored", required=True)
    with pytest.raises(InvalidInputError, match="Serial number: The device type requires") as found:
        check_values((serial,), {"serial_number": ""})
    assert found.value.field == "serial_number"


@pytest.mark.req("DTP-12", "DTP-14")
def test_values_are_fixed_default_or_as_given() -> None:
    fields = (
        DeviceField("model", "Model", fixed=True, default="M1"),
        DeviceField("firmware", "Firmware", default="1.0"),
        MAC,
    )
    assert field_values(fields, {"model": "M2", "mac": " 001b44113ab7 "}) == {
        "model": "M1",
        "firmware": "1.0",
        "mac": "00:1B:44:11:3A:B7",
    }
    assert field_values(fields, {"firmware": ""})["firmware"] == ""


@pytest.mark.req("DTP-10")
def test_the_seven_properties_have_titles_of_their_own() -> None:
    titles = [property_title(key) for key in DeviceProperty]
    assert titles == [
        "Serial number",
        "Model",
        "Hardware version",
        "Manufacturer",
        "Device class",
        "Firmware",
        "Descriptive location",
    ]


@given(st.binary(min_size=6, max_size=6) | st.binary(min_size=8, max_size=8))
def test_every_spelling_of_an_address_becomes_one(octets: bytes) -> None:
    wanted = octets.hex(":").upper()
    for spelling in (octets.hex(), octets.hex("-"), octets.hex("."), octets.hex(":").upper()):
        assert mac_text(spelling) == wanted
    assert value_problems((MAC,), {"mac": wanted}) == {}


@given(st.dates(min_value=date(1000, 1, 1), max_value=date(9999, 12, 30)))
def test_days_are_written_in_one_way(day: date) -> None:
    for one in (day, day + timedelta(days=1)):
        assert value_problems((DAY,), {"day": one.isoformat()}) == {}


@given(st.text(max_size=300))
def test_any_text_is_judged(value: str) -> None:
    for field in (CHOICE, MAC, DAY, NUMBER, LOT, DeviceField("text", "Text")):
        values = field_values((field,), {field.key: value})
        problems = value_problems((field,), values)
        assert all(problems.values())
        if not problems:
            assert values[field.key].isprintable()
            assert len(values[field.key]) <= field.max_length
