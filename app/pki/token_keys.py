"""Keys in an open PKCS#11 session; used on the thread of `token_calls` only."""

import secrets
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, Object, ObjectClass, SignMixin

from app.core.errors import InvalidInputError, NotFoundError
from app.core.language import _
from app.pki import der
from app.pki.keys import KeyAlgorithm, WeakKeyError, spki_algorithm
from app.pki.sign import signature_hash
from app.pki.token_addresses import TokenKey
from app.pki.token_sessions import HeldKey, OpenToken

_RSA_SIZES = {KeyAlgorithm.RSA_2048: 2048, KeyAlgorithm.RSA_3072: 3072, KeyAlgorithm.RSA_4096: 4096}
_CURVES = {
    KeyAlgorithm.EC_P256: der.oid("1.2.840.10045.3.1.7"),
    KeyAlgorithm.EC_P384: der.oid("1.3.132.0.34"),
    KeyAlgorithm.EC_P521: der.oid("1.3.132.0.35"),
}
_GENERATORS: Mapping[Mechanism, tuple[KeyAlgorithm, ...]] = {
    Mechanism.RSA_PKCS_KEY_PAIR_GEN: tuple(_RSA_SIZES),
    Mechanism.EC_KEY_PAIR_GEN: tuple(_CURVES),
    Mechanism.EC_EDWARDS_KEY_PAIR_GEN: (KeyAlgorithm.ED25519,),
}
_ED25519 = der.oid("1.3.101.112")
_RSA_IDENTIFIER = der.sequence(der.oid("1.2.840.113549.1.1.1"), der.tlv(der.NULL))
_EC = der.oid("1.2.840.10045.2.1")
_DIGESTS: Mapping[str, str] = {  # RFC 5912
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
}


def list_keys(token: OpenToken) -> tuple[TokenKey, ...]:
    """The key pairs on the token that can sign and are of a kind this program uses."""
    keys = []
    for private in list(token.session.get_objects(_signing())):
        try:
            keys.append(_token_key(token, private))
        except (WeakKeyError, NotFoundError):
            continue
    return tuple(keys)


def find_key(token: OpenToken, key_id: bytes) -> HeldKey:
    """The signing key with this CKA_ID; NotFoundError when the token has none."""
    if key_id not in token.keys:
        found = list(token.session.get_objects(_signing() | {Attribute.ID: key_id}))
        if not found:
            raise no_key()
        private = found[0]
        if not isinstance(private, SignMixin):
            raise no_key()
        each_time = private.get_attributes([Attribute.ALWAYS_AUTHENTICATE])
        token.keys[key_id] = HeldKey(
            private,
            _token_key(token, private),
            pin_each_time=bool(each_time.get(Attribute.ALWAYS_AUTHENTICATE)),
        )
    return token.keys[key_id]


def _signing() -> dict[Attribute, object]:
    return {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.SIGN: True}


def no_key() -> NotFoundError:
    """The refusal when a token does not hold the key asked for."""
    return NotFoundError(
        _("The key is not on the token."),
        cause=_("The token was set up anew, or holds no public half of the key."),
        remedy=_("Plug in the token that holds it, or choose another key."),
        field="key",
    )


def _token_key(token: OpenToken, private: Object) -> TokenKey:
    key_id, label = private[Attribute.ID], private[Attribute.LABEL]
    wanted = {Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.ID: key_id}
    found = list(token.session.get_objects(wanted))
    if not found:
        raise no_key()
    public_key = _public_key(found[0])
    return TokenKey(key_id, label or "", spki_algorithm(public_key), public_key)


def _public_key(public: Object) -> bytes:
    """SubjectPublicKeyInfo DER of a public key object."""
    kind = public[Attribute.KEY_TYPE]
    if kind == KeyType.RSA:
        numbers = (public[Attribute.MODULUS], public[Attribute.PUBLIC_EXPONENT])
        key = der.sequence(*(der.integer(int.from_bytes(number)) for number in numbers))
        return der.sequence(_RSA_IDENTIFIER, der.bit_string(key))
    if kind not in {KeyType.EC, KeyType.EC_EDWARDS}:
        raise WeakKeyError(_("Keys of this kind are not supported."))
    point = der.bit_string(_point(public[Attribute.EC_POINT]))
    if kind == KeyType.EC_EDWARDS:
        # the curve is given by OID or by name; the point's length tells Ed25519 from Ed448
        return der.sequence(der.sequence(_ED25519), point)
    return der.sequence(der.sequence(_EC, public[Attribute.EC_PARAMS]), point)


def _point(value: bytes) -> bytes:
    """CKA_EC_POINT is an OCTET STRING around the point; some tokens give the bare point."""
    try:
        return der.parse(value).expect(der.OCTET_STRING).content
    except der.DerError:
        return value


def generate(token: OpenToken, algorithm: KeyAlgorithm, label: str) -> TokenKey:
    """Makes a key pair that stays on the token; InvalidInputError when the token cannot."""
    common: dict[str, Any] = {
        "id": secrets.token_bytes(16),
        "label": label,
        "store": True,
        "mechanism": _generator(token, algorithm),
        "capabilities": MechanismFlag.SIGN | MechanismFlag.VERIFY,
        "private_template": {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
    }
    if algorithm in _RSA_SIZES:
        pair = token.session.generate_keypair(KeyType.RSA, _RSA_SIZES[algorithm], **common)
    else:
        kind = KeyType.EC if algorithm in _CURVES else KeyType.EC_EDWARDS
        curve = {Attribute.EC_PARAMS: _CURVES.get(algorithm, _ED25519)}
        parameters = token.session.create_domain_parameters(kind, curve, local=True)
        pair = parameters.generate_keypair(**common)
    return _token_key(token, pair[1])


def _generator(token: OpenToken, algorithm: KeyAlgorithm) -> Mechanism:
    offered = token.session.token.slot.get_mechanisms()
    able = {
        kind: mechanism
        for mechanism, kinds in _GENERATORS.items()
        if mechanism in offered
        for kind in kinds
    }
    if algorithm not in able:
        raise InvalidInputError(
            _("The token cannot make {algorithm} keys.").format(algorithm=algorithm.label),
            remedy=_("Choose one of: {algorithms}.").format(
                algorithms=", ".join(kind.label for kind in able)
            ),
            field="algorithm",
        )
    return able[algorithm]


def sign(token: OpenToken, held: HeldKey, data: bytes, hash_name: str | None = None) -> bytes:
    """X.509 signature octets over `data`, hashed here as `signature_algorithm` says."""
    algorithm = held.key.algorithm
    pin = token.pin if held.pin_each_time else None
    if algorithm is KeyAlgorithm.ED25519:
        return held.handle.sign(data, mechanism=Mechanism.EDDSA, pin=pin)
    hashing = hashes.Hash(signature_hash(algorithm, hash_name))
    hashing.update(data)
    digest = hashing.finalize()
    if algorithm in _CURVES:
        signature = held.handle.sign(digest, mechanism=Mechanism.ECDSA, pin=pin)
        half = len(signature) // 2
        numbers = (signature[:half], signature[half:])
        return der.sequence(*(der.integer(int.from_bytes(number)) for number in numbers))
    oid = der.oid(_DIGESTS[hashing.algorithm.name])
    digest_info = der.sequence(der.sequence(oid, der.tlv(der.NULL)), der.octet_string(digest))
    return held.handle.sign(digest_info, mechanism=Mechanism.RSA_PKCS, pin=pin)
