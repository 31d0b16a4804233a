"""Columns stay as each person left them, in this desk, the next one and the next start."""

import pytest
from pytestqt.qtbot import QtBot

from app.models.domain.access import SYSTEM
from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs
from app.views.pages import page_entries
from app.views.shell.desk import Desk
from app.views.shell.main_window import MainWindow
from app.views.shell.table_memory import FILE
from app.views.widgets.data_table import DataTable
from tests.views.shell.signing import shown, sign_in
from tests.views.station import FakeListener

WIDTH = 333


@pytest.fixture
def window(demo: Workspace, jobs: Jobs, qtbot: QtBot) -> MainWindow:
    """The window with its own pages."""
    return shown(MainWindow(demo, FakeListener(), page_entries, jobs), qtbot)


def devices(desk: Desk) -> DataTable[object]:
    """The table of the devices, opened."""
    desk.navigation.open("devices")
    table: DataTable[object] | None = desk.page().findChild(DataTable)
    assert table is not None
    return table


def test_columns_are_as_their_person_left_them(window: MainWindow, qtbot: QtBot) -> None:
    table = devices(sign_in(window, qtbot))
    usual = table.columnWidth(1)
    assert usual != WIDTH
    table.setColumnWidth(1, WIDTH)
    table.setColumnHidden(2, True)  # noqa: FBT003  Qt's signature
    window.sign_out()
    other = devices(sign_in(window, qtbot, "mia.rossi"))
    assert other.columnWidth(1) == usual
    assert not other.isColumnHidden(2)
    window.sign_out()
    again = devices(sign_in(window, qtbot))
    assert again is not table
    assert again.columnWidth(1) == WIDTH
    assert again.isColumnHidden(2)


def test_columns_outlive_the_window(
    window: MainWindow, qtbot: QtBot, demo: Workspace, jobs: Jobs
) -> None:
    table = devices(sign_in(window, qtbot))
    table.setColumnWidth(1, WIDTH)
    window.close()
    assert b"columns" in (demo.folder / FILE).read_bytes()
    anew = shown(MainWindow(demo, FakeListener(), page_entries, jobs), qtbot)
    assert devices(sign_in(anew, qtbot)).columnWidth(1) == WIDTH


def test_what_was_kept_of_other_columns_or_is_damaged_does_no_harm(
    window: MainWindow, qtbot: QtBot, demo: Workspace
) -> None:
    (admin,) = (user for user in demo.users.users(SYSTEM) if user.name == "admin")
    damaged = f"[columns]\n{admin.id}\\devices=@ByteArray(device,status\\njunk)\n".encode()
    (demo.folder / FILE).write_bytes(damaged + b"\xff\xfe[\n")
    table = devices(sign_in(window, qtbot))
    assert table.columnWidth(1) > 0
    assert not table.isColumnHidden(0)
