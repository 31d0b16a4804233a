from app.core.clock import SystemClock
from app.main import _LateListener
from app.models.services.workspace import Workspace


def test_a_listener_is_made_when_it_is_first_started(demo: Workspace) -> None:
    listener = _LateListener(demo, SystemClock())
    listener.stop()
    assert not listener.running
    assert listener.address == ""
    listener.start("127.0.0.1", 0)
    assert listener.running
    assert listener.address.startswith("127.0.0.1:")
    listener.stop()
    assert not listener.running
