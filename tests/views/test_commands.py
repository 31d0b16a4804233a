import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QStackedWidget, QWidget
from pytestqt.qtbot import QtBot

from app.views.command_palette import CommandPalette
from app.views.commands import Command, Commands
from app.views.widgets.page import Page


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def done() -> list[str]:
    return []


@pytest.fixture
def commands(window: QWidget, done: list[str]) -> Commands:
    registry = Commands(window)
    for number, text in enumerate(("New device", "New device type", "Lock keys")):
        registry.add(
            Command(
                f"c{number}",
                text,
                lambda text=text: done.append(text),  # type: ignore[misc]
                shortcut="Ctrl+N" if number == 0 else "",
                icon="plus",
                group="Devices" if number < 2 else "Station",
            )
        )
    return registry


@pytest.fixture
def palette(commands: Commands, window: QWidget, qtbot: QtBot) -> CommandPalette:
    window.show()
    dialog = CommandPalette(commands, window)
    dialog.open()
    qtbot.waitExposed(dialog)
    return dialog


def test_an_id_is_taken_once(commands: Commands) -> None:
    with pytest.raises(ValueError, match="c0"):
        commands.add(Command("c0", "Again", lambda: None))


def test_one_action_stands_for_a_command_everywhere(commands: Commands) -> None:
    devices = commands.actions("Devices")
    assert [action.text() for action in devices] == ["New device", "New device type"]
    assert devices[0] is commands.action("c0")
    assert devices[0].shortcut().toString() == "Ctrl+N"
    assert not devices[0].icon().isNull()
    assert len(commands.actions()) == 3


def test_a_shortcut_belongs_to_the_page_that_is_shown(
    commands: Commands, window: QWidget, done: list[str]
) -> None:
    pages = QStackedWidget(window)
    other = Commands(window)
    other_action = other.add(Command("n", "Other", lambda: done.append("other"), "Ctrl+N"))
    for action in (commands.action("c0"), other_action):
        page = QWidget()
        page.addAction(action)
        pages.addWidget(page)
    window.show()
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    pages.setCurrentIndex(1)
    QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert done == ["New device", "other"]


def test_a_command_says_each_time_whether_it_can_be_used(window: QWidget) -> None:
    usable = [False]
    registry = Commands(window)
    action = registry.add(Command("x", "X", lambda: None, enabled=lambda: usable[0]))
    assert not action.isEnabled()
    usable[0] = True
    registry.refresh()
    assert action.isEnabled()


def entries(palette: CommandPalette) -> list[str]:
    items = (palette.list.topLevelItem(row) for row in range(palette.list.topLevelItemCount()))
    return [item.text(0) for item in items if item is not None]


def test_typing_parts_of_words_finds_a_command(palette: CommandPalette) -> None:
    assert len(entries(palette)) == 3
    QTest.keyClicks(palette.search, "ty new")
    assert entries(palette) == ["Devices: New device type"]


def test_arrows_choose_and_enter_does(palette: CommandPalette, done: list[str]) -> None:
    QTest.keyClick(palette.search, Qt.Key.Key_Down)
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert done == ["New device type"]


def test_escape_does_nothing(palette: CommandPalette, done: list[str], qtbot: QtBot) -> None:
    with qtbot.waitSignal(palette.rejected):
        QTest.keyClick(palette.search, Qt.Key.Key_Escape)
    assert done == []


def test_enter_on_an_empty_list_waits(palette: CommandPalette, done: list[str]) -> None:
    QTest.keyClicks(palette.search, "zzz")
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert palette.isVisible()
    assert done == []


def test_what_cannot_be_done_now_is_not_offered(
    commands: Commands, window: QWidget, qtbot: QtBot
) -> None:
    commands.add(Command("off", "Never", lambda: None, enabled=lambda: False))
    dialog = CommandPalette(commands, window)
    qtbot.addWidget(dialog)
    assert "Never" not in " ".join(entries(dialog))


def test_what_the_page_can_do_comes_first(
    commands: Commands, window: QWidget, qtbot: QtBot, done: list[str]
) -> None:
    page = Page("Tenants")
    qtbot.addWidget(page)
    for text in ("New tenant", "Edit…", "Delete…"):
        action = QAction(text, page)
        action.triggered.connect(lambda _on, text=text: done.append(text))
        page.set_primary(action)
    page.actions()[1].setVisible(False)
    page.actions()[2].setEnabled(False)
    dialog = CommandPalette(commands, window, page)
    qtbot.addWidget(dialog)
    assert entries(dialog)[:2] == ["Tenants: New tenant", "Devices: New device"]
    QTest.keyClicks(dialog.search, "tenant")
    QTest.keyClick(dialog.search, Qt.Key.Key_Return)
    assert done == ["New tenant"]


def test_actions_have_names_for_saved_settings(commands: Commands) -> None:
    action: QAction = commands.action("c2")
    assert action.objectName() == "c2"
