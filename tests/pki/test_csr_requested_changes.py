"""Challenges of RFC 7894 and ChangeSubjectName (RFC 6402 section 2.8) in requests."""

import pytest

from app.pki import der
from app.pki.csr import CsrError, parse_csr, parse_csr_unverified
from tests.pki.material import CHALLENGE_PASSWORD, CN, attribute, csr, name

OTP_CHALLENGE = "1.2.840.113549.1.9.16.2.56"
EST_IDENTITY_LINKING = "1.2.840.113549.1.9.16.2.58"
CHANGE_SUBJECT_NAME = "1.3.6.1.5.5.7.7.36"
DNS = bytes.fromhex("8203646576")
SAN, TAGGED_SAN = der.sequence(DNS), der.tlv(0xA1, DNS)
NOBODY = der.sequence()


def change(*parts: bytes) -> bytes:
    return csr(attribute(CHANGE_SUBJECT_NAME, der.sequence(*parts)))


@pytest.mark.req("EST-POP-07", "EST-POP-08")
def test_each_kind_of_challenge_is_read_and_none_is_shown() -> None:
    kinds = (CHALLENGE_PASSWORD, OTP_CHALLENGE, EST_IDENTITY_LINKING)
    values = [der.tlv(der.UTF8_STRING, text) for text in (b"one", b"two", b"three")]
    request = parse_csr(csr(*map(attribute, kinds, values)))
    assert request.challenges == ("one", "two", "three")
    assert "two" not in repr(request)


@pytest.mark.req("EST-POP-08", "ATK-A14")
@pytest.mark.parametrize("oid", [OTP_CHALLENGE, EST_IDENTITY_LINKING])
@pytest.mark.parametrize(
    "values",
    [
        (der.tlv(der.IA5_STRING, b"a"),),
        (der.tlv(der.UTF8_STRING, b"x" * 256),),
        (der.tlv(der.UTF8_STRING, b""),),
        (der.tlv(der.UTF8_STRING, b"a"), der.tlv(der.UTF8_STRING, b"b")),
    ],
)
def test_malformed_challenges_are_refused(oid: str, values: tuple[bytes, ...]) -> None:
    with pytest.raises(CsrError):
        parse_csr(csr(attribute(oid, *values)))


def test_most_requests_change_no_names() -> None:
    assert not parse_csr(csr()).changes_names


@pytest.mark.req("EST-REN-09")
@pytest.mark.parametrize(
    "parts",
    [(CN,), (NOBODY,), (SAN,), (TAGGED_SAN,), (CN, SAN), (CN, TAGGED_SAN), (NOBODY, TAGGED_SAN)],
)
def test_a_change_of_names_is_seen_in_both_encodings(parts: tuple[bytes, ...]) -> None:
    assert parse_csr(change(*parts)).changes_names
    assert parse_csr_unverified(change(*parts)).changes_names


@pytest.mark.req("EST-REN-09", "ATK-A15")
@pytest.mark.parametrize(
    "parts",
    [
        (),
        (SAN, CN),
        (CN, CN),
        (SAN, TAGGED_SAN),
        (CN, SAN, SAN),
        (der.tlv(0xA1),),
        (der.tlv(0xA1, CN),),
        (der.tlv(0xA0, CN),),
        (der.tlv(der.UTF8_STRING, b"pump-2"),),
        (der.sequence(CN),),
        (der.sequence(der.sequence(CN)),),
        (name(("2.5.4.3", der.IA5_STRING, b"\0")),),
        (der.sequence(bytes.fromhex("8400")),),
    ],
)
def test_a_malformed_change_of_names_is_refused(parts: tuple[bytes, ...]) -> None:
    with pytest.raises(CsrError):
        parse_csr(change(*parts))


@pytest.mark.req("ATK-A15")
@pytest.mark.parametrize(
    "values", [(b"\x05\x00",), (b"\x31\x00",), (der.sequence(CN), der.sequence(CN))]
)
def test_one_that_is_no_sequence_or_stands_twice_is_refused(values: tuple[bytes, ...]) -> None:
    with pytest.raises(CsrError):
        parse_csr(csr(attribute(CHANGE_SUBJECT_NAME, *values)))
