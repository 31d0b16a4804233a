"""Properties and custom attributes in the form of a device type."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.models.domain.access import SYSTEM, Access, Sharing
from app.models.domain.device_types import DeviceField, DeviceProperty, DeviceType, FieldKind
from app.models.services.workspace.workspace import Workspace
from app.views.device_types.form import DeviceTypeForm
from tests.views.device_types.acting import (
    attributes,
    mapping,
    properties,
    saved,
    space,
)
from tests.views.device_types.conftest import OpenForm, decoded, stored
from tests.views.hands import click
from tests.views.soon import soon

ACME = Sharing(Access.TENANT, 1)
MOST_MS = 30


def add_attribute(form: DeviceTypeForm, title: str, kind: str = "Text") -> None:
    field = attributes(form)
    click(field.add)
    assert QApplication.focusWidget() is field.attribute.title
    field.attribute.title.insert(title)  # as if pasted; QTest types no “ö”
    field.attribute.kind.setFocus()
    field.attribute.kind.setCurrentText(kind)


def thread_ms(act: Callable[[], None]) -> float:
    """What the window's thread spends on something and all that follows from it, in ms."""
    began = time.thread_time()
    act()
    QApplication.processEvents()
    return (time.thread_time() - began) * 1000


@pytest.mark.req("DTP-10", "DTP-11", "DTP-12", "DTP-13", "DTP-14")
def test_properties_are_required_fixed_or_have_a_default(
    demo: Workspace, open_form: OpenForm
) -> None:
    form = open_form(DeviceType(id=0, name="Pump", sharing=ACME))
    rows = properties(form).rows
    assert [row.used.text() for row in rows.values()] == [
        "Serial number",
        "Model",
        "Hardware version",
        "Manufacturer",
        "Device class",
        "Firmware",
        "Descriptive location",
    ]
    serial, model, firmware = (
        rows[key]
        for key in (DeviceProperty.SERIAL_NUMBER, DeviceProperty.MODEL, DeviceProperty.FIRMWARE)
    )
    for row in (serial, model, firmware):
        space(row.used)
    space(serial.required)
    space(model.fixed)
    assert not model.required.isEnabled()
    QTest.keyClicks(firmware.default, "1.0")
    click(form.save)
    soon(lambda: "Model is fixed and needs a value" in properties(form).message())
    QTest.keyClicks(model.default, "P1")
    saved(form)
    assert stored(demo, "Pump").fields == (
        DeviceField("serial_number", "Serial number", required=True),
        DeviceField("model", "Model", fixed=True, default="P1"),
        DeviceField("firmware", "Firmware", default="1.0"),
    )


@pytest.mark.req("DTP-15")
def test_attributes_are_added_ordered_and_taken_away(demo: Workspace, open_form: OpenForm) -> None:
    form = open_form(stored(demo))
    field = attributes(form)
    add_attribute(form, "Line", "Choice")
    assert field.attribute.choices.isVisible()
    assert not field.attribute.pattern.isVisible()
    click(form.save)
    soon(lambda: "Line: give the values to choose from" in field.message())
    QTest.keyClicks(field.attribute.choices, "North, South")
    add_attribute(form, "Größe (mm)", "Number")
    QTest.keyClicks(field.attribute.default, "wide")
    click(field.up)
    click(form.save)
    soon(lambda: "A number is expected" in field.message())
    assert field.attribute.title.text() == "Größe (mm)"  # it leads to what is wrong
    field.attribute.default.clear()
    QTest.keyClicks(field.attribute.default, "12")
    add_attribute(form, "Batch")
    QTest.keyClicks(field.attribute.pattern, "(a+)+b")
    click(form.save)
    soon(lambda: "too many ways" in field.message())
    field.attribute.pattern.clear()
    QTest.keyClicks(field.attribute.pattern, "[A-Z]{2}")
    field.attribute.length.setValue(2)
    space(field.attribute.required)
    field.choose("mac")
    click(field.remove)
    add_attribute(form, "Line")
    saved(form)
    assert [one for one in stored(demo).fields if not one.is_property] == [
        DeviceField("groe_mm", "Größe (mm)", default="12", kind=FieldKind.NUMBER),
        DeviceField("line", "Line", kind=FieldKind.CHOICE, choices=("North", "South")),
        DeviceField("batch", "Batch", required=True, pattern="[A-Z]{2}", max_length=2),
        DeviceField("line_2", "Line"),
    ]


def test_a_new_attribute_can_be_mapped_and_renamed(demo: Workspace, open_form: OpenForm) -> None:
    form = open_form(stored(demo))
    add_attribute(form, "Site")
    unit = mapping(form).combos["subject.OU"]
    soon(lambda: unit.findText("Site") >= 0)
    unit.setCurrentText("Site")
    title = attributes(form).attribute.title
    title.setFocus()
    QTest.keyClicks(title, " name")
    soon(lambda: unit.currentText() == "Site name")
    saved(form)
    after = stored(demo)
    assert after.operational_mapping["subject.OU"] == "site"
    assert after.fields[-1] == DeviceField("site", "Site name")


def test_forty_attributes_and_three_templates_stay_quick(
    demo: Workspace, open_form: OpenForm
) -> None:
    client = next(o for o in demo.templates.all(SYSTEM) if o.name == "Sensor mTLS client")
    third = demo.templates.create(SYSTEM, replace(client, id=0, name="Third"))
    before = stored(demo)
    many = tuple(DeviceField(f"a{n}", f"Attribute {n}", default=f"{n}") for n in range(40))
    form = open_form(
        replace(
            before,
            fields=(*before.fields, *many),
            operational_template_ids=(*before.operational_template_ids, client.id, third.id),
        )
    )
    soon(lambda: "Attribute 39" in decoded(form))
    field = attributes(form)
    field.choose("a39")
    QApplication.processEvents()
    spent = []
    for editor in (form.fields["name"].editor, field.attribute.default, field.attribute.title):
        editor.setFocus()
        type_one = partial(QTest.keyClicks, editor)
        spent += [thread_ms(partial(type_one, letter)) for letter in "abcdefgh"]
    end = time.monotonic() + 20
    while "Attribute 39abcdefgh" not in decoded(form):  # the lists to map from, and the preview
        spent.append(thread_ms(lambda: None))
        assert time.monotonic() < end
    assert max(spent) < MOST_MS
    assert field.value()[-1].title == "Attribute 39abcdefgh"
