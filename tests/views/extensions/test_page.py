"""The Custom extensions page as administrators and auditors use it."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

from app.core.errors import NotFoundError
from app.models.domain.access import SYSTEM, Access, Sharing
from app.models.domain.extensions import Extension
from app.models.services.listing import ListQuery
from app.models.services.workspace.workspace import Workspace
from app.views.extensions.page import ExtensionsPage
from app.views.jobs import Jobs
from app.views.widgets.form_dialog import FormDialog
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
    offered,
    opened_pages,
    press,
    shown_fields,
    texts,
)
from tests.views.soon import soon

OpenPage = Callable[..., ExtensionsPage]
OID = "1.3.6.1.4.1.32473.1.21"


@pytest.fixture
def open_page(qtbot: QtBot, demo: Workspace, jobs: Jobs) -> Iterator[OpenPage]:
    def make(name: str) -> ExtensionsPage:
        return ExtensionsPage(demo, person(demo, name), jobs)

    with opened_pages(qtbot, make) as open_one:
        yield open_one


def stored(workspace: Workspace, name: str) -> Extension:
    """The extension of this name in the database."""
    found = workspace.extensions.page(SYSTEM, ListQuery(), 0, 99)
    return next(one for one in found if one.name == name)


def type_value(shown: FormDialog, text: str) -> None:
    """Type into the value, over what is there."""
    editor = shown.fields["value"].editor
    assert isinstance(editor, QPlainTextEdit)
    editor.setFocus()
    editor.selectAll()
    QTest.keyClicks(editor, text)


def test_the_list_says_what_is_in_each_and_is_a_sound_model(open_page: OpenPage) -> None:
    page = open_page()
    tester = QAbstractItemModelTester(
        page.model, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    assert names(page) == ["MASA URL", "Production site"]
    assert cells(page, "Production site") == {
        "Name": "Production site",
        "Object identifier": "1.3.6.1.4.1.32473.1.20",
        "Critical": "no",
        "Value": "UTF8String: North plant, line 2",
        "Access": "Tenant",
        "Status": "Active",
    }
    assert page.search is not None
    QTest.keyClicks(page.search, "7.1.32")
    soon(lambda: names(page) == ["MASA URL"])
    assert tester.model() is page.model


@pytest.mark.req("DEC-01", "DEC-02")
def test_one_is_made_with_its_bytes_in_sight(demo: Workspace, open_page: OpenPage) -> None:
    page = open_page()
    QTest.keyClick(page, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    new = form(page)
    fill(new, "name", "Batch")
    fill(new, "oid", "2.5.29.19")
    fill(new, "kind", "INTEGER")
    type_value(new, "x4")
    assert "not a whole number" in new.fields["value"].message()
    assert new.fields["der"].value() == ""
    type_value(new, "300")
    assert new.fields["der"].value() == "02 02 01 2c"
    assert "follows from the other settings" in new.fields["oid"].message()
    fill(new, "oid", OID)
    assert new.fields["oid"].message() == ""
    assert f"Object identifier: {OID}" in new.fields["decoded"].value()
    assert "tenant_id" not in shown_fields(new)
    fill(new, "access", "Organization")
    assert offered(new, "organization_id") == ["North plant", "South plant"]
    fill(new, "organization_id", "South plant")
    click(new.save)
    soon(lambda: page.banner.text() == "Batch is saved.")
    soon(lambda: "Batch" in names(page))
    made = stored(demo, "Batch")
    assert (made.oid, made.value, made.critical) == (OID, bytes.fromhex("0202012c"), False)
    assert made.sharing == Sharing(Access.ORGANIZATION, 1, 2)


def test_hexadecimal_der_is_taken_as_it_is(demo: Workspace, open_page: OpenPage) -> None:
    page = open_page()
    page.new_action.trigger()
    new = form(page)
    fill(new, "name", "Raw")
    fill(new, "oid", OID)
    fill(new, "kind", "DER")
    type_value(new, "30 05")
    assert "not valid DER" in new.fields["value"].message()
    click(new.save)
    soon(lambda: "not valid DER" in new.fields["value"].message() and new.save.isEnabled())
    type_value(new, "30:03:02:01:07")
    click(new.save)
    soon(lambda: "Raw" in names(page))
    assert stored(demo, "Raw").value == bytes.fromhex("3003020107")


def test_a_change_is_stored_and_told_in_the_history(demo: Workspace, open_page: OpenPage) -> None:
    page = open_page()
    choose(page, "Production site")
    assert {"UTF8String", "North plant, line 2"} <= set(texts(page.panel))
    press(page.panel, "Edit…")
    edit = form(page)
    assert edit.fields["value"].value() == "North plant, line 2"
    type_value(edit, "South plant")
    QTest.keyClick(edit.fields["critical"].editor, Qt.Key.Key_Space)
    click(edit.save)
    soon(lambda: cells(page, "Production site")["Value"] == "UTF8String: South plant")
    soon(lambda: "Changed" in texts(page.panel))
    changed = stored(demo, "Production site")
    assert (changed.critical, changed.value) == (True, b"\x0c\x0bSouth plant")


def test_switching_off_and_deleting(demo: Workspace, open_page: OpenPage) -> None:
    page = open_page()
    choose(page, "MASA URL")
    soon(lambda: buttons(page.panel) == ["Edit…", "Deactivate"])
    press(page.panel, "Deactivate")
    soon(lambda: page.banner.text() == "MASA URL is inactive.")
    assert not stored(demo, "MASA URL").active
    masa = stored(demo, "MASA URL")
    press(page.panel, "Delete…")
    asked = dialog(page)
    assert "Delete MASA URL?" in texts(asked)
    QTest.keyClick(asked, Qt.Key.Key_Return)  # Cancel has the focus
    assert stored(demo, "MASA URL") == masa
    press(page.panel, "Activate")
    soon(lambda: stored(demo, "MASA URL").active)
    press(page.panel, "Deactivate")
    press(page.panel, "Delete…")
    press(dialog(page), "Delete")
    soon(lambda: names(page) == ["Production site"])
    with pytest.raises(NotFoundError):
        demo.extensions.get(SYSTEM, masa.id)


@pytest.mark.req("ROLE-05", "ROLE-06", "DEC-01")
def test_nobody_is_shown_what_they_may_not_do(demo: Workspace, open_page: OpenPage) -> None:
    everywhere = Extension(0, "Everywhere", OID, critical=False, value=b"\x05\x00")
    demo.extensions.create(SYSTEM, everywhere)
    auditor = open_page("paul.jensen")
    choose(auditor, "MASA URL")
    assert not auditor.new_action.isVisible()
    soon(lambda: "Content" in texts(auditor.panel))
    assert buttons(auditor.panel) == []
    tenant_admin = open_page("ruth.keller")
    choose(tenant_admin, "Everywhere")
    soon(lambda: "Content" in texts(tenant_admin.panel))
    assert buttons(tenant_admin.panel) == []
    choose(tenant_admin, "MASA URL")
    soon(lambda: buttons(tenant_admin.panel) == ["Edit…", "Deactivate"])
    press(tenant_admin.panel, "Edit…")
    assert offered(form(tenant_admin), "access") == ["Tenant", "Organization"]


def test_tab_comes_by_everything(qtbot: QtBot, open_page: OpenPage) -> None:
    page = open_page()
    choose(page, "MASA URL")
    check_tab_order(qtbot, page)
