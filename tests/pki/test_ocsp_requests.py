import contextlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidInputError
from app.pki import der
from app.pki.ocsp import (
    MAX_REQUEST_SIZE,
    matches,
    parse_request,
)
from tests.pki.material import (
    extension,
    root,
)
from tests.pki.ocsp_material import id_for

NONCE = "1.3.6.1.5.5.7.48.1.2"


@given(
    st.lists(st.integers(1, 2**159 - 1), min_size=1, max_size=16),
    st.none() | st.binary(min_size=1, max_size=128),
)
def test_what_is_asked_is_read(serials: list[int], nonce: bytes | None) -> None:
    ids = tuple(id_for(root().certificate, serial) for serial in serials)
    listed = () if nonce is None else (extension(NONCE, der.octet_string(nonce)),)
    request = parse_request(by_hand(*(cert_id.encoded for cert_id in ids), extensions=listed))
    assert (request.cert_ids, request.nonce) == (ids, nonce)


def test_another_implementation_s_question_is_read() -> None:
    leaf = x509.load_der_x509_certificate(root().issue())
    issuer = x509.load_der_x509_certificate(root().certificate)
    builder = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuer, hashes.SHA256())
    data = builder.add_extension(x509.OCSPNonce(b"abc"), critical=True).build()
    request = parse_request(data.public_bytes(Encoding.DER))
    assert request.nonce == b"abc"
    assert matches(request.cert_ids[0], root().certificate)


def test_another_hash_is_nobody_s() -> None:
    leaf = x509.load_der_x509_certificate(root().issue())
    issuer = x509.load_der_x509_certificate(root().certificate)
    builder = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuer, hashes.SHA512())
    request = parse_request(builder.build().public_bytes(Encoding.DER))
    assert not matches(request.cert_ids[0], root().certificate)


ID = id_for(root().certificate, 5).encoded


def by_hand(
    *ids: bytes,
    before: bytes = b"",
    extensions: tuple[bytes, ...] = (),
    after: bytes = b"",
    around: bytes = b"",
) -> bytes:
    """A request that is sound but for what the test changes."""
    listed = der.sequence(*(der.sequence(cert_id, around) for cert_id in ids))
    asked = der.tlv(0xA2, der.sequence(*extensions)) if extensions else b""
    return der.sequence(der.sequence(before, listed, asked), after)


def test_the_optional_fields_are_passed_over() -> None:
    version = der.tlv(0xA0, der.integer(0))
    name = der.tlv(0xA1, der.tlv(0x82, b"client"))
    note = extension("1.2.3", b"\x05\x00")
    signature = der.tlv(0xA0, der.sequence(b"\x30\x00", der.bit_string(b"x")))
    whole = by_hand(
        *(ID, ID),
        before=version + name,
        extensions=(note,),
        after=signature,
        around=der.tlv(0xA0, der.sequence(note)),
    )
    request = parse_request(whole)
    assert (len(request.cert_ids), request.nonce) == (2, None)


def nonce(octets: bytes) -> bytes:
    return by_hand(ID, extensions=(extension(NONCE, octets),))


CRITICAL = extension("1.2.3", b"\x05\x00", critical=True)
PARTS = [part.encoded for part in der.parse(ID).children()]
HOSTILE = {
    "nothing": b"",
    "rubbish": b"rubbish",
    "too large": by_hand(ID, extensions=(extension("1.2.3", der.octet_string(bytes(5000))),)),
    "no request": der.sequence(),
    "no list": der.sequence(der.sequence()),
    "nobody": by_hand(),
    "too many": by_hand(*(ID,) * 17),
    "version 2": by_hand(ID, before=der.tlv(0xA0, der.integer(1))),
    "no version": by_hand(ID, before=der.tlv(0xA0)),
    "something after": by_hand(ID, after=der.integer(1)),
    "critical": by_hand(ID, extensions=(CRITICAL,)),
    "critical in the part": by_hand(ID, around=der.tlv(0xA0, der.sequence(CRITICAL))),
    "extensions empty": by_hand(ID, around=der.tlv(0xA0)),
    "something in the part": by_hand(ID, around=der.integer(1)),
    "nonce empty": nonce(der.octet_string(b"")),
    "nonce long": nonce(der.octet_string(bytes(129))),
    "nonce bare": nonce(der.tlv(der.UTF8_STRING, b"x")),
    "id of three": by_hand(der.sequence(*PARTS[:3])),
    "id of strings": by_hand(der.sequence(*PARTS[:2], der.tlv(der.UTF8_STRING, b"x"), PARTS[3])),
    "hash of nothing": by_hand(der.sequence(b"\x30\x00", *PARTS[1:])),
    "serial of nothing": by_hand(der.sequence(*PARTS[:3], der.octet_string(b"x"))),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_requests_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        parse_request(data)
    assert refusal.value.cause


def test_every_truncation_is_refused() -> None:
    data = nonce(der.octet_string(b"nonce"))
    for end in range(len(data)):
        with pytest.raises(InvalidInputError):
            parse_request(data[:end])
    with pytest.raises(InvalidInputError):
        parse_request(data + b"\x00")


@given(st.lists(st.tuples(st.integers(0, 120), st.integers(0, 255)), min_size=1, max_size=3))
def test_changed_bytes_are_read_or_refused(changes: list[tuple[int, int]]) -> None:
    data = bytearray(nonce(der.octet_string(b"nonce")))
    for position, octet in changes:
        data[position % len(data)] = octet
    with contextlib.suppress(InvalidInputError):
        assert parse_request(bytes(data)).cert_ids


@given(st.binary(max_size=MAX_REQUEST_SIZE))
def test_random_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        parse_request(data)
