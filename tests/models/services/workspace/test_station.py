import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models.services.workspace import station


def test_names_are_lower_case_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "Bench-7.Factory.example.")
    assert station.host_names() == (
        "localhost",
        "bench-7.factory.example",
        "bench-7",
        "bench-7.local",
    )
    monkeypatch.setattr(socket, "gethostname", lambda: "localhost")
    assert station.host_names() == ("localhost", "localhost.local")


@pytest.mark.parametrize("name", ["bad_name", "12345", "x" * 64, "-bench", "b\u00e4nk", ""])
def test_names_no_certificate_can_hold_are_left_out(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: name)
    assert station.host_names()[0] == "localhost"
    assert name not in station.host_names()


def test_addresses_are_addresses() -> None:
    found = station.addresses()
    assert found[:2] == ("127.0.0.1", "::1")
    for text in found:
        ipaddress.ip_address(text)
    assert len(set(found)) == len(found)


def test_no_network_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_arguments: object) -> None:
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(socket, "socket", unreachable)
    assert station.addresses() == ("127.0.0.1", "::1")


@given(st.ip_addresses())
def test_addresses_are_recognised(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    assert station.is_address(str(address))
    assert not station.is_address(f"{address}.est.local")
