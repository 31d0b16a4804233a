"""Every control of the gallery: reached by Tab, named for a screen reader, ringed when focused."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.views.jobs import Jobs
from tests.views.gallery import SHEETS, save_all


@pytest.fixture(params=list(SHEETS))
def sheet(request: pytest.FixtureRequest, jobs: Jobs, qtbot: QtBot) -> Iterator[QWidget]:
    made = SHEETS[request.param](jobs)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.close()
    made.deleteLater()


def controls(sheet: QWidget) -> set[QWidget]:
    """What a person without a mouse has to reach."""
    return {
        widget
        for widget in sheet.findChildren(QWidget)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
        and not _other_choice(widget)
    }


def _other_choice(widget: QWidget) -> bool:
    """One of an exclusive group that is reached by arrows from the pressed one."""
    if not isinstance(widget, QAbstractButton) or widget.isChecked():
        return False
    group = widget.group()
    return (group is not None and group.exclusive()) or widget.autoExclusive()


def walk(sheet: QWidget) -> Iterator[QWidget]:
    """The controls Tab goes to, once around."""
    for _step in range(60):
        focused = sheet.focusWidget() or sheet
        QTest.keyClick(focused, Qt.Key.Key_Tab)
        now = sheet.focusWidget()
        if now is not None:
            yield now


def test_tab_reaches_every_control(sheet: QWidget) -> None:
    missed = controls(sheet) - set(walk(sheet))
    assert not missed


def test_every_control_has_a_name(sheet: QWidget) -> None:
    for control in controls(sheet):
        interface = QAccessible.queryAccessibleInterface(control)
        assert interface is not None
        assert interface.text(QAccessible.Text.Name), control


def test_every_control_shows_that_it_has_the_focus(sheet: QWidget) -> None:
    for control in sorted(controls(sheet), key=id):
        control.clearFocus()
        QApplication.processEvents()
        without = control.grab().toImage()
        control.setFocus(Qt.FocusReason.TabFocusReason)
        QApplication.processEvents()
        assert control.grab().toImage() != without, control


@pytest.mark.slow
def test_the_gallery_can_be_saved(qapp: QApplication, jobs: Jobs, tmp_path: Path) -> None:
    save_all(qapp, tmp_path, jobs)
    assert len(list(tmp_path.glob("*.png"))) == 5 * len(SHEETS)
