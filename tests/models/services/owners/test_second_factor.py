"""Signing in with a certificate, too (ROLE-02)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.core.errors import AuthenticationError, InvalidInputError, KnownError
from app.models.domain.access import SYSTEM, Actor, Channel
from app.models.domain.users import CertificateNeededError, Proof
from app.models.services.audit.log import AuditFilter
from app.models.services.owners.second_factor import certificate_from_file, proof_from_file
from app.models.services.setup.demo_data import DEMO_PASSWORD
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import CertificateContents, build_root, certificate_to_pem
from app.pki.extensions import KeyUsage
from app.pki.keys import KeyAlgorithm, PrivateKey, generate, private_key_to_pem
from app.pki.pkcs12 import pack, unpack
from app.pki.possession import sign_challenge
from app.pki.revocation import RevocationReason
from app.pki.sign import SoftwareKey
from app.pki.subjects import ATTRIBUTE_TYPES, Attribute
from tests.fakes import FakeClock
from tests.models.services.gateways import PASSPHRASE, factory, gateway
from tests.models.services.people import person
from tests.workspace_fixtures import NOW

CARD_PASSPHRASE = "open the card"
KEY = generate(KeyAlgorithm.EC_P256)


def own_certificate(key: PrivateKey, not_after: datetime = NOW + timedelta(days=30)) -> bytes:
    """A certificate for a person's key, signed with it."""
    signing = SoftwareKey(key)
    contents = CertificateContents(
        subject=(Attribute(ATTRIBUTE_TYPES["CN"].oid, "Mia Rossi"),),
        san=(),
        public_key=signing.public_key,
        not_before=NOW - timedelta(days=1),
        not_after=not_after,
        key_usage=frozenset({KeyUsage.KEY_CERT_SIGN, KeyUsage.CRL_SIGN}),
        extended_key_usage=(),
        ca=True,
    )
    return build_root(contents, signing)


def pkcs12_proof(key: PrivateKey) -> Proof:
    return proof_from_file(
        pack(key, own_certificate(key), (), CARD_PASSPHRASE, "Mia"), CARD_PASSPHRASE
    )


def pem_proof(key: PrivateKey) -> Proof:
    return proof_from_file(private_key_to_pem(key, CARD_PASSPHRASE), CARD_PASSPHRASE)


def plain_pem_proof(key: PrivateKey) -> Proof:
    return proof_from_file(private_key_to_pem(key, None), "")


def sign_in(
    workspace: Workspace, proof: Proof | None = None, password: str = DEMO_PASSWORD
) -> Actor:
    return workspace.users.sign_in("mia.rossi", password, Channel.WINDOW, proof=proof)


def signing(key: PrivateKey) -> Proof:
    """What proves to have a key, as a file with it does."""
    return lambda challenge: sign_challenge(key, challenge)


def set_certificate(workspace: Workspace, certificate: bytes, proof: Proof) -> None:
    mia = person(workspace, "mia.rossi")
    workspace.users.set_certificate(mia, DEMO_PASSWORD, certificate, proof)


@pytest.mark.req("ROLE-02")
@pytest.mark.parametrize(
    "algorithm",
    [KeyAlgorithm.EC_P256, KeyAlgorithm.EC_P384, KeyAlgorithm.RSA_2048, KeyAlgorithm.ED25519],
)
@pytest.mark.parametrize("proof", [pkcs12_proof, pem_proof, plain_pem_proof])
def test_the_key_of_the_certificate_is_needed_too(
    demo: Workspace, algorithm: KeyAlgorithm, proof: Callable[[PrivateKey], Proof]
) -> None:
    key = generate(algorithm)
    certificate = certificate_from_file(certificate_to_pem(own_certificate(key)))
    set_certificate(demo, certificate, proof(key))
    with pytest.raises(CertificateNeededError) as caught:
        sign_in(demo)
    assert caught.value.field == "certificate"
    assert demo.users.me(sign_in(demo, proof(key))).certificate
    with pytest.raises(AuthenticationError, match="does not belong"):
        sign_in(demo, proof(generate(algorithm)))
    with pytest.raises(AuthenticationError, match="wrong"):
        sign_in(demo, proof(key), "not the password")


def test_a_signature_made_before_or_for_something_else_is_no_proof(demo: Workspace) -> None:
    key = generate(KeyAlgorithm.EC_P256)
    set_certificate(demo, own_certificate(key), signing(key))
    overheard = sign_challenge(key, bytes(32))
    with pytest.raises(AuthenticationError, match="does not belong"):
        sign_in(demo, lambda _challenge: overheard)
    with pytest.raises(AuthenticationError, match="does not belong"):
        sign_in(demo, SoftwareKey(key).sign)


def test_each_challenge_is_new(demo: Workspace) -> None:
    key = generate(KeyAlgorithm.EC_P256)
    set_certificate(demo, own_certificate(key), signing(key))
    seen: list[bytes] = []

    def proof(challenge: bytes) -> bytes:
        seen.append(challenge)
        return sign_challenge(key, challenge)

    sign_in(demo, proof)
    sign_in(demo, proof)
    assert len(set(seen)) == 2
    assert {len(challenge) for challenge in seen} == {32}


