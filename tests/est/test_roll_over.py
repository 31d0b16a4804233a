"""An authority that took another's place: nobody who trusts either is left outside."""

import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from app.models.domain.authorities import Authority, KeyChoice
from app.pki.certificates import NEVER, certificate_to_pem, read_certificate
from app.pki.keys import KeyAlgorithm
from tests.plant import ADMIN, Plant, basic, certificates_of, csr, ec_key

KEY = KeyChoice(KeyAlgorithm.EC_P256)


def roll_over(plant: Plant, word: str) -> tuple[Authority, Authority]:
    """The authority of this name and the one that took its place."""
    workspace = plant.workspace
    old = next(found for found in workspace.authorities.all(ADMIN) if found.name == word)
    making = workspace.authority_making
    return old, making.roll_over(ADMIN, old.id, f"{word} 2", KEY, not_after=NEVER)


def given(plant: Plant) -> list[bytes]:
    """What /cacerts gives."""
    answer = plant.ask("cacerts")
    assert answer.status == 200
    return [found.public_bytes(Encoding.DER) for found in certificates_of(answer)]


def verified(folder: Path, leaf: bytes, anchor: bytes, given: list[bytes], at: int) -> str:
    """What openssl says of a certificate with one trust anchor and what /cacerts gave."""
    (folder / "leaf.pem").write_bytes(certificate_to_pem(leaf))
    (folder / "anchor.pem").write_bytes(certificate_to_pem(anchor))
    (folder / "given.pem").write_bytes(b"".join(map(certificate_to_pem, given)))
    trust = ("-no-CAfile", "-no-CApath", "-trusted", "anchor.pem", "-untrusted", "given.pem")
    done = subprocess.run(
        ["openssl", "verify", "-x509_strict", "-attime", str(at), *trust, "leaf.pem"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.req("EST-CAC-05", "EST-CAC-06")
@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl program")
def test_either_root_is_enough(plant: Plant, tmp_path: Path) -> None:
    plant.device("pump-1")
    before = plant.enrol("pump-1")
    old_root, new_root = roll_over(plant, "Root")
    _old, new_issuing = roll_over(plant, "Operational")
    assert new_issuing.issuer_id == new_root.id
    plant.device("pump-2")
    after = plant.enrol("pump-2")
    certificates = given(plant)
    at = int(plant.clock.now().timestamp()) + 1
    for leaf in (before, after):
        for root in (old_root, new_root):
            said = verified(tmp_path, leaf, root.certificate, certificates, at)
            assert said == "leaf.pem: OK\n"
    stranger = plant.workspace.authority_making.create_root(
        ADMIN, "Other", read_certificate(old_root.certificate).subject, KEY, not_after=NEVER
    )
    said = verified(tmp_path, after, stranger.certificate, certificates, at)
    assert "verification failed" in said


@pytest.mark.req("EST-CAC-06", "EST-CAC-08")
def test_what_cacerts_gives(plant: Plant) -> None:
    """OldWithNew, NewWithOld and NewWithNew beside both chains (RFC 7030 section 4.1.3)."""
    old_issuing, old_root = given(plant)
    first, new_root = roll_over(plant, "Root")
    assert first.certificate == old_root
    issuing, *crossed, own, other = given(plant)
    assert (issuing, own, other) == (old_issuing, old_root, new_root.certificate)
    _old, new_issuing = roll_over(plant, "Operational")
    newest, issuing, *crossed, own, other = given(plant)
    assert (newest, issuing) == (new_issuing.certificate, old_issuing)
    assert (own, other) == (new_root.certificate, old_root)
    old, new = map(x509.load_der_x509_certificate, (old_root, new_root.certificate))
    old_with_new, new_with_old = map(x509.load_der_x509_certificate, crossed)
    assert old_with_new.public_key() == old.public_key()
    old_with_new.verify_directly_issued_by(new)
    assert new_with_old.public_key() == new.public_key()
    new_with_old.verify_directly_issued_by(old)


@pytest.mark.req("EST-CAC-07")
def test_what_has_ended_is_not_given(plant: Plant) -> None:
    making = plant.workspace.authority_making
    old = next(found for found in plant.workspace.authorities.all(ADMIN) if found.name == "Root")
    soon = plant.clock.now() + timedelta(days=30)
    short = making.roll_over(ADMIN, old.id, "Short", KEY, not_after=soon)
    assert short.certificate in given(plant)
    plant.clock.set(soon + timedelta(days=1))
    assert len(given(plant)) == 2


def test_certificates_from_before_are_still_shown(plant: Plant) -> None:
    factory, _key = plant.with_factory_certificate("pump-1")
    operational = plant.enrol("pump-1")
    for word in ("Root", "Factory", "Operational"):
        roll_over(plant, word)
    by_factory = plant.ask("simpleenroll", csr(ec_key(), "pump-1"), shows=[factory])
    assert by_factory.status == 200
    names = x509.load_der_x509_certificate(operational).subject
    plant.clock.advance(days=89)
    renewed = plant.ask("simplereenroll", csr(ec_key(), names), shows=[operational])
    assert renewed.status == 200
    (issued,) = certificates_of(renewed)
    newest = x509.load_der_x509_certificate(given(plant)[0])
    issued.verify_directly_issued_by(newest)


def test_new_certificates_are_from_the_new_key(plant: Plant) -> None:
    plant.device("pump-1")
    before = x509.load_der_x509_certificate(plant.enrol("pump-1"))
    roll_over(plant, "Operational")
    plant.device("pump-2")
    answer = plant.ask("simpleenroll", csr(ec_key(), "pump-2"), headers=basic("pump-2"))
    (after,) = certificates_of(answer)
    assert before.issuer == after.issuer
    identifiers = {
        found.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
        for found in (before, after)
    }
    assert len(identifiers) == 2
