"""Proof that the owner of an external CA has its key, with openssl on the owner's side."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.core.errors import ConflictError, InvalidInputError, KnownError
from app.models.domain.access import SYSTEM, Actor
from app.models.domain.audit import AuditEvent
from app.models.domain.external_cas import (
    CHALLENGE_LIFETIME,
    MAX_ATTEMPTS,
    Challenge,
    ExternalCa,
    VerifiedBy,
)
from app.models.services.external_cas.trust import check_device_certificate
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import read_certificate
from app.pki.chains import ChainFault, ClientCertificateError
from app.pki.csr import parse_csr
from app.pki.formats import certificates_in, csr_in
from app.pki.keys import KeyAlgorithm
from app.pki.names import subject_text
from tests.fakes import FakeClock
from tests.manufacturer import P256, P384, RSA, Manufacturer
from tests.models.services.people import person

ACME = 1


@pytest.fixture(autouse=True)
def _now(clock: FakeClock) -> None:
    clock.set(datetime.now(UTC))  # as the openssl command has it


@pytest.fixture
def maker(tmp_path: Path) -> Manufacturer:
    return Manufacturer(tmp_path / "maker")


@pytest.fixture
def ca(demo: Workspace, admin: Actor, maker: Manufacturer) -> ExternalCa:
    return demo.external_cas.register(admin, "Sensor maker", maker.certificate, ACME)


def challenged(workspace: Workspace, ca: ExternalCa) -> Challenge:
    return workspace.external_ca_proof.new_challenge(SYSTEM, ca.id)


def prove(workspace: Workspace, ca: ExternalCa, answer: bytes) -> None:
    workspace.external_ca_proof.verify_by_possession(SYSTEM, ca.id, answer)


def refusal(workspace: Workspace, ca: ExternalCa, answer: bytes) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as error:
        prove(workspace, ca, answer)
    assert not workspace.external_cas.get(SYSTEM, ca.id).verified
    assert error.value.field == "proof"
    return error.value


def last_event(workspace: Workspace, ca: ExternalCa) -> AuditEvent:
    return workspace.audit.of_object(SYSTEM, "external-ca", ca.id, 1)[0]


@pytest.mark.req("ECA-17", "DEC-07")
def test_a_challenge_is_a_code_and_a_request_for_it(demo: Workspace, ca: ExternalCa) -> None:
    challenge = challenged(demo, ca)
    assert len(bytes.fromhex(challenge.code)) == 20
    assert challenge.until == demo.store.clock.now() + CHALLENGE_LIFETIME
    request = parse_csr(csr_in(challenge.request), tuple(KeyAlgorithm))
    assert subject_text(request.subject) == f"CN={challenge.code}"
    again = demo.external_ca_proof.open_challenge(SYSTEM, ca.id)
    assert again is not None
    assert (again.code, again.until) == (challenge.code, challenge.until)
    assert challenge.code not in str(demo.audit.of_object(SYSTEM, "external-ca", ca.id, 9))


@pytest.mark.req("POP-01", "ECA-08", "ECA-17", "DEC-07")
@pytest.mark.parametrize("kind", [RSA, P256, P384])
@pytest.mark.parametrize("intermediate", [False, True])
@pytest.mark.parametrize("own_request", [False, True])
def test_whoever_has_the_key_verifies_the_ca(
    demo: Workspace,
    tmp_path: Path,
    *,
    kind: tuple[str, ...],
    intermediate: bool,
    own_request: bool,
) -> None:
    maker = Manufacturer(tmp_path / "maker", kind=kind)
    if intermediate:
        maker = Manufacturer(tmp_path / "line", "Line CA", kind=kind, parent=maker)
    ruth = person(demo, "ruth.keller")
    ca = demo.external_cas.register(ruth, "Maker", maker.certificate, ACME, 1)
    challenge = demo.external_ca_proof.new_challenge(ruth, ca.id)
    answer = maker.answer(challenge, own_request=own_request)
    demo.external_ca_proof.verify_by_possession(ruth, ca.id, answer)
    verified = demo.external_cas.get(SYSTEM, ca.id)
    assert (verified.verified_by, verified.trusted) == (VerifiedBy.POSSESSION, True)
    event = last_event(demo, ca)
    assert (event.action, event.actor, event.outcome) == (
        "external-ca.verify",
        "ruth.keller",
        "done",
    )
    proof = read_certificate(certificates_in(answer)[0])
    assert event.after == {"by": "possession", "proof": proof.fingerprint}


@pytest.mark.req("DEC-07", "ECA-08")
def test_an_override_is_told_as_one(demo: Workspace, ca: ExternalCa, admin: Actor) -> None:
    demo.external_ca_proof.verify_by_override(admin, ca.id)
    verified = demo.external_cas.get(SYSTEM, ca.id)
    assert (verified.verified_by, verified.trusted) == (VerifiedBy.OVERRIDE, True)
    assert last_event(demo, ca).after == {"by": "override"}


@pytest.mark.req("POP-02")
def test_a_wrong_old_or_foreign_code_is_refused(
    demo: Workspace, ca: ExternalCa, maker: Manufacturer, admin: Actor
) -> None:
    other = demo.tenants.create_tenant(SYSTEM, "Borealis")
    theirs = demo.external_cas.register(admin, "Theirs", maker.certificate, other.id)
    foreign = maker.answer(challenged(demo, theirs))
    old = maker.answer(challenged(demo, ca))
    code = challenged(demo, ca).code
    answers = [
        foreign,
        old,
        maker.certify("-subj", f"/CN={code[::-1]}"),
        maker.certify("-subj", f"/CN={code}/CN={code}"),
        maker.certify("-subj", f"/OU={code}"),
        maker.certify("-subj", f"/serialNumber={code}"),
        maker.certify("-subj", f"/CN={code.upper()}"),
        maker.certify("-subj", f"/CN={code}x"),
        maker.certify("-subj", f"/CN={code[:-1]} "),
        maker.certify("-subj", "/CN=x", extensions=f"subjectAltName=DNS:{code}\n"),
    ]
    for answer in answers:
        assert "not for this code" in refusal(demo, ca, answer).problem
    assert last_event(demo, ca).outcome == "refused"
    assert "not for this code" in last_event(demo, ca).reason


@pytest.mark.req("POP-02")
def test_ten_attempts_are_all(
    demo: Workspace, ca: ExternalCa, maker: Manufacturer, admin: Actor
) -> None:
    challenge = challenged(demo, ca)
    wrong = maker.certify("-subj", "/CN=wrong")
    for _number in range(MAX_ATTEMPTS):
        refusal(demo, ca, wrong)
    right = maker.answer(challenge)
    with pytest.raises(ConflictError, match="tried too often"):
        prove(demo, ca, right)
    assert demo.external_ca_proof.open_challenge(admin, ca.id) is None
    prove(demo, ca, maker.answer(challenged(demo, ca)))


@pytest.mark.req("POP-02")
def test_a_code_is_good_for_a_day(
    demo: Workspace, ca: ExternalCa, maker: Manufacturer, clock: FakeClock
) -> None:
    with pytest.raises(ConflictError, match="no code"):
        prove(demo, ca, maker.certificate)
    assert demo.external_ca_proof.open_challenge(SYSTEM, ca.id) is None
    answer = maker.answer(challenged(demo, ca))
    clock.set(clock.now() + CHALLENGE_LIFETIME)
    assert demo.external_ca_proof.open_challenge(SYSTEM, ca.id) is None
    with pytest.raises(ConflictError, match="has expired"):
        prove(demo, ca, answer)
    clock.set(clock.now() - timedelta(minutes=1))
    prove(demo, ca, answer)


@pytest.mark.req("POP-03")
def test_another_signer_is_named(
    demo: Workspace, ca: ExternalCa, maker: Manufacturer, tmp_path: Path
) -> None:
    challenge = challenged(demo, ca)
    twin = Manufacturer(tmp_path / "twin")
    assert "another key" in refusal(demo, ca, twin.answer(challenge)).problem
    child = Manufacturer(tmp_path / "child", "Child CA", parent=maker)
    assert refusal(demo, ca, child.answer(challenge)).problem == (
        "This certificate was signed by “CN=Child CA,O=Sensor maker”,"
        " not by “CN=Sensor maker CA,O=Sensor maker”."
    )
    twin.openssl(
        *("req", "-x509", *P256, "-nodes", "-keyout", "k", "-out", "own"),
        *("-subj", f"/CN={challenge.code}"),
    )
    own = (twin.folder / "own").read_bytes()
    assert "signed by itself" in refusal(demo, ca, own).problem
    assert "CA itself" in refusal(demo, ca, maker.certificate).problem
    prove(demo, ca, maker.answer(challenge))


@pytest.mark.req("POP-04")
def test_an_unfit_answer_is_refused(
    demo: Workspace, ca: ExternalCa, maker: Manufacturer, clock: FakeClock
) -> None:
    code = challenged(demo, ca).code
    subject = "-subj", f"/CN={code}"
    as_ca = maker.certify(*subject, extensions="basicConstraints=CA:TRUE\n")
    assert "is a CA certificate" in refusal(demo, ca, as_ca).problem
    early = maker.certify(*subject)
    clock.advance(minutes=-6)
    assert "not valid now" in refusal(demo, ca, early).problem
    clock.advance(minutes=6)
    short = maker.certify(*subject, days=0)
    clock.advance(minutes=6)
    assert "not valid now" in refusal(demo, ca, short).problem
    maker.openssl(
        *("req", "-new", "-newkey", "rsa:1024", "-nodes", "-keyout", "k", "-out", "weak"), *subject
    )
    weak = maker.sign((maker.folder / "weak").read_text()).encode()
    assert "RSA keys of 1024 bits" in refusal(demo, ca, weak).problem
    maker.openssl(
        *("x509", "-req", "-sha1", "-in", "new", "-CA", "ca.pem", "-CAkey", "ca.key"),
        *("-CAcreateserial", "-days", "9", "-out", "sha1"),
    )
    sha1 = (maker.folder / "sha1").read_bytes()
    assert "is too weak" in refusal(demo, ca, sha1).problem


@pytest.mark.req("POP-05")
@pytest.mark.parametrize("squatter_verified", [False, True])
def test_another_tenant_keeps_nobody_out(
    demo: Workspace,
    ca: ExternalCa,
    maker: Manufacturer,
    admin: Actor,
    *,
    squatter_verified: bool,
) -> None:
    other = demo.tenants.create_tenant(SYSTEM, "Borealis")
    theirs = demo.external_cas.register(
        admin, "Squatter", maker.certificate, other.id, verified=squatter_verified
    )
    prove(demo, ca, maker.answer(challenged(demo, ca)))
    assert demo.external_cas.get(SYSTEM, ca.id).trusted
    assert demo.external_cas.get(SYSTEM, theirs.id).verified is squatter_verified


@pytest.mark.req("POP-06")
def test_ten_at_once_succeed_once_and_none_later(
    demo: Workspace, ca: ExternalCa, maker: Manufacturer
) -> None:
    answer = maker.answer(challenged(demo, ca))

    def attempt(_number: int) -> KnownError | None:
        try:
            prove(demo, ca, answer)
        except KnownError as error:
            return error
        return None

    with ThreadPoolExecutor(10) as threads:
        outcomes = list(threads.map(attempt, range(10)))
    assert outcomes.count(None) == 1
    others = [outcome for outcome in outcomes if outcome is not None]
    assert all("verified already" in str(error.problem) for error in others)
    with pytest.raises(ConflictError, match="verified already"):
        prove(demo, ca, answer)
    done = [
        event
        for event in demo.audit.of_object(SYSTEM, "external-ca", ca.id, 99)
        if event.action == "external-ca.verify" and event.outcome == "done"
    ]
    assert len(done) == 1


@pytest.mark.req("POP-08")
@pytest.mark.parametrize("overridden", [False, True])
def test_the_proof_is_no_device(
    demo: Workspace, ca: ExternalCa, maker: Manufacturer, *, overridden: bool
) -> None:
    answer = maker.answer(challenged(demo, ca))
    if overridden:
        demo.external_ca_proof.verify_by_override(SYSTEM, ca.id)
    else:
        prove(demo, ca, answer)
    now = demo.store.clock.now() + timedelta(minutes=1)
    (proof,) = certificates_in(answer)
    (device,) = certificates_in(maker.certify("-subj", "/CN=sensor 1"))
    with demo.store.database.read() as connection:
        assert check_device_certificate(connection, ca.id, device, (), now)[0] == device
        with pytest.raises(ClientCertificateError, match="identifies no device") as error:
            check_device_certificate(connection, ca.id, proof, (), now)
    assert error.value.fault is ChainFault.INVALID


@pytest.mark.req("POP-11")
def test_a_key_beside_the_answer_is_refused(
    demo: Workspace, ca: ExternalCa, maker: Manufacturer
) -> None:
    answer = maker.answer(challenged(demo, ca), own_request=True)
    with_key = answer + (maker.folder / "proof.key").read_bytes()
    assert "private key" in refusal(demo, ca, with_key).problem
    prove(demo, ca, answer + maker.certificate)


@pytest.mark.req("ECA-13", "ECA-14")
def test_only_the_active_and_unverified_can_be_verified(
    demo: Workspace, ca: ExternalCa, maker: Manufacturer, admin: Actor
) -> None:
    proofs, answer = demo.external_ca_proof, maker.answer(challenged(demo, ca))
    acts: tuple[Callable[[], object], ...] = (
        lambda: proofs.new_challenge(admin, ca.id),
        lambda: proofs.open_challenge(admin, ca.id),
        lambda: proofs.verify_by_override(admin, ca.id),
        lambda: proofs.verify_by_possession(admin, ca.id, answer),
    )
    demo.external_cas.set_active(admin, ca.id, active=False)
    for act in acts:
        with pytest.raises(ConflictError, match="is inactive"):
            act()
    demo.external_cas.set_active(admin, ca.id, active=True)
    proofs.verify_by_possession(admin, ca.id, answer)
    for act in acts:
        with pytest.raises(ConflictError, match="verified already"):
            act()
