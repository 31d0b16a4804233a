import pytest
from cryptography import x509

from app.pki.keys import KeyAlgorithm
from app.pki.sign import SIGNATURE_NAMES, signature_algorithm
from tests.pki.material import key, root


@pytest.mark.parametrize(
    ("algorithm", "hash_name"),
    [
        (KeyAlgorithm.RSA_2048, "sha256"),
        (KeyAlgorithm.RSA_3072, "sha256"),
        (KeyAlgorithm.RSA_4096, "sha384"),
        (KeyAlgorithm.EC_P256, "sha256"),
        (KeyAlgorithm.EC_P384, "sha384"),
        (KeyAlgorithm.EC_P521, "sha512"),
        (KeyAlgorithm.ED25519, None),
    ],
)
def test_the_hash_matches_the_key(algorithm: KeyAlgorithm, hash_name: str | None) -> None:
    certificate = x509.load_der_x509_certificate(root("R", 0, algorithm).certificate)
    chosen = certificate.signature_hash_algorithm
    assert (chosen.name if chosen else None) == hash_name
    assert certificate.signature_algorithm_oid.dotted_string in SIGNATURE_NAMES
    certificate.verify_directly_issued_by(certificate)


def test_rsa_identifiers_carry_null_and_others_nothing() -> None:
    assert signature_algorithm(KeyAlgorithm.RSA_2048).hex() == "300d06092a864886f70d01010b0500"
    assert signature_algorithm(KeyAlgorithm.EC_P256).hex() == "300a06082a8648ce3d040302"
    assert signature_algorithm(KeyAlgorithm.ED25519).hex() == "300506032b6570"


def test_a_key_does_not_show_itself() -> None:
    assert repr(key()) == "SoftwareKey()"
