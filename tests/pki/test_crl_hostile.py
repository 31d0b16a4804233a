import contextlib
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pki import der
from app.pki.crl import MAX_CRL_SIZE, CrlError, read_crl
from app.pki.revocation import RevocationReason
from tests.pki.crl_material import PARTITION, WEEK, crl, revoked
from tests.pki.material import (
    NOW,
    extension,
    key,
    signed,
)

NUMBER = extension("2.5.29.20", der.integer(7))
AUTHORITY = extension("2.5.29.35", bytes.fromhex("3003800101"))


def test_every_truncation_is_refused() -> None:
    data = crl([revoked(invalid_since=NOW)], partition_url=PARTITION)
    for end in range(len(data)):
        with pytest.raises(CrlError):
            read_crl(data[:end])
    with pytest.raises(CrlError):
        read_crl(data + b"\x00")


@given(st.lists(st.tuples(st.integers(0, 250), st.integers(0, 255)), min_size=1, max_size=3))
def test_changed_bytes_are_read_or_refused(changes: list[tuple[int, int]]) -> None:
    data = bytearray(crl([revoked(invalid_since=NOW)], partition_url=PARTITION))
    for position, octet in changes:
        data[position] = octet
    with contextlib.suppress(CrlError):
        info = read_crl(bytes(data))
        assert info.next_update >= info.this_update


@given(st.binary(max_size=200))
def test_random_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(CrlError):
        read_crl(data)


def entry(*extensions: bytes, serial: bytes = b"\x02\x01\x05") -> bytes:
    listed = der.sequence(*extensions) if extensions else b""
    return der.sequence(serial, der.time(NOW), listed)


def by_hand(
    *entries: bytes,
    version: bytes = b"\x02\x01\x01",
    issuer: bytes = bytes.fromhex("300c310a300806035504030c0152"),
    times: tuple[datetime, ...] = (NOW, NOW + WEEK),
    extensions: bytes | None = None,
    algorithm: bytes | None = None,
) -> bytes:
    """A list that is sound but for what the test changes."""
    inner = bytes.fromhex("300a06082a8648ce3d040302")
    tbs = der.sequence(
        version,
        inner,
        issuer,
        *map(der.time, times),
        der.sequence(*entries) if entries else b"",
        der.tlv(0xA0, der.sequence(AUTHORITY, NUMBER) if extensions is None else extensions),
    )
    return signed(tbs, key(), algorithm)


def test_what_is_made_by_hand_is_read() -> None:
    info = read_crl(by_hand(entry()))
    assert info.revoked == (revoked(reason=RevocationReason.UNSPECIFIED),)
    note = extension("1.2.3", b"\x05\x00")
    assert read_crl(by_hand(extensions=der.sequence(AUTHORITY, NUMBER, note))).number == 7


def with_extensions(*listed: bytes) -> bytes:
    return by_hand(extensions=der.sequence(*listed))


def scope(*points: bytes) -> bytes:
    value = der.sequence(*points)
    return with_extensions(AUTHORITY, NUMBER, extension("2.5.29.28", value, critical=True))


def full_name(*names: bytes) -> bytes:
    return der.tlv(0xA0, der.tlv(0xA0, *names))


URL = der.tlv(0x86, b"http://a/")
ENTRY_EXTENSION = extension("2.5.29.29", bytes.fromhex("3000"), critical=True)  # indirect
HOSTILE = {
    "too large": b"\x30" * (MAX_CRL_SIZE + 1),
    "two parts": der.sequence(b"\x30\x00", b"\x30\x00"),
    "version 1": by_hand(version=b""),
    "version 3": by_hand(version=b"\x02\x01\x02"),
    "no issuer": by_hand(issuer=b"\x30\x00"),
    "no end": by_hand(times=(NOW,)),
    "ends first": by_hand(times=(NOW, NOW - WEEK)),
    "another algorithm": by_hand(algorithm=der.sequence(der.oid("1.2.3"))),
    "no extensions": by_hand(extensions=b""),
    "empty extensions": by_hand(extensions=b"\x30\x00"),
    "two lists of extensions": by_hand(extensions=2 * der.sequence(AUTHORITY, NUMBER)),
    "no number": with_extensions(AUTHORITY),
    "no authority": with_extensions(NUMBER),
    "authority without key": with_extensions(NUMBER, extension("2.5.29.35", b"\x30\x00")),
    "negative number": with_extensions(AUTHORITY, extension("2.5.29.20", der.integer(-1))),
    "long number": with_extensions(AUTHORITY, extension("2.5.29.20", der.integer(2**160))),
    "delta": with_extensions(
        AUTHORITY, NUMBER, extension("2.5.29.27", der.integer(3), critical=True)
    ),
    "scope of two names": scope(full_name(URL, URL)),
    "scope of no URI": scope(full_name(der.tlv(0x82, b"a"))),
    "scope not ASCII": scope(full_name(der.tlv(0x86, b"http://\xff"))),
    "scope of users only": scope(full_name(URL), der.tlv(0x81, b"\xff")),
    "empty scope": scope(),
    "serial negative": by_hand(entry(serial=b"\x02\x01\xff")),
    "serial long": by_hand(entry(serial=der.integer(2**160))),
    "listed twice": by_hand(entry(), entry()),
    "entry of one part": by_hand(der.sequence(b"\x02\x01\x05")),
    "entry of four parts": by_hand(der.sequence(*(b"\x02\x01\x05",) * 4)),
    "indirect": by_hand(entry(ENTRY_EXTENSION)),
    "removed": by_hand(entry(extension("2.5.29.21", bytes.fromhex("0a0108")))),
    "unknown reason": by_hand(entry(extension("2.5.29.21", bytes.fromhex("0a0107")))),
    "reason no enumerated": by_hand(entry(extension("2.5.29.21", bytes.fromhex("020101")))),
    "date no time": by_hand(entry(extension("2.5.29.24", bytes.fromhex("0500")))),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_lists_are_refused(data: bytes) -> None:
    with pytest.raises(CrlError) as refusal:
        read_crl(data)
    assert refusal.value.cause
