"""The form of a device type: templates and mapping, properties, attributes, and the preview."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.models.domain.access import SYSTEM, Access, Sharing
from app.models.domain.device_types import DeviceField, DeviceProperty, DeviceType, FieldKind
from app.models.services.workspace import Workspace
from app.views.device_types.attributes_field import AttributesField
from app.views.device_types.ca_field import CaField
from app.views.device_types.form import DeviceTypeForm
from app.views.device_types.mapping_field import MappingField
from app.views.device_types.operational_field import OperationalField
from app.views.device_types.properties_field import PropertiesField
from tests.manufacturer import Manufacturer
from tests.views.device_types.conftest import OpenForm, decoded, stored
from tests.views.hands import click, fill, offered, shown_fields
from tests.views.soon import soon
from tests.views.station import reached_by_tab, tab_stops

ACME = Sharing(Access.TENANT, 1)
MOST_MS = 30


def operational(form: DeviceTypeForm) -> OperationalField:
    field = form.fields["operational_template_ids"]
    assert isinstance(field, OperationalField)
    return field


def mapping(form: DeviceTypeForm, key: str = "operational_mapping") -> MappingField:
    field = form.fields[key]
    assert isinstance(field, MappingField)
    return field


def properties(form: DeviceTypeForm) -> PropertiesField:
    field = form.fields["properties"]
    assert isinstance(field, PropertiesField)
    return field


def attributes(form: DeviceTypeForm) -> AttributesField:
    field = form.fields["attributes"]
    assert isinstance(field, AttributesField)
    return field


def external(form: DeviceTypeForm) -> CaField:
    field = form.fields["external_ca_id"]
    assert isinstance(field, CaField)
    return field


def saved(form: DeviceTypeForm) -> None:
    """Press Save and wait until the form is gone."""
    gone: list[object] = []
    form.saved.connect(gone.append)
    click(form.save)
    soon(lambda: bool(gone))


def space(widget: object) -> None:
    QTest.keyClick(widget, Qt.Key.Key_Space)  # type: ignore[call-overload]  # any widget


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


@pytest.mark.req("DT-02", "DT-03", "DT-09", "DT-10", "DTP-08", "DTP-11")
def test_a_new_type_begins_with_what_is_usual(demo: Workspace, open_form: OpenForm) -> None:
    form = open_form(DeviceType(id=0, name="", fields=()))
    click(form.save)
    assert form.fields["name"].message() == "Fill this in."
    for key in ("enforce_factory_mode", "auto_registration", "use_mapping"):
        assert form.fields[key].value() is False
    assert form.fields["password_enabled"].value() is True
    assert form.fields["password_retention_hours"].value() == 1
    fill(form, "name", "Cable")
    saved(form)
    made = stored(demo, "Cable")
    assert (made.description, made.password_retention_hours) == ("", 1)


@pytest.mark.req("DT-04", "DT-05", "DT-06", "DT-07", "DT-08", "DEC-01", "DEC-02")
def test_access_asks_for_what_it_needs(demo: Workspace, open_form: OpenForm) -> None:
    form = open_form(DeviceType(id=0, name=""))
    assert offered(form, "access") == ["Global", "Tenant", "Organization"]
    assert not {"tenant_id", "organization_id"} & set(shown_fields(form))
    fill(form, "access", "Tenant")
    assert "tenant_id" in shown_fields(form)
    assert "organization_id" not in shown_fields(form)
    fill(form, "access", "Organization")
    fill(form, "organization_id", "North plant")
    fill(form, "name", "Of the north")
    saved(form)
    assert stored(demo, "Of the north").sharing == Sharing(Access.ORGANIZATION, 1, 1)


@pytest.mark.req("DTC-02", "DTC-03", "DTC-04", "DTC-05")
def test_operational_templates_are_added_removed_and_made_default(
    demo: Workspace, open_form: OpenForm
) -> None:
    before = stored(demo)
    form = open_form(before)
    field = operational(form)
    assert [field.list.item(0).text()] == ["Gateway mTLS client (default)"]
    assert [field.offer.itemText(row) for row in range(field.offer.count())] == [
        "Sensor mTLS client"
    ]
    click(field.add)
    assert field.list.item(1).text() == "Sensor mTLS client"
    assert not field.add.isEnabled()
    click(field.set_default)
    assert field.list.item(0).text() == "Sensor mTLS client (default)"
    field.list.setCurrentRow(1)
    click(field.remove)
    assert field.list.count() == 1
    click(field.add)
    saved(form)
    sensor = stored(demo, "Flow sensor").default_operational_template_id
    after = stored(demo)
    assert after.operational_template_ids == (sensor, before.default_operational_template_id)
    assert after.default_operational_template_id == sensor


def test_a_template_that_was_switched_off_is_not_lost_silently(
    demo: Workspace, open_form: OpenForm
) -> None:
    before = stored(demo)
    (template_id,) = before.operational_template_ids
    demo.templates.set_active(SYSTEM, template_id, active=False)
    form = open_form(before)
    assert form.device_type() == before
    click(form.save)
    soon(lambda: "Gateway mTLS client cannot be used" in operational(form).message())
    assert stored(demo) == before
    other = open_form(replace(before, id=0, name="Other", operational_template_ids=()))
    assert "Gateway mTLS client" not in [
        operational(other).offer.itemText(row) for row in range(operational(other).offer.count())
    ]


@pytest.mark.req("DTC-11", "DTC-12", "DTC-13", "DTC-14", "DTC-15", "DTC-16")
def test_the_subjects_of_a_template_are_shown_and_mapped(
    demo: Workspace, open_form: OpenForm
) -> None:
    form = open_form(stored(demo))
    field = mapping(form)
    read = [label.text() for label in field.findChildren(QLabel) if label.isVisible()]
    for text in ("Name", "Mapping", "Max. length", "Default", "Common name *", "Organization"):
        assert text in read
    assert "Fixed by the template" in read
    assert {"Acme Controls", "Gateways"} <= set(read)  # defaults can only be read
    assert set(field.combos) == {"subject.CN", "subject.OU", "san.dns"}  # O is fixed
    unit = field.combos["subject.OU"]
    choices = [unit.itemText(row) for row in range(unit.count())]
    assert choices[:3] == ["\N{EN DASH}", "Device name", "Serial number"]
    assert "MAC address" in choices
    unit.setFocus()
    QTest.keyClicks(unit, "MAC")
    saved(form)
    after = stored(demo)
    assert after.operational_mapping == {"subject.CN": "name", "subject.OU": "mac"}


@pytest.mark.req("DTC-01", "DTC-07", "DTC-10")
def test_factory_certificates_have_one_source(demo: Workspace, open_form: OpenForm) -> None:
    form = open_form(stored(demo))
    assert offered(form, "factory_template_id") == [
        "Choose…",
        "Gateway IDevID",
        "Sensor IDevID",
    ]
    assert "external_ca_id" not in shown_fields(form)
    fill(form, "source", "Issued by an external CA")
    assert {"factory_template_id", "factory_mapping"}.isdisjoint(shown_fields(form))
    click(form.save)
    assert form.fields["external_ca_id"].message() == "Fill this in."
    fill(form, "source", "No factory certificates")
    assert "factory_renewal_hours" not in shown_fields(form)
    saved(form)
    after = stored(demo)
    assert (after.factory_template_id, after.factory_mapping) == (None, {})


@pytest.mark.req("DTC-08", "DTC-09")
def test_only_a_verified_external_ca_can_be_chosen(
    demo: Workspace, open_form: OpenForm, tmp_path: Path
) -> None:
    form = open_form(stored(demo))
    fill(form, "source", "Issued by an external CA")
    known = offered(form, "external_ca_id")
    asked: list[bool] = []
    form.register_requested.connect(lambda: asked.append(True))
    click(external(form).register)
    assert asked == [True]
    maker = Manufacturer(tmp_path / "maker").certificate
    ca = demo.external_cas.register(SYSTEM, "Maker", maker, 1)
    form.registered(ca)
    soon(lambda: "once it is verified" in external(form).message())
    assert offered(form, "external_ca_id") == known
    demo.external_ca_proof.verify_by_override(SYSTEM, ca.id)
    form.registered(demo.external_cas.get(SYSTEM, ca.id))
    soon(lambda: external(form).value() == ca.id)
    saved(form)
    assert stored(demo).external_ca_id == ca.id


@pytest.mark.req("DT-14", "DT-18", "DT-22", "DT-23")
def test_what_auto_registration_needs_is_said_where_it_is_switched_on(
    demo: Workspace, open_form: OpenForm
) -> None:
    form = open_form(stored(demo))
    switch = form.fields["auto_registration"]
    space(switch.editor)
    fill(form, "source", "No factory certificates")
    click(form.save)
    soon(lambda: "needs factory certificates" in switch.message())
    fill(form, "source", "Issued here, from a template")
    template = demo.templates.all(SYSTEM)
    factory = next(one for one in template if one.name == "Gateway IDevID")
    client = next(one for one in template if one.name == "Gateway mTLS client")
    demo.templates.edit(SYSTEM, replace(client, authority_id=factory.authority_id))
    fill(form, "factory_template_id", "Gateway IDevID")
    click(form.save)
    soon(lambda: "from the same CA" in switch.message())
    assert switch.message().count("Acme Factory CA 1") == 2
    demo.templates.edit(SYSTEM, client)
    mapped = form.fields["use_mapping"]
    space(mapped.editor)
    saved(form)
    after = stored(demo)
    assert (after.auto_registration, after.use_mapping) == (True, True)


@pytest.mark.req("DTP-01", "DTP-06", "DTP-07", "DTC-17", "DTC-18", "DT-10", "DT-11")
def test_credentials_and_windows_are_set(demo: Workspace, open_form: OpenForm) -> None:
    form = open_form(stored(demo))
    for key, hours in (
        ("password_retention_hours", "5"),
        ("operational_renewal_hours", "48"),
        ("factory_renewal_hours", "24"),
    ):
        editor = form.fields[key].editor
        editor.setFocus()
        QTest.keySequence(editor, "Ctrl+A")
        QTest.keyClicks(editor, hours)
    space(form.fields["enforce_factory_mode"].editor)
    space(form.fields["password_enabled"].editor)
    assert "password_retention_hours" not in shown_fields(form)
    saved(form)
    after = stored(demo)
    assert (after.password_enabled, after.password_retention_hours) == (False, 5)
    assert (after.operational_renewal_hours, after.factory_renewal_hours) == (48, 24)
    assert after.enforce_factory_mode


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


def test_the_preview_shows_the_questions_and_both_certificates(
    demo: Workspace, open_form: OpenForm
) -> None:
    form = open_form(stored(demo))
    soon(lambda: "FACTORY CERTIFICATE" in decoded(form))
    for text in ("Serial number *", "Fixed, “Gateway 200”", "Password *", "device-0001"):
        assert text in decoded(form)
    assert "Gateway mTLS client" in decoded(form)
    fill(form, "source", "No factory certificates")
    space(form.fields["password_enabled"].editor)
    soon(lambda: "FACTORY CERTIFICATE" not in decoded(form))
    assert "Password *" not in decoded(form)
    unit = mapping(form).combos["subject.OU"]
    unit.setCurrentText("Hardware version")
    soon(lambda: "C2" in decoded(form).partition("OPERATIONAL")[2])


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


def test_tab_comes_by_everything_in_the_form(
    demo: Workspace, qtbot: QtBot, open_form: OpenForm
) -> None:
    form = open_form(stored(demo))
    soon(lambda: bool(decoded(form)))
    stops = tab_stops(form)
    assert stops <= reached_by_tab(qtbot, form)
    unnamed = [
        widget
        for widget in stops
        if not (widget.accessibleName() or getattr(widget, "text", str)())
    ]
    assert unnamed == []
