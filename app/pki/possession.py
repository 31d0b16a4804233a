"""Proving to have a certificate's private key: signing a challenge, and checking it."""

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from app.core.errors import AuthenticationError, InvalidInputError
from app.core.language import _
from app.pki import der, pkcs12
from app.pki.formats import MAX_SIZE
from app.pki.keys import PrivateKey, algorithm_of, public_key_from_der
from app.pki.sign import SoftwareKey, signature_algorithm, verify_signature

CHALLENGE_LENGTH = 32
# What is signed can be mistaken for nothing else that a key of a person signs.
_CONTEXT = b"Birthmark sign-in\x00"


def private_key_in(data: bytes, passphrase: str) -> PrivateKey:
    """The private key in a PEM file (PKCS#8, PKCS#1, SEC 1) or a PKCS#12 file.

    Raises InvalidInputError, field `passphrase` when that may be what is wrong.
    """
    if len(data) > MAX_SIZE:
        raise InvalidInputError(_("The data is larger than 1 MiB."))
    if b"PRIVATE KEY-----" not in data:
        key = pkcs12.unpack(data, passphrase).private_key
        if key is None:
            raise InvalidInputError(_("The file holds no private key."))
        return key
    encrypted = b"ENCRYPTED" in data
    try:
        loaded = serialization.load_pem_private_key(
            data, passphrase.encode() if encrypted else None
        )
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise InvalidInputError(
            _("The private key cannot be read."),
            cause=_("The passphrase is wrong, or the file is damaged or of an unknown kind."),
            field="passphrase",
        ) from None
    if not isinstance(loaded, PrivateKey):
        raise InvalidInputError(_("The private key is of a kind that is not supported."))
    return loaded


def sign_challenge(key: PrivateKey, challenge: bytes) -> bytes:
    """The signature of `key` over the challenge, by the algorithm certificates are signed with."""
    return SoftwareKey(key).sign(_CONTEXT + challenge)


def check_possession(public_key: bytes, challenge: bytes, signature: bytes) -> None:
    """Raise `AuthenticationError` unless the key of this SPKI (DER) signed the challenge."""
    key = public_key_from_der(public_key)
    oid = der.read_oid(der.parse(signature_algorithm(algorithm_of(key))).sequence()[0])
    try:
        verify_signature(key, oid, signature, _CONTEXT + challenge)
    except InvalidSignature:
        raise AuthenticationError(
            _("The key does not belong to the certificate of this user."),
            remedy=_("Choose the file with the key of the certificate in the profile."),
            field="certificate",
        ) from None
