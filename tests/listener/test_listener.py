import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

import pytest

from app.core.errors import ConflictError, UnavailableError
from app.core.messages import Request, Response
from app.listener import listener as listener_module
from app.listener.listener import EstListener
from app.models.services.est.tls_identity import TlsIdentity
from tests.listener.station import Station, get
from tests.plant import PASSPHRASE


def in_thread(work: Callable[[], None]) -> None:
    thread = Thread(target=work)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()


def other(station: Station) -> EstListener:
    return station.other_listener(station.plant.workspace.est_endpoints.tls_identity)


def test_start_and_stop_from_any_thread(station: Station) -> None:
    listener = station.listener
    port = listener.port
    assert listener.running
    assert listener.address == f"127.0.0.1:{port}"
    for _time in range(3):
        in_thread(listener.stop)
        assert (listener.running, listener.port, listener.address) == (False, 0, "")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 20)
        in_thread(lambda: listener.start("127.0.0.1", port))
        assert listener.port == port
        station.is_well()
    listener.stop()
    listener.stop()
    listener.start("127.0.0.1", port)
    with pytest.raises(ConflictError):
        listener.start("127.0.0.1", port)


def test_a_port_in_use(station: Station) -> None:
    second = other(station)
    with pytest.raises(UnavailableError) as caught:
        second.start("127.0.0.1", station.listener.port)
    assert str(station.listener.port) in caught.value.problem
    assert caught.value.remedy
    assert not second.running
    second.start("127.0.0.1", 0)
    assert second.port != station.listener.port
    second.stop()
    station.is_well()


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_that_is_not_ours(station: Station, host: str) -> None:
    second = other(station)
    with pytest.raises(UnavailableError):
        second.start(host, 0)
    assert not second.running


def test_a_server_without_an_identity_does_not_start(station: Station) -> None:
    station.plant.workspace.lock()
    second = other(station)
    with pytest.raises(UnavailableError):
        second.start("127.0.0.1", 0)
    assert (second.running, second.port) == (False, 0)
    station.is_well()  # the one that runs already has its key


def test_stopping_says_goodbye_to_those_who_wait(station: Station) -> None:
    idle = station.connect()
    fresh = station.connect().send(get("csrattrs"))
    assert fresh.response().status == 200
    station.listener.stop()
    idle.assert_closed()
    fresh.assert_closed()


def test_stopping_finishes_the_answers_under_way(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ending, seen = Event(), Event(), Event()

    class Executor(ThreadPoolExecutor):
        def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
            super().shutdown(wait=False, cancel_futures=cancel_futures)
            ending.set()
            super().shutdown(wait)

    def handle(_request: Request) -> Response:
        begun.set()
        assert seen.wait(20)
        return Response(200, b"late", (("Content-Type", "text/plain"),))

    monkeypatch.setattr(listener_module, "ThreadPoolExecutor", Executor)
    monkeypatch.setattr(station.listener, "_handle", handle)
    station.listener.stop()
    station.listener.start("127.0.0.1", 0)
    late = station.connect()
    client = station.connect().send(get("cacerts"))
    assert begun.wait(20)
    stopping = Thread(target=station.listener.stop)
    stopping.start()
    assert ending.wait(20)
    late.send(get("cacerts")).assert_closed()
    seen.set()
    stopping.join(20)
    assert client.response().body == b"late"
    client.assert_closed()


def test_a_renewed_identity_is_taken_up(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    servers = station.plant.workspace.est_endpoints
    asked = Event()

    def identity() -> TlsIdentity:
        asked.set()
        return servers.tls_identity()

    def certificate() -> bytes:
        found = station.connect().tls.getpeercert(binary_form=True)
        assert found is not None
        return found

    station.listener.stop()
    monkeypatch.setattr(listener_module, "IDENTITY_CHECK_SECONDS", 0.01)
    station.listener = station.other_listener(identity)
    station.listener.start("127.0.0.1", 0)
    before = certificate()
    station.plant.workspace.lock()
    station.plant.add_server("second")
    for _time in range(2):  # the first look may have begun before the server was there
        asked.clear()
        assert asked.wait(20)
    assert certificate() == before
    station.plant.workspace.unlock(PASSPHRASE)
    while certificate() == before:
        asked.clear()
        assert asked.wait(20)
    assert servers.tls_identity().chain[0] == certificate()


def test_a_new_identity_can_be_had_without_waiting(station: Station) -> None:
    asked = Event()

    def identity() -> TlsIdentity:
        asked.set()
        return station.plant.workspace.est_endpoints.tls_identity()

    station.listener.stop()
    station.listener = station.other_listener(identity)
    for _time in range(2):  # each start has an event loop of its own
        station.listener.renew()  # nothing is served as yet
        station.listener.start("127.0.0.1", 0)
        asked.clear()
        station.listener.renew()
        assert asked.wait(20)
        station.listener.stop()
    station.listener.renew()


@pytest.mark.skipif(not hasattr(socket, "SO_REUSEPORT"), reason="this system shares no ports")
def test_two_listeners_can_share_a_port(station: Station) -> None:
    first, second = other(station), other(station)
    first.start("127.0.0.1", 0, share_port=True)
    second.start("127.0.0.1", first.port, share_port=True)
    assert first.port == second.port
    first.stop()
    station.listener.stop()
    station.listener = second
    station.is_well()
