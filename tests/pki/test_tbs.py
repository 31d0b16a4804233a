import random
from contextlib import suppress
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pki import der
from app.pki.certificates import CertificateError, read_certificate
from app.pki.tbs import MAX_CERTIFICATE_SIZE
from tests.pki.material import contents, extension, name, root, rsa_spki, signed

EXPLICIT_V3 = der.tlv(0xA0, der.integer(2))
SERIAL = der.integer(7)
ISSUER = name(("2.5.4.3", der.UTF8_STRING, b"Root"))
UTC_2026, UTC_2027 = (der.tlv(der.UTC_TIME, b"%d0101000000Z" % year) for year in (26, 27))
VALIDITY = der.sequence(UTC_2026, UTC_2027)
SUBJECT = name(("2.5.4.3", der.UTF8_STRING, b"device"))
SPKI = contents().public_key
ECDSA_SHA256 = der.sequence(der.oid("1.2.840.10045.4.3.2"))
USAGE = extension("2.5.29.15", bytes.fromhex("03020780"), critical=True)


def certificate(  # one parameter a field: that is what a certificate is
    *,
    version: bytes = EXPLICIT_V3,
    serial: bytes = SERIAL,
    algorithm: bytes = ECDSA_SHA256,
    issuer: bytes = ISSUER,
    validity: bytes = VALIDITY,
    subject: bytes = SUBJECT,
    spki: bytes = SPKI,
    rest: bytes = der.tlv(0xA3, der.sequence(USAGE)),
) -> bytes:
    """A hand-made certificate, validly signed."""
    tbs = der.sequence(version, serial, algorithm, issuer, validity, subject, spki, rest)
    return signed(tbs, root().key)


def extensions(*parts: bytes) -> bytes:
    return der.tlv(0xA3, der.sequence(*parts))


def validity(start: bytes, end: bytes = UTC_2027) -> bytes:
    return der.sequence(start, end)


def generalized(text: bytes) -> bytes:
    return der.tlv(der.GENERALIZED_TIME, text)


def test_the_certificate_the_defects_are_made_of_is_sound() -> None:
    assert read_certificate(certificate()).serial == 7


@pytest.mark.req("ATK-C12", "ATK-C13")
@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (certificate(version=der.tlv(0xA0, der.integer(1))), "unknown version"),
        (certificate(version=der.tlv(0xA0, der.integer(3))), "unknown version"),
        (certificate(version=der.tlv(0xA0)), "unknown version"),
        (certificate(version=b""), "version 1 certificate carries"),
        (certificate(version=b"", rest=der.tlv(0x81, b"\x00x")), "version 1 certificate carries"),
        (certificate(serial=der.integer(-1)), "negative or longer"),
        (certificate(serial=der.integer(2**160)), "negative or longer"),
        (certificate(serial=b"\x02\x00"), "shortest form"),
        (certificate(serial=der.octet_string(b"x")), "Tag 0x04"),
        (certificate(algorithm=der.sequence(der.oid("1.2.3"))), "two different signature"),
        (certificate(algorithm=der.sequence()), "two different signature"),
        (certificate(issuer=b"\x30\x00"), "issuer is empty"),
        (certificate(issuer=b"\x05\x00"), "Tag 0x05"),
        (certificate(validity=der.sequence(UTC_2026)), "not a beginning and an end"),
        (certificate(validity=validity(UTC_2027, UTC_2026)), "ends before it begins"),
        (certificate(validity=validity(der.tlv(der.UTC_TIME, b"2601010000Z"))), "to the second"),
        (certificate(validity=validity(der.tlv(der.UTC_TIME, b"260101000000"))), "to the second"),
        (
            certificate(validity=validity(der.tlv(der.UTC_TIME, b"260101000000+0100"))),
            "to the second",
        ),
        (certificate(validity=validity(der.tlv(der.UTC_TIME, b"260231000000Z"))), "not exist"),
        (certificate(validity=validity(UTC_2026, generalized(b"99991231235960Z"))), "not exist"),
        (certificate(validity=validity(generalized(b"00000101000000Z"))), "not exist"),
        (certificate(validity=validity(generalized(b"20260101000000.5Z"))), "to the second"),
        (certificate(validity=validity(der.octet_string(b"260101000000Z"))), "not a time"),
        (certificate(subject=b"\x05\x00"), "Tag 0x05"),
        (certificate(subject=name(("2.5.4.3", der.UTF8_STRING, b"\xff"))), "does not allow"),
        (certificate(spki=b"\x30\x00"), "not an algorithm and a key"),
        (certificate(rest=der.tlv(0xA4)), "Unknown fields"),
        (certificate(rest=extensions(USAGE) + der.tlv(0x81, b"\x00x")), "Unknown fields"),
        (certificate(rest=extensions(USAGE) * 2), "Unknown fields"),
        (certificate(rest=der.tlv(0xA3)), "extensions are malformed"),
        (certificate(rest=extensions()), "list of extensions is empty"),
        (certificate(rest=extensions(USAGE, USAGE)), "stands twice"),
        (certificate(rest=extensions(der.sequence(der.oid("1.2.3")))), "not an identifier"),
        (certificate(rest=extensions(extension("2.5.29.15", b"rubbish"))), "past the end"),
        (
            certificate(
                rest=extensions(
                    der.sequence(der.oid("1.2.3"), b"\x01\x01\x01", der.octet_string(b"\x05\x00"))
                )
            ),
            "BOOLEAN",
        ),
        (b"\x30\x00", "not a certificate"),
        (signed(der.sequence(EXPLICIT_V3, SERIAL), root().key), "lacks a field"),
        (signed(der.sequence(), root().key), "lacks a field"),
        (
            signed(
                der.sequence(SERIAL, b"\x30\x00", ISSUER, VALIDITY, SUBJECT, SPKI),
                root().key,
                b"\x30\x00",
            ),
            "signature algorithm is malformed",
        ),
        (bytes(MAX_CERTIFICATE_SIZE + 1), "larger than 64 KiB"),
        (certificate() + b"\x00", "follow the end"),
    ],
    ids=count(),
)
def test_each_defect_is_refused_and_named(data: bytes, cause: str) -> None:
    with pytest.raises(CertificateError) as refusal:
        read_certificate(data)
    assert refusal.value.problem == "The certificate cannot be read."
    assert cause in refusal.value.text()


