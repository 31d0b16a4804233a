"""The Templates page as administrators, auditors and operators use it."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot

from app.core.errors import NotFoundError
from app.models.domain.access import SYSTEM, Access, Sharing
from app.models.domain.certificate_terms import NOT_A_CA, KeyAlgorithm
from app.models.domain.presets import template_presets
from app.models.domain.subjects import FieldRule
from app.models.domain.templates import Template
from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs
from app.views.templates.gallery import PresetGallery
from app.views.templates.page import TemplatesPage
from tests.models.services.people import person
from tests.views.hands import (
    buttons,
    cells,
    check_tab_order,
    choose,
    click,
    dialog,
    fill,
    form,
    names,
    opened_pages,
    press,
    texts,
)
from tests.views.soon import soon

OpenPage = Callable[..., TemplatesPage]


@pytest.fixture
def open_page(qtbot: QtBot, demo: Workspace, jobs: Jobs) -> Iterator[OpenPage]:
    def make(name: str) -> TemplatesPage:
        return TemplatesPage(demo, person(demo, name), jobs)

    with opened_pages(qtbot, make) as open_one:
        yield open_one


def stored(workspace: Workspace, name: str) -> Template:
    """The template of this name in the database."""
    return next(one for one in workspace.templates.all(SYSTEM) if one.name == name)


def gallery(page: TemplatesPage) -> PresetGallery:
    """The gallery of presets, once it is open."""
    shown = dialog(page)
    assert isinstance(shown, PresetGallery)
    return shown


def test_the_list_says_what_each_is_for_and_is_a_sound_model(open_page: OpenPage) -> None:
    page = open_page()
    tester = QAbstractItemModelTester(
        page.model, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    assert cells(page, "Gateway mTLS client") == {
        "Name": "Gateway mTLS client",
        "Kind": "Operational",
        "Authority": "Acme Operational CA 1",
        "Keys": "EC P-256, EC P-384, RSA 2048",
        "Validity": "731 days",
        "Access": "Tenant",
        "Status": "Active",
    }
    assert cells(page, "Sensor IDevID")["Validity"] == "unlimited"
    page.table.sortByColumn(2, Qt.SortOrder.DescendingOrder)
    soon(lambda: names(page)[0].endswith("client"))
    assert page.search is not None
    QTest.keyClicks(page.search, "factory")
    soon(lambda: sorted(names(page)) == ["Gateway IDevID", "Sensor IDevID"])
    assert tester.model() is page.model


@pytest.mark.req("FAC-07", "FAC-23", "FAC-24")
def test_details_say_what_is_allowed_and_who_uses_it(open_page: OpenPage) -> None:
    page = open_page("mia.rossi")  # an operator, who has to know which keys a CSR may bring
    choose(page, "Gateway IDevID")
    soon(lambda: "Gateway 200" in texts(page.panel))
    read = texts(page.panel)
    for text in (
        "EC P-256, EC P-384, RSA 2048",
        "EC P-256, kept 7 days",
        "Fixed, “Acme Controls”",
        "unlimited",
        "Acme Factory CA 1",
        "digitalSignature",
        "Acme Controls",
    ):
        assert text in read
    assert buttons(page.panel) == []
    assert not page.new_action.isVisible()


@pytest.mark.req("DEC-01")
def test_a_template_is_made_from_a_preset(demo: Workspace, open_page: OpenPage) -> None:
    page = open_page()
    QTest.keyClick(page, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    start = gallery(page)
    titles = [preset.title for preset in template_presets()]
    assert [text for text in texts(start) if text in titles] == titles
    for _step in range(titles.index("Matter device attestation (DAC)")):
        QTest.keyClick(start.list, Qt.Key.Key_Down)
    QTest.keyClick(start.list, Qt.Key.Key_Return)
    new = form(page)
    click(new.save)
    assert new.fields["name"].message() == "Fill this in."
    fill(new, "name", "Lamp DAC")
    fill(new, "authority_id", "Acme Factory CA 1")
    click(new.save)
    soon(lambda: page.banner.text() == "Lamp DAC is saved.")
    made = stored(demo, "Lamp DAC")
    assert [field.kind for field in made.fields] == ["CN", "VID", "PID"]
    assert (made.validity_days, made.hash) == (None, "sha256")
    assert made.extensions == (NOT_A_CA,)
    assert made.sharing == Sharing()
    soon(lambda: "Lamp DAC" in names(page))
    assert cells(page, "Lamp DAC")["Access"] == "Global"


def test_every_preset_is_saved_as_it_is(demo: Workspace, open_page: OpenPage) -> None:
    page = open_page()
    for row, preset in enumerate(template_presets()):
        page.new_action.trigger()
        start = gallery(page)
        start.list.setCurrentRow(row)
        click(start.next)
        new = form(page)
        fill(new, "name", preset.key)
        fill(new, "authority_id", "Acme Factory CA 1")
        click(new.save)
        soon(lambda key=preset.key: page.banner.text() == f"{key} is saved.")  # type: ignore[misc]  # bound now
        made, wanted = stored(demo, preset.key), preset.template
        for part in ("fields", "key_algorithms", "key_usage", "extended_key_usage", "hash"):
            assert getattr(made, part) == getattr(wanted, part)
        for part in ("validity_days", "extensions", "subject_key_identifier", "revocation_urls"):
            assert getattr(made, part) == getattr(wanted, part)


@pytest.mark.req("DEC-01", "DEC-02", "ROLE-05")
def test_a_tenant_admin_clones_what_everybody_has(demo: Workspace, open_page: OpenPage) -> None:
    everywhere = stored(demo, "Sensor mTLS client")
    demo.templates.edit(SYSTEM, replace(everywhere, sharing=Sharing()))
    page = open_page("ruth.keller")
    choose(page, "Sensor mTLS client")
    soon(lambda: buttons(page.panel) == ["Clone…"])
    press(page.panel, "Clone…")
    clone = form(page)
    assert clone.fields["name"].value() == "Copy of Sensor mTLS client"
    fill(clone, "access", "Organization")
    fill(clone, "organization_id", "North plant")
    fill(clone, "name", "North client")
    click(clone.save)
    soon(lambda: "North client" in names(page))
    made = stored(demo, "North client")
    assert made.sharing == Sharing(Access.ORGANIZATION, 1, 1)
    assert made.fields == everywhere.fields
    choose(page, "North client")
    soon(lambda: buttons(page.panel) == ["Edit…", "Clone…", "Deactivate…"])


def test_an_edit_keeps_what_was_not_touched(demo: Workspace, open_page: OpenPage) -> None:
    before = stored(demo, "Gateway mTLS client")
    page = open_page()
    choose(page, "Gateway mTLS client")
    press(page.panel, "Edit…")
    edit = form(page)
    click(edit.save)
    soon(lambda: page.banner.text() == "Gateway mTLS client is saved.")
    assert stored(demo, "Gateway mTLS client") == before
    actions = [one.action for one in demo.audit.of_object(SYSTEM, "template", before.id, 9)]
    assert actions == ["template.create"]
    press(page.panel, "Edit…")
    again = form(page)
    again.sections[0].open()
    fill(again, "made_here", "RSA 2048")
    click(again.save)
    soon(lambda: cells(page, "Gateway mTLS client")["Keys"].startswith("RSA 2048"))
    assert stored(demo, "Gateway mTLS client").key_algorithms[0] is KeyAlgorithm.RSA_2048


def test_switching_off_says_what_stops_and_only_then_it_is_deleted(
    demo: Workspace, open_page: OpenPage
) -> None:
    used, unused = stored(demo, "Gateway IDevID"), stored(demo, "Sensor IDevID")
    clone = demo.templates.create(SYSTEM, replace(unused, id=0, name="Unused"))
    page = open_page()
    for name in (used.name, clone.name):
        choose(page, name)
        press(page.panel, "Deactivate…")
        asked = dialog(page)
        assert f"Deactivate {name}?" in texts(asked)
        assert any("cannot enrol or renew" in text for text in texts(asked))
        press(asked, "Deactivate")
        soon(lambda one=name: page.banner.text() == f"{one} is inactive.")  # type: ignore[misc]  # bound now
    assert not stored(demo, clone.name).active
    press(page.panel, "Delete…")
    press(dialog(page), "Delete")
    soon(lambda: clone.name not in names(page))
    with pytest.raises(NotFoundError):
        demo.templates.read(SYSTEM, clone.id)
    choose(page, used.name)
    press(page.panel, "Delete…")
    press(dialog(page), "Delete")
    soon(lambda: "still in use" in page.banner.text())
    press(page.panel, "Activate")
    soon(lambda: stored(demo, used.name).active)


def test_fields_by_rule_are_told_in_words(demo: Workspace, open_page: OpenPage) -> None:
    page = open_page("ivan.petrov")
    choose(page, "Sensor IDevID")
    soon(lambda: "SAN hardware module" in texts(page.panel))
    (field,) = stored(demo, "Sensor IDevID").fields
    assert field.rule is FieldRule.REQUIRED
    assert f"Required, type {field.hardware_type}" in texts(page.panel)
    soon(lambda: "Created" in texts(page.panel))


def test_tab_comes_by_everything(qtbot: QtBot, open_page: OpenPage) -> None:
    page = open_page()
    choose(page, "Gateway IDevID")
    check_tab_order(qtbot, page)