def test_a_certificate_that_has_ended_lets_nobody_in(demo: Workspace, clock: FakeClock) -> None:
    key = generate(KeyAlgorithm.EC_P256)
    set_certificate(demo, own_certificate(key), signing(key))
    clock.advance(days=31)
    with pytest.raises(AuthenticationError, match="not valid now"):
        sign_in(demo, pem_proof(key))
    demo.users.remove_certificate(SYSTEM, person(demo, "mia.rossi").user_id or 0)
    assert sign_in(demo)


@pytest.mark.parametrize(
    "reason", [RevocationReason.KEY_COMPROMISE, RevocationReason.CERTIFICATE_HOLD]
)
def test_a_certificate_revoked_here_lets_nobody_in(
    demo: Workspace, reason: RevocationReason
) -> None:
    device = gateway(demo, "GW-1", factory=factory(demo)).device
    (issued,) = demo.certificates.of_device(SYSTEM, device.id)
    content = demo.certificates.download_pfx(SYSTEM, issued.id)
    certificate = unpack(content, PASSPHRASE).certificate or b""
    proof = proof_from_file(content, PASSPHRASE)
    set_certificate(demo, certificate, proof)
    assert sign_in(demo, proof)
    demo.revocation.revoke(SYSTEM, issued.id, reason)
    with pytest.raises(AuthenticationError, match="revoked or on hold"):
        sign_in(demo, proof)
    demo.users.remove_certificate(SYSTEM, person(demo, "mia.rossi").user_id or 0)
    with pytest.raises(InvalidInputError, match="revoked or on hold"):
        set_certificate(demo, certificate, proof)
    assert sign_in(demo)


def test_only_a_usable_certificate_is_taken(demo: Workspace) -> None:
    key = generate(KeyAlgorithm.EC_P256)
    with pytest.raises(InvalidInputError, match="not valid now"):
        set_certificate(demo, own_certificate(key, NOW - timedelta(hours=1)), signing(key))
    with pytest.raises(InvalidInputError):
        set_certificate(demo, b"no certificate", signing(key))
    with pytest.raises(AuthenticationError):
        demo.users.set_certificate(
            person(demo, "mia.rossi"), "not the password", own_certificate(key), signing(key)
        )
    set_certificate(demo, own_certificate(key), signing(key))
    demo.users.remove_own_certificate(person(demo, "mia.rossi"), DEMO_PASSWORD)
    assert sign_in(demo)


@pytest.mark.req("ROLE-02")
@pytest.mark.parametrize("other", [KeyAlgorithm.EC_P256, KeyAlgorithm.RSA_2048])
def test_whoever_sets_a_certificate_shows_its_key(demo: Workspace, other: KeyAlgorithm) -> None:
    key = generate(KeyAlgorithm.EC_P256)
    for proof in (signing(generate(other)), SoftwareKey(key).sign, lambda _challenge: b""):
        with pytest.raises(InvalidInputError, match="does not belong") as caught:
            set_certificate(demo, own_certificate(key), proof)
        assert caught.value.field == "key_file"
    assert sign_in(demo)
    assert not demo.users.me(person(demo, "mia.rossi")).certificate


def test_one_removes_ones_own_certificate_by_the_password(demo: Workspace) -> None:
    key = generate(KeyAlgorithm.EC_P256)
    set_certificate(demo, own_certificate(key), signing(key))
    mia = person(demo, "mia.rossi")
    with pytest.raises(AuthenticationError):
        demo.users.remove_own_certificate(mia, "not the password")
    with pytest.raises(CertificateNeededError):
        sign_in(demo)
    demo.users.remove_own_certificate(mia, DEMO_PASSWORD)
    assert sign_in(demo)
    (told,) = demo.audit.page(SYSTEM, 0, 10, AuditFilter(action="user.remove-certificate"))
    assert (told.actor, told.object_name, told.outcome) == ("mia.rossi", "mia.rossi", "done")


@pytest.mark.parametrize(
    "data",
    [
        private_key_to_pem(KEY, CARD_PASSPHRASE),
        pack(KEY, own_certificate(KEY), (), CARD_PASSPHRASE, "Mia"),
    ],
    ids=["pem", "pkcs12"],
)
@pytest.mark.parametrize("passphrase", ["", "wrong"])
def test_a_wrong_passphrase_is_said_to_be_one(data: bytes, passphrase: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        proof_from_file(data, passphrase)
    assert caught.value.field == "passphrase"


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300), st.text(max_size=10))
@example(b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n", "")
@example(b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n", "x")
@example(certificate_to_pem(own_certificate(KEY)), "")
@example(b"\x30" * 2_000_000, "")
def test_whatever_is_no_key_file_is_refused(data: bytes, passphrase: str) -> None:
    with pytest.raises(KnownError):
        proof_from_file(data, passphrase)
