"""Requests for a key that is made elsewhere: their own key and signature may be anything."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pki.csr import CertificationRequest, CsrError, parse_csr, parse_csr_unverified
from app.pki.keys import KeyAlgorithm
from tests.est import requests
from tests.est.requests import asking, attribute, extension, tlv
from tests.plant import csr, ec_key, rsa_key

DECRYPT_KEY = bytes.fromhex("060b2a864886f70d0109100225")
ASYMMETRIC_DECRYPT_KEY = bytes.fromhex("060b2a864886f70d0109100236")
DNS_PUMP = extension(requests.SAN, requests.sequence(tlv(0x82, b"pump-1")))
GOOD = requests.request(ec_key(), asking(DNS_PUMP))


@pytest.mark.req("EST-SKG-03")
@pytest.mark.parametrize(
    ("request_der", "hint"),
    [
        (csr(ec_key(), "pump-1"), KeyAlgorithm.EC_P256),
        (csr(rsa_key(), "pump-1"), KeyAlgorithm.RSA_2048),
        (requests.request(ec_key(), signed_by=rsa_key()), KeyAlgorithm.EC_P256),
        (requests.request(ec_key(), signature=b""), KeyAlgorithm.EC_P256),
        (requests.request(ec_key(), algorithm=requests.sequence()), KeyAlgorithm.EC_P256),
        (requests.request(ec_key(), public_key=requests.sequence()), None),
        (requests.request(ec_key(), public_key=b"\x05\x00"), None),
    ],
)
def test_key_and_signature_may_be_anything(request_der: bytes, hint: KeyAlgorithm | None) -> None:
    found = parse_csr_unverified(request_der)
    assert found.hint is hint
    assert [item.value for item in found.subject] == ["pump-1"]


def test_everything_else_is_as_in_any_request() -> None:
    attributes = (asking(DNS_PUMP), attribute(requests.CHALLENGE_PASSWORD, tlv(0x0C, b"secret")))
    key = ec_key()
    request_der = requests.request(key, *attributes)
    proven, unproven = parse_csr(request_der), parse_csr_unverified(request_der)
    made = unproven.with_key(proven.public_key)
    assert made == CertificationRequest(**(vars(proven) | {"signature_algorithm": ""}))
    assert "secret" not in repr(unproven)


@pytest.mark.req("EST-SKG-09", "EST-SKG-12")
@pytest.mark.parametrize("oid", [DECRYPT_KEY, ASYMMETRIC_DECRYPT_KEY])
def test_an_encrypted_key_is_not_to_be_had(oid: bytes) -> None:
    request_der = requests.request(ec_key(), attribute(oid, tlv(0x04, b"which")))
    parse_csr(request_der)  # where no key is made it does not matter
    with pytest.raises(CsrError, match="not encrypted"):
        parse_csr_unverified(request_der)


@pytest.mark.req("ATK-A08", "ATK-A09", "ATK-A10")
@pytest.mark.parametrize(
    "request_der",
    [
        requests.request(ec_key(), version=b"\x02\x01\x01"),
        requests.request(ec_key(), asking(DNS_PUMP, DNS_PUMP)),
        requests.request(ec_key(), asking(extension(requests.SAN, b"\x05\x00"))),
        requests.request(ec_key(), attribute(requests.CHALLENGE_PASSWORD)),
        requests.request(ec_key(), subject=b"\x05\x00"),
    ],
)
def test_other_defects_are_still_defects(request_der: bytes) -> None:
    with pytest.raises(CsrError):
        parse_csr_unverified(request_der)


@pytest.mark.req("ATK-A04")
@given(data=st.data())
def test_altered_bytes_are_read_or_refused(data: st.DataObject) -> None:
    altered = bytearray(GOOD)
    position = data.draw(st.integers(0, len(GOOD) - 1))
    altered[position] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(position, len(GOOD)))
    with suppress(CsrError):
        found = parse_csr_unverified(bytes(altered[:end]))
        assert found.der == altered[:end]
