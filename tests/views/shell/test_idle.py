from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from app.views.shell.idle import IdleWatch

A_MOMENT = 0.001  # minutes


def test_it_tells_once_that_nobody_touched_anything(qapp: QApplication, qtbot: QtBot) -> None:
    parent = QObject()
    watch = IdleWatch(qapp, lambda: A_MOMENT, parent)
    with qtbot.waitSignal(watch.idle):
        watch.start()
    assert not watch._timer.isActive()


def test_a_touch_counts_anew_with_the_present_setting(qapp: QApplication, qtbot: QtBot) -> None:
    minutes = [10]
    parent = QObject()
    watch = IdleWatch(qapp, lambda: minutes[0], parent)
    box = QLineEdit()
    qtbot.addWidget(box)
    watch.start()
    assert watch._timer.interval() == 600_000
    minutes[0] = 20
    QTest.keyClick(box, Qt.Key.Key_A)
    assert watch._timer.interval() == 1_200_000
    assert box.text() == "a"
    minutes[0] = 0
    QTest.keyClick(box, Qt.Key.Key_A)
    assert not watch._timer.isActive()


def test_it_does_not_watch_while_stopped(qapp: QApplication, qtbot: QtBot) -> None:
    parent = QObject()
    watch = IdleWatch(qapp, lambda: 1, parent)
    box = QLineEdit()
    qtbot.addWidget(box)
    QTest.keyClick(box, Qt.Key.Key_A)
    assert not watch._timer.isActive()
