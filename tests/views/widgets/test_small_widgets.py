"""Badges, banners, chips, questions and the like, used as a person uses them."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.core.errors import ConflictError, KnownError
from app.views.theme import apply_theme
from app.views.theme.tokens import Tone
from app.views.widgets.badge import Badge, BadgeText
from app.views.widgets.banner import Banner
from app.views.widgets.chip_bar import ChipBar
from app.views.widgets.confirm import confirm
from app.views.widgets.copy_label import CopyLabel
from app.views.widgets.drop_zone import MAX_BYTES, DropZone
from app.views.widgets.empty_state import EmptyState
from app.views.widgets.icon_label import IconLabel
from app.views.widgets.property_list import PropertyList
from app.views.widgets.segmented import Segmented
from app.views.widgets.side_panel import SidePanel
from tests.views.soon import soon

W = TypeVar("W", bound=QWidget)


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[QWidget]:
    made = QWidget()
    QVBoxLayout(made)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    assert QTest.qWaitForWindowActive(made)
    yield made
    made.close()


def put(window: QWidget, widget: W) -> W:
    layout = window.layout()
    assert layout is not None
    layout.addWidget(widget)
    QApplication.processEvents()  # places it
    return widget


def press(key: Qt.Key) -> None:
    """Press a key where the focus is."""
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key)


def test_a_badge_says_its_state_in_words(window: QWidget) -> None:
    badge = put(window, Badge(BadgeText("Operational", Tone.GOOD)))
    badge.set_state(BadgeText("Disabled", Tone.BAD))
    assert badge.text() == "Disabled"
    assert badge.property("tone") == "bad"


def test_a_banner_tells_the_error_and_goes_when_dismissed(window: QWidget) -> None:
    banner = put(window, Banner())
    assert banner.text() == ""
    banner.show_error(
        ConflictError("Device X exists.", cause="It was scanned before.", remedy="Scan another.")
    )
    assert banner.isVisible()
    assert banner.text() == "Device X exists. It was scanned before. Scan another."
    dismiss = banner.findChild(QToolButton)
    assert dismiss is not None
    QTest.mouseClick(dismiss, Qt.MouseButton.LeftButton)
    assert banner.text() == ""
    assert not banner.isVisible()


def test_an_icon_follows_the_theme(window: QWidget, qapp: QApplication) -> None:
    label = put(window, IconLabel("info", "text"))
    before = label.pixmap().toImage()
    apply_theme(qapp, "dark")
    assert label.pixmap().toImage() != before


def test_chips_are_one_tab_stop_and_arrows_choose(window: QWidget, qtbot: QtBot) -> None:
    chips = put(window, ChipBar("State", [("all", "All"), ("new", "New"), ("off", "Disabled")]))
    after = put(window, QPushButton("After"))
    assert chips.current() == "all"
    chips.buttons["all"].setFocus()
    with qtbot.waitSignal(chips.chosen) as chosen:
        press(Qt.Key.Key_Right)
    assert chosen.args == ["new"]
    assert chips.current() == "new"
    press(Qt.Key.Key_Tab)
    assert window.focusWidget() is after


def test_a_program_that_sets_a_chip_tells_nobody(window: QWidget, qtbot: QtBot) -> None:
    chips = put(window, ChipBar("State", [("all", "All"), ("new", "New")]))
    with qtbot.assertNotEmitted(chips.chosen):
        chips.set_current("new")
    assert chips.current() == "new"


def test_chips_show_counts_with_grouped_digits(window: QWidget) -> None:
    chips = put(window, ChipBar("State", [("all", "All"), ("new", "New")]))
    chips.set_counts({"all": 1_204_331})
    assert chips.buttons["all"].text() == "All 1,204,331"
    assert chips.buttons["all"].accessibleName() == "All 1,204,331"
    assert chips.buttons["new"].text() == "New"


def test_chips_wrap_when_there_is_no_room(window: QWidget) -> None:
    chips = put(window, ChipBar("State", [(str(n), f"State number {n}") for n in range(6)]))
    assert chips.heightForWidth(150) > chips.heightForWidth(2000)


def test_chips_are_mirrored(window: QWidget) -> None:
    window.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    chips = put(window, Segmented("Way", [("a", "First"), ("b", "Second")]))
    window.resize(400, 100)
    QApplication.processEvents()
    assert chips.buttons["a"].x() > chips.buttons["b"].x()


def test_a_click_chooses_a_segment(window: QWidget, qtbot: QtBot) -> None:
    ways = put(window, Segmented("Way", [("csr", "CSR from the device"), ("here", "Here")]))
    with qtbot.waitSignal(ways.chosen) as chosen:
        QTest.mouseClick(ways.buttons["here"], Qt.MouseButton.LeftButton)
    assert chosen.args == ["here"]


def ask(window: QWidget, done: list[str], qtbot: QtBot) -> QDialog:
    dialog = confirm(
        window,
        "Delete device X?",
        "This cannot be undone.",
        "Delete device",
        destructive=True,
        done=lambda: done.append("yes"),
    )
    qtbot.waitUntil(dialog.isActiveWindow)
    return dialog


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_a_question_is_no_by_default(window: QWidget, qtbot: QtBot, key: Qt.Key) -> None:
    done: list[str] = []
    dialog = ask(window, done, qtbot)
    with qtbot.waitSignal(dialog.rejected):
        press(key)
    assert done == []


def test_a_question_is_answered_yes_by_keyboard(window: QWidget, qtbot: QtBot) -> None:
    done: list[str] = []
    dialog = ask(window, done, qtbot)
    with qtbot.waitSignal(dialog.accepted):
        press(Qt.Key.Key_Tab)
        press(Qt.Key.Key_Space)
    assert done == ["yes"]


def test_a_value_is_copied_as_it_is(window: QWidget) -> None:
    fingerprint = ":".join(["0a", "77"] * 16)
    label = put(window, CopyLabel("Fingerprint", fingerprint))
    label.setFocus()
    press(Qt.Key.Key_Space)
    assert QGuiApplication.clipboard().text() == fingerprint


@pytest.mark.parametrize(
    "value",
    [
        "https://est-5f25283c.est.local:38925/.well-known/est/sensors",
        f"https://{'a' * 63}.example:8443/.well-known/est",
        f"curl --cacert ca.pem https://gateways.second-line.est.local/{'b' * 60}",
        "5" * 64,
        ":".join(["0a"] * 32),
    ],
)
def test_a_long_value_fits_into_a_side_panel(window: QWidget, value: str) -> None:
    panel = put(window, SidePanel())
    label = CopyLabel("Address", value)
    panel.add_section("Address", label)
    assert label.minimumSizeHint().width() < panel.minimumWidth() - 50


def test_an_address_goes_on_in_the_next_line_before_a_dot_port_or_slash(window: QWidget) -> None:
    label = put(window, CopyLabel("Address", "https://est-5f.est.local:8443/.well-known/est"))
    (text,) = (one.text() for one in label.findChildren(QLabel))
    pieces = text.replace("\u2060", "").split("\u200b")
    assert pieces == ["https://est-5f", ".est", ".local", ":8443", "/.well-known", "/est"]


def test_an_empty_value_cannot_be_copied(window: QWidget) -> None:
    label = put(window, CopyLabel("Fingerprint"))
    button = label.findChild(QToolButton)
    assert button is not None
    assert not button.isEnabled()
    assert button.accessibleName() == "Copy Fingerprint"


def test_an_empty_list_offers_how_to_begin(window: QWidget) -> None:
    begun: list[str] = []
    action = QAction("New device", window)
    action.triggered.connect(lambda: begun.append("new"))
    empty = put(window, EmptyState("cpu", "No devices yet.", action))
    button = empty.findChild(QPushButton)
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert begun == ["new"]
    action.setEnabled(False)
    assert not button.isEnabled()


def test_a_side_panel_is_closed_by_escape(window: QWidget, qtbot: QtBot) -> None:
    panel = put(window, SidePanel())
    panel.set_heading("GW-1", "Gateway", BadgeText("New"))
    properties = PropertyList()
    properties.add("Serial", "0001", mono=True)
    panel.add_section("Properties", properties)
    panel.add_section("", CopyLabel("Serial", "0001"))
    assert panel.accessibleName() == "Details of GW-1"
    button = panel.findChild(CopyLabel)
    assert button is not None
    QApplication.processEvents()
    button.setFocus()
    with qtbot.waitSignal(panel.closed):
        press(Qt.Key.Key_Escape)
    assert not panel.isVisible()


def test_a_long_name_makes_a_side_panel_no_wider(window: QWidget) -> None:
    panel = put(window, SidePanel())
    panel.set_heading("GW-1", "Gateway")
    width = panel.sizeHint().width()
    panel.set_heading("Überlänge " * 10, "Straße " * 20)
    assert panel.sizeHint().width() == width


def test_a_long_word_in_a_side_panel_pushes_nothing_out_of_sight(window: QWidget) -> None:
    panel = put(window, SidePanel())
    word, button = QLabel("control_of_the_second_line_" * 4), QPushButton("Unlink")
    both = QWidget()
    line = QHBoxLayout(both)
    line.addWidget(word, 1)
    line.addWidget(button)
    panel.add_section("Applications", both)
    window.resize(400, 300)
    soon(lambda: button.x() > word.x())
    assert button.visibleRegion().boundingRect().size() == button.size()


def test_a_side_panel_is_filled_anew(window: QWidget) -> None:
    panel = put(window, SidePanel())
    panel.add_section("Old", QLabel("old text"))
    panel.clear()
    QApplication.sendPostedEvents()
    panel.add_section("New", QLabel("new text"))
    texts = [label.text() for label in panel.findChildren(QLabel)]
    assert "new text" in texts
    assert "old text" not in texts


def mime(text: str = "", paths: tuple[Path, ...] = ()) -> QMimeData:
    data = QMimeData()
    if text:
        data.setText(text)
    if paths:
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def drop(zone: DropZone, data: QMimeData) -> None:
    at = zone.rect().center()
    copy = Qt.DropAction.CopyAction
    no_button, no_key = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    zone.dragEnterEvent(QDragEnterEvent(at, copy, data, no_button, no_key))
    assert zone.property("dropping") is True
    zone.dropEvent(QDropEvent(QPointF(at), copy, data, no_button, no_key))
    assert zone.property("dropping") is False


def test_a_dropped_file_is_handed_on_byte_for_byte(
    window: QWidget, qtbot: QtBot, tmp_path: Path
) -> None:
    zone = put(window, DropZone("A CSR"))
    content = bytes(range(256))
    path = tmp_path / "gw.csr"
    path.write_bytes(content)
    with qtbot.waitSignal(zone.received) as received:
        drop(zone, mime(paths=(path,)))
    assert received.args == [content, "gw.csr"]


def test_a_pem_is_pasted(window: QWidget, qtbot: QtBot) -> None:
    zone = put(window, DropZone("A CSR"))
    QGuiApplication.clipboard().setText("-----BEGIN é")
    zone.setFocus()
    with qtbot.waitSignal(zone.received) as received:
        QTest.keyClick(zone, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert received.args == ["-----BEGIN é".encode(), "pasted text"]


def test_what_cannot_be_taken_is_said(window: QWidget, qtbot: QtBot, tmp_path: Path) -> None:
    zone = put(window, DropZone("A CSR"))
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    cases = {
        "cannot be read": mime(paths=(tmp_path / "missing.csr",)),
        "larger than 16 MiB": mime(paths=(large,)),
        "Only one file": mime(paths=(large, large)),
        "no file and no text": mime(text="  "),
    }
    for words, data in cases.items():
        with qtbot.waitSignal(zone.failed) as failed:
            drop(zone, data)
        assert failed.args is not None
        error = failed.args[0]
        assert isinstance(error, KnownError)
        assert words in error.problem
        assert error.remedy


def test_a_file_is_chosen_in_a_dialog(window: QWidget, qtbot: QtBot, tmp_path: Path) -> None:
    zone = put(window, DropZone("A CSR"))
    path = tmp_path / "gw.csr"
    path.write_bytes(b"x")
    zone.setFocus()
    QTest.keyClick(zone, Qt.Key.Key_Return)
    dialog = zone.findChild(QFileDialog)
    assert dialog is not None
    with qtbot.waitSignal(zone.received) as received:
        dialog.fileSelected.emit(str(path))
    assert received.args == [b"x", "gw.csr"]
    dialog.reject()


def test_a_drop_zone_shows_what_it_got(window: QWidget) -> None:
    zone = put(window, DropZone("A CSR"))
    zone.show_received("gw.csr", "EC P-256", BadgeText("signature good", Tone.GOOD))
    button = zone.findChild(QPushButton)
    assert button is not None
    assert button.text() == "Replace…"
    assert "gw.csr" in zone.accessibleDescription()
    zone.clear()
    assert button.text() == "Choose file…"
