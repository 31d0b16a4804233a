import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature

from app.pki import der
from app.pki.keys import KeyAlgorithm, public_key_from_der
from app.pki.sign import HASH_NAMES, SIGNATURE_NAMES, signature_algorithm, verify_signature
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
        (KeyAlgorithm.ML_DSA_44, None),
        (KeyAlgorithm.ML_DSA_65, None),
        (KeyAlgorithm.ML_DSA_87, None),
    ],
)
def test_the_hash_matches_the_key(algorithm: KeyAlgorithm, hash_name: str | None) -> None:
    certificate = x509.load_der_x509_certificate(root("R", 0, algorithm).certificate)
    chosen = certificate.signature_hash_algorithm
    assert (chosen.name if chosen else None) == hash_name
    assert certificate.signature_algorithm_oid.dotted_string in SIGNATURE_NAMES
    certificate.verify_directly_issued_by(certificate)


@pytest.mark.parametrize("hash_name", HASH_NAMES)
@pytest.mark.parametrize("algorithm", [KeyAlgorithm.RSA_2048, KeyAlgorithm.EC_P256])
def test_another_hash_can_be_chosen(algorithm: KeyAlgorithm, hash_name: str) -> None:
    signer = key(algorithm)
    (oid, *_parameters) = der.parse(signature_algorithm(algorithm, hash_name)).sequence()
    assert hash_name in SIGNATURE_NAMES[der.read_oid(oid)].lower()
    signature = signer.sign(b"data", hash_name)
    verify_signature(public_key_from_der(signer.public_key), der.read_oid(oid), signature, b"data")


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.ED25519, KeyAlgorithm.ML_DSA_44])
def test_keys_that_take_the_whole_message_have_no_choice(algorithm: KeyAlgorithm) -> None:
    assert signature_algorithm(algorithm, "sha512") == signature_algorithm(algorithm)
    signer = key(algorithm)
    (oid, *_parameters) = der.parse(signature_algorithm(algorithm)).sequence()
    signature = signer.sign(b"data", "sha512")
    verify_signature(public_key_from_der(signer.public_key), der.read_oid(oid), signature, b"data")


def test_rsa_identifiers_carry_null_and_others_nothing() -> None:
    assert signature_algorithm(KeyAlgorithm.RSA_2048).hex() == "300d06092a864886f70d01010b0500"
    assert signature_algorithm(KeyAlgorithm.EC_P256).hex() == "300a06082a8648ce3d040302"
    assert signature_algorithm(KeyAlgorithm.ED25519).hex() == "300506032b6570"
    ml_dsa = signature_algorithm(KeyAlgorithm.ML_DSA_87).hex()
    assert ml_dsa == "300b0609608648016503040313"


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_only_the_key_and_algorithm_that_signed_verify(algorithm: KeyAlgorithm) -> None:
    signer = key(algorithm)
    signature = signer.sign(b"data")
    (oid, *_parameters) = der.parse(signature_algorithm(algorithm)).sequence()
    public = public_key_from_der(signer.public_key)
    verify_signature(public, der.read_oid(oid), signature, b"data")
    with pytest.raises(InvalidSignature):
        verify_signature(public, der.read_oid(oid), signature, b"other data")
    for other in SIGNATURE_NAMES.keys() - {der.read_oid(oid)}:
        with pytest.raises(InvalidSignature):
            verify_signature(public, other, signature, b"data")


def test_a_key_does_not_show_itself() -> None:
    assert repr(key()) == "SoftwareKey()"
