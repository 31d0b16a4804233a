"""Ed25519 signatures beside the data they are over (RFC 8032)."""

from cryptography.exceptions import InvalidSignature

from app.core.errors import InvalidInputError
from app.core.language import _
from app.pki.keys import public_key_from_der
from app.pki.sign import verify_signature

_ED25519 = "1.3.101.112"


def check_detached(public_key: bytes, signature: bytes, data: bytes) -> None:
    """Raise `InvalidInputError` unless the signature over `data` is the key's.

    `public_key` is a SubjectPublicKeyInfo (DER); `DerError` or `WeakKeyError` when it is none.
    """
    try:
        verify_signature(public_key_from_der(public_key), _ED25519, signature, data)
    except InvalidSignature:
        raise InvalidInputError(_("The signature is not by this key over this data.")) from None
