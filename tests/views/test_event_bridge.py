from threading import Thread, current_thread, main_thread

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.core.events import Events
from app.models.domain.events import DeviceChanged, KeysChanged
from app.views.event_bridge import EventBridge


def test_events_of_any_thread_arrive_in_order_on_the_thread_of_the_window(
    qapp: QApplication, qtbot: QtBot
) -> None:
    events = Events()
    bridge = EventBridge(events, qapp)
    seen: list[tuple[object, bool]] = []
    bridge.happened.connect(lambda event: seen.append((event, current_thread() is main_thread())))

    def work() -> None:
        for number in range(500):
            events.publish(DeviceChanged(number))
        events.publish(KeysChanged(locked=True))

    thread = Thread(target=work)
    thread.start()
    thread.join()
    assert seen == []
    qtbot.waitUntil(lambda: len(seen) == 501)
    assert [event for event, _here in seen[:500]] == [DeviceChanged(n) for n in range(500)]
    assert seen[500] == (KeysChanged(locked=True), True)
    assert all(here for _event, here in seen)
    delete(bridge)


def test_a_bridge_that_is_gone_hears_nothing(qapp: QApplication) -> None:
    events = Events()
    parent = QObject(qapp)
    EventBridge(events, parent)
    assert events._subscribers[DeviceChanged] != []
    delete(parent)
    assert events._subscribers[DeviceChanged] == []
    events.publish(DeviceChanged(1))
