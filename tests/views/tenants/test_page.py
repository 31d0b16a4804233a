"""The Tenants page as administrators and auditors use it."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot

from app.core.errors import AuthenticationError, NotFoundError
from app.models.domain.access import SYSTEM, Channel
from app.models.domain.events import EntityChanged
from app.models.domain.tenants import Tenant
from app.models.services.setup.demo_data import DEMO_PASSWORD
from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs
from app.views.tenants.page import TenantsPage
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

OpenPage = Callable[..., TenantsPage]


@pytest.fixture
def open_page(qtbot: QtBot, demo: Workspace, jobs: Jobs) -> Iterator[OpenPage]:
    def make(name: str) -> TenantsPage:
        return TenantsPage(demo, person(demo, name), jobs)

    with opened_pages(qtbot, make) as open_one:
        yield open_one


@pytest.fixture
def borealis(demo: Workspace) -> Tenant:
    """A second tenant, that owns nothing."""
    return demo.tenants.create_tenant(SYSTEM, "Borealis Pumps")


def stored(workspace: Workspace) -> dict[str, bool]:
    return {tenant.name: tenant.active for tenant in workspace.tenants.tenants(SYSTEM)}


def test_the_list_counts_what_is_whose_and_is_a_sound_model(
    open_page: OpenPage, borealis: Tenant
) -> None:
    page = open_page()
    tester = QAbstractItemModelTester(
        page.model, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    assert names(page) == ["Acme Controls", borealis.name]
    acme = {"Organizations": "2", "Users": "4", "Devices": "0", "Status": "Active"}
    assert cells(page, "Acme Controls") == {"Name": "Acme Controls"} | acme
    page.table.sortByColumn(2, Qt.SortOrder.AscendingOrder)
    soon(lambda: names(page) == [borealis.name, "Acme Controls"])
    assert page.search is not None
    QTest.keyClicks(page.search, "acme")
    soon(lambda: names(page) == ["Acme Controls"])
    assert tester.model() is page.model


@pytest.mark.req("ROLE-04", "SYS-03", "SYS-08")
def test_a_tenant_is_made_by_typing_its_name(demo: Workspace, open_page: OpenPage) -> None:
    page = open_page()
    QTest.keyClick(page, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    new = form(page)
    assert new.fields["name"].editor.accessibleName() == "Name, required"
    QTest.keyClick(new.fields["name"].editor, Qt.Key.Key_Return)
    assert new.fields["name"].message() == "Fill this in."
    fill(new, "name", "Acme Controls")
    QTest.keyClick(new.fields["name"].editor, Qt.Key.Key_Return)
    soon(lambda: "is taken" in new.fields["name"].message())
    fill(new, "name", "Borealis Pumps")
    QTest.keyClick(new.fields["name"].editor, Qt.Key.Key_Return)
    soon(lambda: page.banner.text() == "Borealis Pumps was created.")
    soon(lambda: names(page) == ["Acme Controls", "Borealis Pumps"])
    assert stored(demo) == {"Acme Controls": True, "Borealis Pumps": True}


def test_a_tenant_is_renamed(demo: Workspace, open_page: OpenPage) -> None:
    page = open_page()
    choose(page, "Acme Controls")
    press(page.panel, "Rename…")
    rename = form(page)
    assert rename.fields["name"].value() == "Acme Controls"
    fill(rename, "name", "Acme Works")
    click(rename.save)
    soon(lambda: names(page) == ["Acme Works"])
    soon(lambda: {"Acme Works", "Renamed"} <= set(texts(page.panel)))
    assert stored(demo) == {"Acme Works": True}


@pytest.mark.req("ROLE-04")
def test_switching_a_tenant_off_says_before_what_stops(
    demo: Workspace, open_page: OpenPage
) -> None:
    page = open_page()
    choose(page, "Acme Controls")
    press(page.panel, "Deactivate…")
    asked = dialog(page)
    told = "\n".join(texts(asked))
    assert "Deactivate Acme Controls?" in told
    for line in (
        "2 organizations are switched off with it.",
        "4 users cannot sign in, and are signed out at once.",
        "1 EST server stops answering.",
        "2 device types are not offered any more.",
    ):
        assert line in told
    assert "device cannot" not in told
    QTest.keyClick(asked, Qt.Key.Key_Return)  # Cancel has the focus
    assert stored(demo) == {"Acme Controls": True}
    press(page.panel, "Deactivate…")
    press(dialog(page), "Deactivate")
    soon(lambda: page.banner.text() == "Acme Controls is inactive.")
    with pytest.raises(AuthenticationError):
        demo.users.sign_in("mia.rossi", DEMO_PASSWORD, Channel.WINDOW)
    soon(lambda: "Activate" in buttons(page.panel))
    assert "Deactivate…" not in buttons(page.panel)
    press(page.panel, "Activate")
    soon(lambda: page.banner.text() == "Acme Controls is active.")
    assert demo.users.sign_in("mia.rossi", DEMO_PASSWORD, Channel.WINDOW)


def test_only_an_inactive_tenant_without_anything_is_deleted(
    demo: Workspace, open_page: OpenPage, borealis: Tenant
) -> None:
    acme = demo.tenants.tenants(SYSTEM)[0]
    for tenant in (acme, borealis):
        demo.tenants.set_tenant_active(SYSTEM, tenant.id, active=False)
    page = open_page()
    choose(page, "Acme Controls")
    press(page.panel, "Delete…")
    press(dialog(page), "Delete")
    soon(lambda: "Acme Controls is still in use." in page.banner.text())
    choose(page, borealis.name)
    press(page.panel, "Delete…")
    assert "Delete Borealis Pumps?" in texts(dialog(page))
    press(dialog(page), "Delete")
    soon(lambda: names(page) == ["Acme Controls"])
    assert page.banner.text() == "Borealis Pumps is deleted."
    soon(page.panel.isHidden)
    with pytest.raises(NotFoundError):
        demo.tenants.tenant(SYSTEM, borealis.id)


def test_details_name_the_organizations_and_tell_the_history(
    demo: Workspace, open_page: OpenPage
) -> None:
    plant = demo.tenants.organizations(SYSTEM)[0]
    demo.tenants.set_organization_active(SYSTEM, plant.id, active=False)
    page = open_page()
    choose(page, "Acme Controls")
    soon(lambda: "Created" in texts(page.panel))
    assert {"North plant", "South plant", "Inactive", "History"} <= set(texts(page.panel))


def test_a_name_is_never_read_as_markup(demo: Workspace, open_page: OpenPage) -> None:
    demo.tenants.create_tenant(SYSTEM, "<b>Bold</b> & Sons")
    page = open_page()
    choose(page, "<b>Bold</b> & Sons")
    heading = page.panel.accessibleName()
    assert heading == "Details of <b>Bold</b> & Sons"


def test_what_is_changed_elsewhere_is_seen(demo: Workspace, open_page: OpenPage) -> None:
    page = open_page()
    demo.store.events.subscribe(EntityChanged, page.on_event)
    demo.tenants.create_tenant(SYSTEM, "Borealis Pumps")
    soon(lambda: names(page) == ["Acme Controls", "Borealis Pumps"])


@pytest.mark.req("ROLE-08")
def test_an_auditor_looks_and_changes_nothing(open_page: OpenPage, borealis: Tenant) -> None:
    page = open_page("ivan.petrov")
    assert names(page) == ["Acme Controls", borealis.name]
    choose(page, "Acme Controls")
    soon(lambda: "Created" in texts(page.panel))
    assert [action.text() for action in page.row_actions if action.isVisible()] == []
    assert "New tenant" not in buttons(page)


def test_tab_comes_by_everything(qtbot: QtBot, open_page: OpenPage) -> None:
    page = open_page()
    choose(page, "Acme Controls")
    check_tab_order(qtbot, page)
