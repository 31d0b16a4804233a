"""Addresses that requests are accepted from: single ones, networks and ranges (DEC-11)."""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from app.core.errors import InvalidInputError
from app.core.language import _

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class _Span(NamedTuple):
    """The addresses from `first` to `last`, and the usual way to write them."""

    first: _Address
    last: _Address
    text: str


def check_addresses(entries: Sequence[str]) -> tuple[str, ...]:
    """The entries in their usual spelling, each once.

    An entry is an address (`10.0.0.1`), a network (`10.0.0.0/24`) or a range
    (`10.0.0.5-10.0.0.9`), IPv4 or IPv6. Raises `InvalidInputError`, field `allowed_addresses`,
    for anything else. An empty entry is refused too: without entries everybody is let in.
    """
    return tuple(dict.fromkeys(_read(entry).text for entry in entries))


def allows(entries: tuple[str, ...], address: str) -> bool:
    """Whether a request from `address` is accepted; everybody's is when there are no entries.

    IPv4 inside IPv6 (RFC 4291 section 2.5.5.2) counts as IPv4, and the zone behind a `%` does
    not count.
    """
    if not entries:
        return True
    try:
        peer = _address(address.partition("%")[0])
    except ValueError:
        return False
    return any(
        span.first.version == peer.version and int(span.first) <= int(peer) <= int(span.last)
        for span in _spans(entries)
    )


@lru_cache(maxsize=256)
def _spans(entries: tuple[str, ...]) -> tuple[_Span, ...]:
    return tuple(_read(entry) for entry in entries)


def _read(entry: str) -> _Span:
    try:
        if "/" in entry:
            return _network(entry.strip())
        return _range(*(_address(part.strip()) for part in entry.split("-", 1)))
    except ValueError:
        raise _refused(entry) from None


def _network(text: str) -> _Span:
    if not text.rpartition("/")[2].isdecimal():
        raise _refused(text)  # a mask: nobody is sure which way round it is meant
    network = ipaddress.ip_network(text, strict=False)
    mapped = _unmapped(network.network_address)
    if mapped.version != network.version and network.prefixlen >= 96:
        network = ipaddress.ip_network((mapped, network.prefixlen - 96), strict=False)
    if _address(text.rpartition("/")[0]) != network.network_address:
        raise _refused(text, _("Write the network as {network}.").format(network=network))
    first, last = network.network_address, network.broadcast_address
    return _Span(first, last, str(first) if first == last else str(network))


def _range(first: _Address, last: _Address | None = None) -> _Span:
    if last is None or last == first:
        return _Span(first, first, str(first))
    text = f"{first}-{last}"
    if first.version != last.version or int(first) > int(last):
        raise _refused(text, _("Write two addresses, both IPv4 or both IPv6, the lower one first."))
    return _Span(first, last, text)


def _address(text: str) -> _Address:
    """Raises `ValueError` for what is no address, and for one with a zone."""
    if "%" in text:
        raise ValueError(text)
    return _unmapped(ipaddress.ip_address(text))


def _unmapped(address: _Address) -> _Address:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _refused(entry: str, remedy: str = "") -> InvalidInputError:
    return InvalidInputError(
        _("“{entry}” cannot be an accepted address.").format(entry=entry),
        remedy=remedy or _("Write 10.0.0.1, 10.0.0.0/24 or 10.0.0.5-10.0.0.9."),
        field="allowed_addresses",
    )
