"""The Users page: making people, changing them, and who may."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from app.core.errors import AuthenticationError, NotFoundError, SessionEndedError
from app.models.domain.access import SYSTEM, Actor, Channel, Role
from app.models.domain.users import PasswordChangeNeededError, User
from app.models.services.setup.demo_data import DEMO_PASSWORD
from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs
from app.views.users.page import UsersPage
from app.views.users.password_dialog import PasswordDialog
from tests.models.services.owners.test_second_factor import KEY, own_certificate, signing
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

GOOD, OTHER = "three green apples", "four purple pears"
PEOPLE = ["admin", "ivan.petrov", "mia.rossi", "nora.lind", "paul.jensen", "ruth.keller"]
OF_ACME = ["mia.rossi", "nora.lind", "paul.jensen", "ruth.keller"]

OpenPage = Callable[..., UsersPage]


@pytest.fixture
def open_page(qtbot: QtBot, demo: Workspace, jobs: Jobs) -> Iterator[OpenPage]:
    def make(name: str) -> UsersPage:
        return UsersPage(demo, person(demo, name), jobs)

    with opened_pages(qtbot, make) as open_one:
        yield open_one


@pytest.fixture
def halden(demo: Workspace) -> int:
    """An organization of a second tenant."""
    tenant = demo.tenants.create_tenant(SYSTEM, "Borealis Pumps")
    return demo.tenants.create_organization(SYSTEM, tenant.id, "Halden works").id


def user(workspace: Workspace, name: str) -> User:
    (found,) = (one for one in workspace.users.users(SYSTEM) if one.name == name)
    return found


def sign_in(workspace: Workspace, name: str, password: str = DEMO_PASSWORD) -> Actor:
    return workspace.users.sign_in(name, password, Channel.WINDOW)


def handed_over(page: UsersPage) -> str:
    """The password that is shown once, as the copy button gives it."""
    soon(lambda: any(one.isVisible() for one in page.findChildren(PasswordDialog)))
    shown = dialog(page)
    (copy,) = shown.findChildren(QToolButton)
    assert copy.accessibleName() == "Copy password"
    click(copy)
    password = QApplication.clipboard().text()
    assert password in texts(shown)
    press(shown, "Close")
    soon(lambda: not page.findChildren(PasswordDialog))
    return password


def test_the_list_tells_who_is_who_and_is_a_sound_model(
    demo: Workspace, open_page: OpenPage
) -> None:
    sign_in(demo, "nora.lind")
    page = open_page()
    tester = QAbstractItemModelTester(
        page.model, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    assert names(page) == PEOPLE
    assert cells(page, "nora.lind") == {
        "Name": "nora.lind",
        "Role": "Operator",
        "Tenant": "Acme Controls",
        "Organization": "North plant",
        "Second factor": "",
        "Last sign-in": "now",
        "Status": "Active",
    }
    assert cells(page, "ivan.petrov")["Last sign-in"] == "never"
    page.table.sortByColumn(5, Qt.SortOrder.DescendingOrder)
    soon(lambda: names(page)[0] == "nora.lind")
    assert page.search is not None
    QTest.keyClicks(page.search, "acme")
    soon(lambda: sorted(names(page)) == OF_ACME)
    assert tester.model() is page.model


@pytest.mark.req("ROLE-04", "ROLE-03", "SYS-03", "SYS-08")
def test_an_administrator_makes_an_operator_of_another_tenant(
    demo: Workspace, open_page: OpenPage, halden: int
) -> None:
    page = open_page()
    QTest.keyClick(page, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    new = form(page)
    assert new.fields["name"].editor.accessibleName() == "Name, required"
    assert shown_fields(new) == ["name", "role", "password"]
    assert len(offered(new, "role")) == 1 + len(Role)
    fill(new, "name", "olga.moe")
    fill(new, "role", "Operator")
    assert shown_fields(new) == ["name", "role", "tenant_id", "organization_id", "password"]
    fill(new, "tenant_id", "Acme Controls")
    assert offered(new, "organization_id") == ["Choose…", "North plant", "South plant"]
    fill(new, "tenant_id", "Borealis Pumps")
    assert offered(new, "organization_id") == ["Halden works"]
    fill(new, "password", "short")
    click(new.save)
    soon(lambda: "too short" in new.fields["password"].message())
    fill(new, "password", GOOD)
    QTest.keyClick(new.fields["password"].editor, Qt.Key.Key_Return)
    soon(lambda: page.banner.text() == "olga.moe was created.")
    soon(lambda: "olga.moe" in names(page))
    made = user(demo, "olga.moe")
    assert (made.role, made.organization_id) == (Role.ORGANIZATION_OPERATOR, halden)
    assert page.findChildren(PasswordDialog) == []  # the person knows what they typed
    with pytest.raises(PasswordChangeNeededError):
        sign_in(demo, "olga.moe", GOOD)


@pytest.mark.req("ROLE-03")
def test_a_password_made_here_is_shown_once(demo: Workspace, open_page: OpenPage) -> None:
    page = open_page()
    press(page, "New user")
    new = form(page)
    fill(new, "name", "olga.moe")
    fill(new, "role", "Auditor")
    assert shown_fields(new) == ["name", "role", "password"]
    click(new.save)
    password = handed_over(page)
    with pytest.raises(PasswordChangeNeededError):
        sign_in(demo, "olga.moe", password)
    assert user(demo, "olga.moe").tenant_id is None


def test_a_role_is_explained_and_must_be_chosen(open_page: OpenPage) -> None:
    page = open_page()
    press(page, "New user")
    new = form(page)
    fill(new, "name", "mia.rossi")
    click(new.save)
    assert new.fields["role"].message() == "Fill this in."
    fill(new, "role", "Auditor")
    assert new.fields["role"].message() == "Sees everything in the workspace and changes nothing."
    click(new.save)
    soon(lambda: "The name mia.rossi is taken." in new.fields["name"].message())


@pytest.mark.req("ROLE-05", "RBAC-06")
def test_a_tenant_administrator_makes_people_of_the_own_tenant_only(
    demo: Workspace, open_page: OpenPage, halden: int
) -> None:
    demo.users.create(
        SYSTEM,
        "olga.moe",
        GOOD,
        Role.ORGANIZATION_OPERATOR,
        tenant_id=demo.tenants.organization(SYSTEM, halden).tenant_id,
        organization_id=halden,
    )
    page = open_page("ruth.keller")
    assert names(page) == OF_ACME
    assert "Tenant" not in titles(page)
    press(page, "New user")
    new = form(page)
    tenant_roles = ["Tenant administrator", "Tenant auditor", "Tenant operator", "Operator"]
    assert offered(new, "role") == ["Choose…", *tenant_roles]
    fill(new, "name", "per.vik")
    fill(new, "role", "Operator")
    assert "tenant_id" not in shown_fields(new)
    assert offered(new, "organization_id") == ["Choose…", "North plant", "South plant"]
    fill(new, "organization_id", "South plant")
    fill(new, "password", GOOD)
    click(new.save)
    soon(lambda: "per.vik" in names(page))
    ruth, per = user(demo, "ruth.keller"), user(demo, "per.vik")
    assert per.tenant_id == ruth.tenant_id
    assert per.organization_id == organization_id(demo, "South plant")


def organization_id(workspace: Workspace, name: str) -> int:
    return next(one.id for one in workspace.tenants.organizations(SYSTEM) if one.name == name)


def test_another_role_ends_the_sessions(demo: Workspace, open_page: OpenPage) -> None:
    mia = sign_in(demo, "mia.rossi")
    page = open_page()
    choose(page, "mia.rossi")
    press(page.panel, "Change role…")
    change = form(page)
    assert shown_fields(change) == ["role", "tenant_id"]
    assert change.fields["role"].value() is Role.TENANT_OPERATOR
    fill(change, "role", "Operator")
    click(change.save)
    assert change.fields["organization_id"].message() == "Fill this in."
    fill(change, "organization_id", "South plant")
    click(change.save)
    soon(lambda: page.banner.text() == "mia.rossi was changed.")
    changed = user(demo, "mia.rossi")
    assert changed.role is Role.ORGANIZATION_OPERATOR
    assert changed.organization_id == organization_id(demo, "South plant")
    soon(lambda: cells(page, "mia.rossi")["Organization"] == "South plant")
    with pytest.raises(SessionEndedError):
        demo.device_types.all(mia)


def test_the_last_administrator_stays_one(demo: Workspace, open_page: OpenPage) -> None:
    page = open_page()
    choose(page, "admin")
    press(page.panel, "Change role…")
    change = form(page)
    fill(change, "role", "Auditor")
    click(change.save)
    soon(lambda: "admin is the last active administrator." in change.banner.text())
    assert user(demo, "admin").role is Role.ADMIN


def test_nobody_shuts_the_door_behind_themselves(demo: Workspace, open_page: OpenPage) -> None:
    demo.users.create(SYSTEM, "ada", GOOD, Role.ADMIN)
    page = open_page()
    choose(page, "admin")
    press(page.panel, "Deactivate…")
    press(dialog(page), "Deactivate")
    soon(lambda: "Nobody does this to themselves." in page.banner.text())
    assert user(demo, "admin").active
    press(page.panel, "Reset password…")
    reset = form(page)
    click(reset.save)
    soon(lambda: "Nobody does this to themselves." in reset.banner.text())
    assert sign_in(demo, "admin")


def test_a_password_is_reset(demo: Workspace, open_page: OpenPage) -> None:
    mia = sign_in(demo, "mia.rossi")
    page = open_page("ruth.keller")
    choose(page, "mia.rossi")
    press(page.panel, "Reset password…")
    click(form(page).save)
    password = handed_over(page)
    with pytest.raises(SessionEndedError):
        demo.device_types.all(mia)
    with pytest.raises(PasswordChangeNeededError):
        sign_in(demo, "mia.rossi", password)
    soon(lambda: "to be changed at the next sign-in" in texts(page.panel))
    press(page.panel, "Reset password…")
    reset = form(page)
    fill(reset, "password", OTHER)
    click(reset.save)
    soon(lambda: not user_takes(demo, password) and user_takes(demo, OTHER))


def user_takes(workspace: Workspace, password: str) -> bool:
    """Whether this is the password of mia.rossi, who has to change it."""
    try:
        sign_in(workspace, "mia.rossi", password)
    except PasswordChangeNeededError:
        return True
    except AuthenticationError:
        return False
    return True


def test_where_somebody_is_signed_in_is_told_and_ended(
    demo: Workspace, open_page: OpenPage
) -> None:
    mia = sign_in(demo, "mia.rossi")
    demo.users.sign_in("mia.rossi", DEMO_PASSWORD, Channel.API, "192.0.2.7")
    page = open_page("ruth.keller")
    choose(page, "mia.rossi")
    shown = texts(page.panel)
    assert {"Window", "192.0.2.7"} <= set(shown)
    assert sum(text.startswith("since 2 Mar 2026") for text in shown) == 2
    press(page.panel, "Sign out…")
    press(dialog(page), "Sign out")
    soon(lambda: page.banner.text() == "mia.rossi is signed out everywhere.")
    soon(lambda: {"Nowhere.", "Signed out everywhere"} <= set(texts(page.panel)))
    with pytest.raises(SessionEndedError):
        demo.device_types.all(mia)


def test_a_lost_certificate_is_removed(demo: Workspace, open_page: OpenPage) -> None:
    mia = person(demo, "mia.rossi")
    demo.users.set_certificate(mia, DEMO_PASSWORD, own_certificate(KEY), signing(KEY))
    page = open_page("ruth.keller")
    assert cells(page, "mia.rossi")["Second factor"] == "Certificate"
    choose(page, "nora.lind")
    assert "Remove certificate…" not in buttons(page.panel)
    choose(page, "mia.rossi")
    press(page.panel, "Remove certificate…")
    press(dialog(page), "Remove certificate")
    soon(lambda: cells(page, "mia.rossi")["Second factor"] == "")
    assert user(demo, "mia.rossi").certificate is None
    assert sign_in(demo, "mia.rossi")


def test_somebody_is_switched_off_and_on_and_deleted(demo: Workspace, open_page: OpenPage) -> None:
    nora = user(demo, "nora.lind")
    page = open_page("ruth.keller")
    choose(page, "nora.lind")
    assert "Delete…" not in buttons(page.panel)
    press(page.panel, "Deactivate…")
    press(dialog(page), "Deactivate")
    soon(lambda: page.banner.text() == "nora.lind is inactive.")
    with pytest.raises(AuthenticationError):
        sign_in(demo, "nora.lind")
    press(page.panel, "Activate")
    soon(lambda: page.banner.text() == "nora.lind is active.")
    assert sign_in(demo, "nora.lind")
    press(page.panel, "Deactivate…")
    press(dialog(page), "Deactivate")
    press(page.panel, "Delete…")
    asked = dialog(page)
    assert any("cannot be undone" in text for text in texts(asked))
    press(asked, "Delete")
    soon(lambda: names(page) == ["mia.rossi", "paul.jensen", "ruth.keller"])
    assert page.banner.text() == "nora.lind is deleted."
    with pytest.raises(NotFoundError):
        demo.users.get(SYSTEM, nora.id)


def test_details_explain_the_role_and_tell_the_history(
    demo: Workspace, open_page: OpenPage
) -> None:
    sign_in(demo, "nora.lind")
    page = open_page()
    choose(page, "nora.lind")
    soon(lambda: "Signed in" in texts(page.panel))
    explained = "Provisions devices and issues certificates for one organization."
    known = {explained, "Acme Controls", "North plant", "none"}
    told = {"History", "Created", "tenant: Acme Controls", "organization: North plant"}
    assert known | told <= set(texts(page.panel))


@pytest.mark.req("ROLE-08", "ROLE-09", "RBAC-06")
@pytest.mark.parametrize(("name", "seen"), [("ivan.petrov", PEOPLE), ("paul.jensen", OF_ACME)])
def test_auditors_look_and_change_nothing(open_page: OpenPage, name: str, seen: list[str]) -> None:
    page = open_page(name)
    assert names(page) == seen
    choose(page, "nora.lind")
    soon(lambda: "Created" in texts(page.panel))
    assert buttons(page.panel) == []
    assert "New user" not in buttons(page)
    assert [action.text() for action in page.actions() if action.isVisible()] == []


def test_tab_comes_by_everything(qtbot: QtBot, open_page: OpenPage) -> None:
    page = open_page()
    choose(page, "mia.rossi")
    check_tab_order(qtbot, page)


def test_tab_goes_through_the_form_in_the_order_shown(open_page: OpenPage) -> None:
    page = open_page()
    press(page, "New user")
    new = form(page)
    fill(new, "role", "Operator")
    new.fields["name"].setFocus()
    passed = []
    for _step in range(7):
        focused = QApplication.focusWidget()
        assert focused is not None
        passed.append(focused.accessibleName() or getattr(focused, "text", str)())
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    fields = ["Name, required", "Role, required", "Tenant, required", "Organization, required"]
    assert passed == [*fields, "First password", "Cancel", "Save"]
