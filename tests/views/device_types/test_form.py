"""The form of a device type: templates and mapping, switches, credentials, and the preview."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea
from pytestqt.qtbot import QtBot

from app.models.domain.access import SYSTEM, Access, Sharing
from app.models.domain.device_types import DeviceType
from app.models.services.workspace.workspace import Workspace
from app.views.theme import apply_theme
from app.views.theme.fonts import scaled
from tests.manufacturer import Manufacturer
from tests.views.device_types.acting import external, mapping, operational, saved, space
from tests.views.device_types.conftest import OpenForm, decoded, stored
from tests.views.hands import click, fill, offered, shown_fields
from tests.views.soon import soon
from tests.views.station import reached_by_tab, tab_stops


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


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_fields_keep_their_margins_at_any_text_size(
    qapp: QApplication, demo: Workspace, open_form: OpenForm, scale: float
) -> None:
    apply_theme(qapp, "light", scale)
    form = open_form(stored(demo))
    form.resize(1280, 672)  # what a small screen has room for
    QApplication.processEvents()
    area = form.findChildren(QScrollArea)[0].viewport()
    for key in shown_fields(form):
        field = form.fields[key]
        left = field.mapTo(area, field.rect().topLeft()).x()
        right = field.mapTo(area, field.rect().topRight()).x() + 1
        assert (left, area.width() - right) == (scaled(24), scaled(24)), key
    assert form.width() == 1280
