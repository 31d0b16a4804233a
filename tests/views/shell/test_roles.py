import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from app.models.services.workspace import Workspace
from app.views.application import page_entries
from app.views.jobs import Jobs
from app.views.shell.main_window import MainWindow
from tests.views.shell.signing import shown, sign_in, titles
from tests.views.station import FakeListener, tab_stops

PROVISION = ["Provision", "Bench", "Devices", "Batches"]
CONFIGURE = ["Configure", "Device types", "EST servers", "External CAs"]
CERTIFICATES = ["Certificates", "Certificates", "Authorities", "Templates", "Custom extensions"]
ADMINISTRATION = ["Administration", "Tenants", "Organizations", "Users", "API applications"]
RECORDS = ["Audit log", "Reports"]
STATION = ["Station", "EST monitor", "Sync", "Settings"]

EVERYTHING = PROVISION + CONFIGURE + CERTIFICATES + ADMINISTRATION + RECORDS + STATION
# Who is inside one tenant has no list of tenants.
OF_A_TENANT = [title for title in EVERYTHING if title != "Tenants"]
OF_AN_OPERATOR = [*PROVISION, "Certificates", "Certificates", "Templates", "Station", "Settings"]


@pytest.mark.req("SYS-02", "SYS-07", "ROLE-01", "RBAC-01", "RBAC-06")
@pytest.mark.parametrize(
    ("name", "role", "expected"),
    [
        pytest.param("admin", "Administrator", EVERYTHING, marks=pytest.mark.req("ROLE-04")),
        pytest.param("ivan.petrov", "Auditor", EVERYTHING, marks=pytest.mark.req("ROLE-08")),
        pytest.param(
            "ruth.keller", "Tenant administrator", OF_A_TENANT, marks=pytest.mark.req("ROLE-05")
        ),
        pytest.param(
            "paul.jensen", "Tenant auditor", OF_A_TENANT, marks=pytest.mark.req("ROLE-09")
        ),
        pytest.param(
            "mia.rossi", "Tenant operator", OF_AN_OPERATOR, marks=pytest.mark.req("ROLE-06")
        ),
        pytest.param("nora.lind", "Operator", OF_AN_OPERATOR, marks=pytest.mark.req("ROLE-07")),
    ],
)
def test_each_role_sees_its_own_navigation(
    demo: Workspace, jobs: Jobs, qtbot: QtBot, *, name: str, role: str, expected: list[str]
) -> None:
    window = shown(MainWindow(demo, FakeListener(), page_entries, jobs), qtbot)
    desk = sign_in(window, qtbot, name)
    there = {entry.title for entry in page_entries()} | {entry.group for entry in page_entries()}
    assert there <= set(EVERYTHING)
    assert titles(desk) == [title for title in expected if title in there]
    qtbot.waitUntil(desk.account.isVisible)
    assert desk.account.text() == f"{name} · {role}"
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
