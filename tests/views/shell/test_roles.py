import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs
from app.views.pages import page_entries
from app.views.shell.main_window import MainWindow
from tests.views.shell.role_navigation import ROLES, RoleNavigation
from tests.views.shell.signing import shown, sign_in, titles
from tests.views.station import FakeListener, tab_stops


@pytest.mark.req("SYS-02", "SYS-07", "ROLE-01", "RBAC-01", "RBAC-06")
@pytest.mark.parametrize(
    "seen",
    [pytest.param(one, marks=pytest.mark.req(one.requirement), id=one.person) for one in ROLES],
)
def test_each_role_sees_its_own_navigation(
    demo: Workspace, jobs: Jobs, qtbot: QtBot, seen: RoleNavigation
) -> None:
    window = shown(MainWindow(demo, FakeListener(), page_entries, jobs), qtbot)
    desk = sign_in(window, qtbot, seen.person)
    assert titles(desk) == seen.titles()
    qtbot.waitUntil(desk.account.isVisible)
    assert desk.account.text() == f"{seen.person} · {seen.role}"
    assert desk.account in desk.page().findChildren(QToolButton)


def test_tab_goes_from_the_pages_through_the_page_to_the_account(
    demo: Workspace, jobs: Jobs, qtbot: QtBot
) -> None:
    window = shown(MainWindow(demo, FakeListener(), page_entries, jobs), qtbot)
    desk = sign_in(window, qtbot)
    for page_id in ("certificates", "devices"):  # the account moves from page to page
        desk.navigation.open(page_id)
    desk.navigation.setFocus()
    order: list[QWidget] = []
    focus = QApplication.focusWidget()
    while focus is not None and focus not in order:
        order.append(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
    assert order[0] is desk.navigation
    assert order[-1] is desk.account
    assert desk.page().search in order
    assert set(order) >= tab_stops(window)
