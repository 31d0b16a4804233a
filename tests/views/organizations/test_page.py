"""The Organizations page, for those who see all tenants and those who see their own."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot

from app.core.errors import AuthenticationError
from app.models.domain.access import SYSTEM, Channel
from app.models.domain.tenants import Tenant
from app.models.services.setup.demo_data import DEMO_PASSWORD
from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs
from app.views.organizations.page import OrganizationsPage
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
    titles,
)
from tests.views.soon import soon

OpenPage = Callable[..., OrganizationsPage]


@pytest.fixture
def open_page(qtbot: QtBot, demo: Workspace, jobs: Jobs) -> Iterator[OpenPage]:
    def make(name: str) -> OrganizationsPage:
        return OrganizationsPage(demo, person(demo, name), jobs)

    with opened_pages(qtbot, make) as open_one:
        yield open_one


@pytest.fixture
def borealis(demo: Workspace) -> Tenant:
    """A second tenant, with one organization."""
    tenant = demo.tenants.create_tenant(SYSTEM, "Borealis Pumps")
    demo.tenants.create_organization(SYSTEM, tenant.id, "Halden works")
    return tenant


def stored(workspace: Workspace, tenant: str) -> dict[str, bool]:
    """The organizations of a tenant, and whether they are active."""
    tenants = {one.name: one.id for one in workspace.tenants.tenants(SYSTEM)}
    found = workspace.tenants.organizations(SYSTEM, tenants[tenant])
    return {organization.name: organization.active for organization in found}


def test_the_list_tells_whose_they_are_and_is_a_sound_model(
    open_page: OpenPage, borealis: Tenant
) -> None:
    page = open_page()
    tester = QAbstractItemModelTester(
        page.model, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    assert names(page) == ["Halden works", "North plant", "South plant"]
    row = {"Tenant": "Acme Controls", "Users": "1", "Devices": "0", "Status": "Active"}
    assert cells(page, "North plant") == {"Name": "North plant"} | row
    page.table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    soon(lambda: names(page)[0] == "Halden works")
    page.table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    soon(lambda: names(page)[2] == "Halden works")
    assert page.search is not None
    QTest.keyClicks(page.search, borealis.name)
    soon(lambda: names(page) == ["Halden works"])
    assert tester.model() is page.model


@pytest.mark.req("ROLE-04", "SYS-03", "SYS-08")
def test_an_administrator_says_to_whom_a_new_one_belongs(
    demo: Workspace, open_page: OpenPage, borealis: Tenant
) -> None:
    closed = demo.tenants.create_tenant(SYSTEM, "Closed Inc.")
    demo.tenants.set_tenant_active(SYSTEM, closed.id, active=False)
    page = open_page()
    press(page, "New organization")
    new = form(page)
    assert offered(new, "tenant_id") == ["Choose…", "Acme Controls", borealis.name]
    fill(new, "name", "Moss works")
    click(new.save)
    assert new.fields["tenant_id"].message() == "Fill this in."
    fill(new, "tenant_id", borealis.name)
    click(new.save)
    soon(lambda: page.banner.text() == "Moss works was created.")
    assert stored(demo, borealis.name) == {"Halden works": True, "Moss works": True}
    soon(lambda: "Moss works" in names(page))


@pytest.mark.req("ROLE-05", "RBAC-06")
def test_a_tenant_administrator_manages_the_own_ones_only(
    demo: Workspace, open_page: OpenPage, borealis: Tenant
) -> None:
    page = open_page("ruth.keller")
    assert names(page) == ["North plant", "South plant"]
    assert "Tenant" not in titles(page)
    press(page, "New organization")
    new = form(page)
    assert shown_fields(new) == ["name"]
    fill(new, "name", "South plant")
    click(new.save)
    soon(lambda: "The name South plant is taken." in new.fields["name"].message())
    fill(new, "name", "East plant")
    click(new.save)
    soon(lambda: names(page) == ["East plant", "North plant", "South plant"])
    assert stored(demo, "Acme Controls")["East plant"]
    assert list(stored(demo, borealis.name)) == ["Halden works"]
    choose(page, "South plant")
    assert "Acme Controls" not in texts(page.panel)
    press(page.panel, "Rename…")
    fill(form(page), "name", "West plant")
    click(form(page).save)
    soon(lambda: names(page) == ["East plant", "North plant", "West plant"])
    assert "West plant" in stored(demo, "Acme Controls")


def test_switching_one_off_says_before_what_stops(demo: Workspace, open_page: OpenPage) -> None:
    page = open_page("ruth.keller")
    choose(page, "North plant")
    press(page.panel, "Deactivate…")
    told = texts(dialog(page))
    assert "Deactivate North plant?" in told
    assert any("1 user cannot sign in" in text and "1 EST server stops" in text for text in told)
    press(dialog(page), "Deactivate")
    soon(lambda: page.banner.text() == "North plant is inactive.")
    assert stored(demo, "Acme Controls") == {"North plant": False, "South plant": True}
    with pytest.raises(AuthenticationError):
        demo.users.sign_in("nora.lind", DEMO_PASSWORD, Channel.WINDOW)
    click(page.chips.buttons["inactive"])
    soon(lambda: names(page) == ["North plant"])
    press(page.panel, "Activate")
    soon(lambda: demo.tenants.organizations(SYSTEM)[0].active)


def test_one_in_use_is_not_deleted_and_an_empty_one_is(
    demo: Workspace, open_page: OpenPage
) -> None:
    for organization in demo.tenants.organizations(SYSTEM):
        demo.tenants.set_organization_active(SYSTEM, organization.id, active=False)
    page = open_page("ruth.keller")
    choose(page, "North plant")
    press(page.panel, "Delete…")
    press(dialog(page), "Delete")
    soon(lambda: "North plant is still in use." in page.banner.text())
    choose(page, "South plant")
    press(page.panel, "Delete…")
    press(dialog(page), "Delete")
    soon(lambda: names(page) == ["North plant"])
    assert stored(demo, "Acme Controls") == {"North plant": False}


def test_without_an_active_tenant_there_is_nothing_to_fill_in(
    demo: Workspace, open_page: OpenPage
) -> None:
    page = open_page()
    (acme,) = demo.tenants.tenants(SYSTEM)
    demo.tenants.set_tenant_active(SYSTEM, acme.id, active=False)
    press(page, "New organization")
    soon(lambda: "Create or activate a tenant first." in page.banner.text())


@pytest.mark.req("ROLE-08", "ROLE-09", "RBAC-06")
@pytest.mark.usefixtures("borealis")
@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("ivan.petrov", ["Halden works", "North plant", "South plant"]),
        ("paul.jensen", ["North plant", "South plant"]),
    ],
)
def test_auditors_look_and_change_nothing(open_page: OpenPage, name: str, seen: list[str]) -> None:
    page = open_page(name)
    assert names(page) == seen
    choose(page, "North plant")
    soon(lambda: "Created" in texts(page.panel))
    assert buttons(page.panel) == []
    assert "New organization" not in buttons(page)
    assert [action.text() for action in page.actions() if action.isVisible()] == []


def test_tab_comes_by_everything(qtbot: QtBot, open_page: OpenPage) -> None:
    page = open_page()
    choose(page, "North plant")
    check_tab_order(qtbot, page)
