"""The form of a template: fields of the name, usages, extensions, and the sample beside them."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QWidget
from pytestqt.qtbot import QtBot

from app.models.domain.access import SYSTEM, Actor, Scope
from app.models.domain.certificate_terms import KeyAlgorithm, KeyUsage
from app.models.domain.issuing import IssueRequest
from app.models.domain.subjects import FieldRule, NamePart, TemplateField
from app.models.domain.templates import Template
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import read_certificate
from app.pki.tbs import read_fields
from app.views.jobs import Jobs
from app.views.templates.form import TemplateForm, read_choices
from app.views.templates.name_row import NameRow
from app.views.templates.names_field import NamesField
from app.views.widgets.checks_field import ChecksField
from app.views.widgets.field import ChoiceField
from tests.models.services.people import person
from tests.views.hands import click, fill
from tests.views.soon import soon
from tests.views.station import reached_by_tab, tab_stops

UPN = "1.3.6.1.4.1.311.20.2.3"
CN = TemplateField(NamePart.SUBJECT, "CN", FieldRule.REQUIRED)
OpenForm = Callable[..., TemplateForm]


@pytest.fixture
def open_form(qtbot: QtBot, demo: Workspace, jobs: Jobs) -> Iterator[OpenForm]:
    """Opens the form of a demo template, with all of its sections."""
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    assert QTest.qWaitForWindowActive(window)

    def make(name: str = "Sensor mTLS client", who: str = "admin") -> TemplateForm:
        actor = person(demo, who)
        form = TemplateForm(
            demo, actor, read_choices(demo, actor), stored(demo, name), jobs=jobs, parent=window
        )
        form.open()
        form.activateWindow()
        soon(lambda: QApplication.focusWidget() is form.fields["name"].editor)
        for section in form.sections:
            section.open()
        return form

    yield make
    shiboken6.delete(window)


def stored(workspace: Workspace, name: str) -> Template:
    return next(one for one in workspace.templates.all(SYSTEM) if one.name == name)


def name_fields(form: TemplateForm) -> NamesField:
    field = form.fields["fields"]
    assert isinstance(field, NamesField)
    return field


def add(form: TemplateForm, title: str) -> NameRow:
    """Add a field of the name by its title; returns its row."""
    names = name_fields(form)
    names.kinds.setCurrentIndex(names.kinds.findText(title))
    assert names.kinds.currentText() == title
    click(names.add)
    return names.rows[-1]


def tick(form: TemplateForm, key: str, value: object) -> None:
    field = form.fields[key]
    assert isinstance(field, ChecksField)
    QTest.keyClick(field.boxes[value], Qt.Key.Key_Space)


def decoded(form: TemplateForm) -> str:
    return form.sample.decoded.toPlainText()


def test_fields_of_the_name_are_added_ordered_and_taken_away(
    demo: Workspace, open_form: OpenForm
) -> None:
    form = open_form()
    names = name_fields(form)
    assert [row.field().kind for row in names.rows] == ["CN", "O"]
    unit = add(form, "Organizational unit (OU)")
    assert QApplication.focusWidget() is unit.default
    QTest.keyClicks(unit.default, "Line 1")
    unit.rule.setCurrentText("Fixed")
    second = add(form, "Organizational unit (OU)")
    second.rule.setCurrentText("Optional")
    second.length.setValue(12)
    other = add(form, "Other name, by OID (UTF8String)")
    assert QApplication.focusWidget() is other.oid
    QTest.keyClicks(other.oid, UPN)
    names.rows[3].up.setFocus()
    QTest.keyClick(names.rows[3].up, Qt.Key.Key_Space)
    assert QApplication.focusWidget() is names.rows[2].up
    QTest.keyClick(names.rows[2].up, Qt.Key.Key_Space)
    QTest.keyClick(names.rows[0].remove, Qt.Key.Key_Space)
    click(form.save)
    soon(lambda: not shiboken6.isValid(form) or not form.isVisible())
    made = stored(demo, "Sensor mTLS client")
    assert made.fields == (
        TemplateField(NamePart.SUBJECT, "OU", FieldRule.OPTIONAL, max_length=12),
        TemplateField(NamePart.SUBJECT, "O", FieldRule.FIXED, "Acme Controls"),
        TemplateField(NamePart.SUBJECT, "OU", FieldRule.FIXED, "Line 1", index=2),
        TemplateField(NamePart.SAN, UPN),
    )


def test_the_sample_follows_what_is_typed(open_form: OpenForm) -> None:
    form = open_form()
    soon(lambda: "device-0001" in decoded(form))
    assert "366" not in decoded(form)
    QTest.keyClicks(name_fields(form).rows[0].default, "pump-7")
    soon(lambda: "pump-7" in decoded(form))
    tick(form, "key_usage", KeyUsage.KEY_ENCIPHERMENT)
    QTest.keyClick(form.fields["not_a_ca"].editor, Qt.Key.Key_Space)
    soon(lambda: "Basic constraints" in decoded(form))
    octets = bytes.fromhex(form.sample.bytes.toPlainText())
    assert read_certificate(octets).key_usage == frozenset(
        {KeyUsage.DIGITAL_SIGNATURE, KeyUsage.KEY_ENCIPHERMENT}
    )
    click(form.sample.parts.buttons["bytes"])
    assert form.sample.bytes.isVisible()
    assert not form.sample.decoded.isVisible()


def test_a_linter_says_what_is_odd(open_form: OpenForm) -> None:
    form = open_form()
    button = form.sample.parts.buttons["findings"]
    soon(lambda: button.text() == "No findings")
    QTest.keyClick(form.fields["subject_key_identifier"].editor, Qt.Key.Key_Space)
    soon(lambda: button.text() == "1 finding")
    click(button)
    assert "pkix.certificate_skid_end_entity_missing" in form.sample.findings.toPlainText()


def test_while_something_is_missing_the_sample_says_what(open_form: OpenForm) -> None:
    form = open_form()
    soon(lambda: bool(decoded(form)))
    for _field in range(2):
        QTest.keyClick(name_fields(form).rows[0].remove, Qt.Key.Key_Space)
    soon(lambda: "at least one subject or SAN field" in form.sample.banner.text())
    assert not form.sample.decoded.isEnabled()  # it is of before
    row = add(form, "SAN IP")
    QTest.keyClicks(row.default, "192.0.2.9")
    soon(lambda: "192.0.2.9" in decoded(form))
    assert form.sample.banner.isHidden()
    assert form.sample.decoded.isEnabled()


def test_what_is_wrong_stands_where_it_is_put_right(demo: Workspace, open_form: OpenForm) -> None:
    form = open_form()
    before = stored(demo, "Sensor mTLS client")
    tick(form, "key_algorithms", KeyAlgorithm.ED25519)
    tick(form, "key_usage", KeyUsage.KEY_AGREEMENT)
    click(form.save)
    soon(lambda: "can only sign: Ed25519" in form.fields["key_usage"].message())
    assert form.fields["key_usage"].isVisible()  # its section was opened
    tick(form, "key_usage", KeyUsage.KEY_AGREEMENT)
    fill(form, "other_purposes", "1.3.6.1.4.1.32473.1.5, clientAuth")
    click(form.save)
    soon(lambda: "clientAuth is not an object" in form.fields["other_purposes"].message())
    fill(form, "other_purposes", "1.3.6.1.4.1.32473.1.5")
    row = add(form, "Country (C)")
    QTest.keyClicks(row.default, "Norway")
    click(form.save)
    soon(lambda: "Country" in form.fields["fields"].message())
    assert stored(demo, "Sensor mTLS client") == before
    row.default.clear()
    QTest.keyClicks(row.default, "NO")
    click(form.save)
    soon(lambda: "1.3.6.1.4.1.32473.1.5" in stored(demo, before.name).extended_key_usage)


@pytest.mark.req("FAC-23", "FAC-24")
def test_the_validity_is_asked_for_unless_unlimited(demo: Workspace, open_form: OpenForm) -> None:
    form = open_form()
    days, unlimited = form.fields["validity_days"], form.fields["unlimited"]
    assert (days.value(), unlimited.value()) == (366, False)
    QTest.keyClick(unlimited.editor, Qt.Key.Key_Space)
    assert days.isHidden()
    soon(lambda: "2036" in decoded(form))  # as far as its authority goes
    click(form.save)
    soon(lambda: stored(demo, "Sensor mTLS client").validity_days is None)


def test_an_extension_that_is_ticked_reaches_the_certificate(
    demo: Workspace, open_form: OpenForm
) -> None:
    form = open_form()
    extension = demo.extensions.offered(SYSTEM, stored(demo, "Sensor mTLS client").sharing)[1]
    tick(form, "extension_ids", extension.id)
    soon(lambda: "North plant, line 2" in decoded(form))
    click(form.save)
    soon(lambda: stored(demo, "Sensor mTLS client").extension_ids == (extension.id,))
    request = IssueRequest(stored(demo, "Sensor mTLS client").id, typed={"subject.CN": "S-1"})
    issued = demo.certificate_issuing.issue(
        SYSTEM, request, Scope(1, 1), pfx_passphrase="three green apples"
    )
    assert read_fields(issued.certificate.der).extensions[extension.oid] == extension.content


@pytest.mark.req("DEC-02")
def test_only_what_is_offered_as_widely_can_be_chosen(
    demo: Workspace, admin: Actor, open_form: OpenForm
) -> None:
    north = demo.templates.edit(admin, replace(stored(demo, "Sensor IDevID"), extension_ids=()))
    form = open_form(north.name)
    assert {box.text() for box in _boxes(form)} == {
        "MASA URL (1.3.6.1.5.5.7.1.32)",
        "Production site (1.3.6.1.4.1.32473.1.20)",
    }
    assert form.fields["organization_id"].isHidden()
    fill(form, "access", "Global")
    assert form.fields["tenant_id"].isHidden()
    assert _boxes(form) == []
    fill(form, "access", "Organization")
    assert form.fields["organization_id"].isVisible()
    assert len(_boxes(form)) == 2


def test_tab_comes_by_everything_in_the_form(qtbot: QtBot, open_form: OpenForm) -> None:
    form = open_form("Sensor IDevID")
    soon(lambda: bool(decoded(form)))
    others = {chip for chip in form.sample.parts.buttons.values() if not chip.isChecked()}
    stops = tab_stops(form) - others
    assert stops <= reached_by_tab(qtbot, form)
    unnamed = [
        widget
        for widget in stops
        if not (widget.accessibleName() or getattr(widget, "text", str)())
    ]
    assert unnamed == []


def _boxes(form: TemplateForm) -> list[QCheckBox]:
    field = form.fields["extension_ids"]
    assert isinstance(field, ChecksField)
    return list(field.boxes.values())


def test_without_an_authority_the_form_says_where_to_make_one(
    open_form: OpenForm, demo: Workspace, admin: Actor
) -> None:
    for one in demo.authorities.all(admin):
        demo.authorities.set_active(admin, one.id, active=False)
    form = open_form()
    authority = form.fields["authority_id"]
    assert isinstance(authority, ChoiceField)
    assert authority.input.currentText() == "None yet, see the page “Authorities”"
    soon(lambda: form.sample.banner.text() == "Choose an authority to see a sample.")


@pytest.mark.req("DT-22")
def test_an_authority_that_would_break_a_device_type_is_refused_where_it_is_chosen(
    open_form: OpenForm, demo: Workspace
) -> None:
    (kind,) = (one for one in demo.device_types.all(SYSTEM) if one.name == "Flow sensor")
    demo.device_types.edit(SYSTEM, replace(kind, auto_registration=True))
    form = open_form()
    authority = form.fields["authority_id"]
    fill(form, "authority_id", "Acme Factory CA 1")
    click(form.save)
    soon(lambda: "of Flow sensor would come from the same CA" in authority.message())
    fill(form, "authority_id", "Acme Operational CA 1")
    assert authority.message() == ""