@pytest.mark.req("ATK-C13", "ATK-A10")
@pytest.mark.parametrize(
    ("oid", "value"),
    [
        ("2.5.29.15", "0302077f"),  # unused bits set
        ("2.5.29.15", "03020080"),  # trailing zero bits
        ("2.5.29.15", "030100"),  # no bit at all
        ("2.5.29.15", "0304000000 01"),
        ("2.5.29.15", "0500"),
        ("2.5.29.37", "3000"),
        ("2.5.29.37", "30020500"),
        ("2.5.29.19", "30030101 01"),
        ("2.5.29.19", "3003020100"),  # a path length without a CA
        ("2.5.29.19", "30060101ff0201ff"),
        ("2.5.29.19", "30090101ff020100020100"),
        ("2.5.29.14", "0500"),
        ("2.5.29.35", "0500"),
        ("2.5.29.17", "3000"),
        ("2.5.29.17", "300787053132333435"),
    ],
)
def test_malformed_extensions_are_refused(oid: str, value: str) -> None:
    part = extension(oid, bytes.fromhex(value))
    with pytest.raises(CertificateError):
        read_certificate(certificate(rest=extensions(part)))


def test_oddities_that_do_no_harm_are_read() -> None:
    ids = der.tlv(0x81, b"\x00i") + der.tlv(0x82, b"\x00s")
    odd = read_certificate(
        certificate(
            serial=der.integer(0),
            validity=der.sequence(
                der.tlv(der.UTC_TIME, b"500101000000Z"), generalized(b"20260101000000Z")
            ),
            spki=rsa_spki(2**1024 - 1),
            rest=ids + extensions(extension("2.5.29.35", b"\x30\x00")),
        )
    )
    assert (odd.serial, odd.algorithm, odd.authority_key_id) == (0, None, None)
    assert (odd.not_before.year, odd.not_after.year) == (1950, 2026)
    oldest = read_certificate(certificate(version=b"", rest=b""))
    assert (oldest.key_usage, oldest.extended_key_usage, oldest.is_ca) == (None, (), False)


@pytest.mark.req("ATK-A04", "ATK-C13")
def test_every_truncation_is_refused() -> None:
    whole = root().issue()
    for length in range(len(whole)):
        with pytest.raises(CertificateError):
            read_certificate(whole[:length])


@pytest.mark.req("ATK-A04", "ATK-C13")
def test_mutations_are_read_or_refused() -> None:
    chance = random.Random(5)
    whole = root().issue()
    refused = 0
    for position in range(len(whole)):
        for _time in range(6):
            mutant = bytearray(whole)
            mutant[position] ^= chance.randrange(1, 256)
            try:
                read_certificate(bytes(mutant))
            except CertificateError:
                refused += 1
    assert refused > len(whole)


@given(st.binary(max_size=100))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(CertificateError):
        read_certificate(data)
