"""External CAs: what is read from files, and when one counts."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidInputError
from app.models.domain.external_cas import Challenge, ExternalCa, read_ca, read_proof
from app.pki import pkcs7
from app.pki.certificates import certificate_to_pem
from tests.pki.material import NOW, root

CA = root("Sensor maker", 70).certificate
SECOND = root("Second", 71).certificate


@pytest.mark.req("ECA-09")
@pytest.mark.parametrize("active", [False, True])
@pytest.mark.parametrize("verified", [False, True])
def test_one_counts_when_it_is_verified_and_active(*, active: bool, verified: bool) -> None:
    when = NOW if verified else None
    ca = ExternalCa(1, "Maker", 1, None, CA, "00", NOW, active=active, verified_at=when)
    assert (ca.verified, ca.trusted) == (verified, verified and active)


@pytest.mark.req("POP-11")
def test_the_first_certificate_counts_and_others_are_told() -> None:
    for data in (
        certificate_to_pem(CA) + certificate_to_pem(SECOND),
        pkcs7.certs_only([CA, SECOND]),
    ):
        found = read_ca(data, NOW)
        assert (found.certificate, found.subject, found.others) == (CA, "CN=Sensor maker", 1)
        assert [one.title for one in found.sections][:2] == ["Certificate", "Issuer"]
        assert read_proof(data) == CA
    assert read_ca(CA, NOW).others == 0


def test_the_commands_are_for_the_code() -> None:
    challenge = Challenge("c0de", NOW + timedelta(hours=1), b"")
    assert '-subj "/CN=c0de"' in challenge.request_command
    assert "-CA ca.pem -CAkey ca.key" in challenge.signing_command


@given(st.binary(max_size=300))
def test_junk_is_refused_under_the_field_it_came_from(data: bytes) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_ca(data, NOW)
    assert refused.value.field == "certificate"
    with pytest.raises(InvalidInputError) as refused:
        read_proof(data)
    assert refused.value.field == "proof"


@given(st.integers(0, 999), st.integers(1, 255))
def test_a_damaged_certificate_is_read_or_refused_in_words(place: int, change: int) -> None:
    damaged = bytearray(CA)
    damaged[place % len(CA)] ^= change
    said = "certificate"
    try:
        read_ca(bytes(damaged), NOW)
    except InvalidInputError as error:
        said = error.field or ""
    assert said == "certificate"  # nothing else comes out of it
