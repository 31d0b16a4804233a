"""What is said of PKCS#11 tokens and the keys on them."""

from dataclasses import dataclass

from app.pki.keys import KeyAlgorithm


@dataclass(frozen=True)
class TokenAddress:
    """Where a token is found: the module's file, the token's label and, if given, its serial."""

    module: str
    token: str
    serial: str = ""


@dataclass(frozen=True)
class KeyAddress:
    """Where a key is found: `key_id` is CKA_ID; `label` is what people call it."""

    token: TokenAddress
    key_id: bytes
    label: str


@dataclass(frozen=True)
class TokenInfo:
    """A token as it describes itself (CK_TOKEN_INFO)."""

    label: str
    serial: str
    manufacturer: str
    model: str
    needs_pin: bool


@dataclass(frozen=True)
class TokenKey:
    """A key pair that can sign; `id` is CKA_ID, `public_key` SubjectPublicKeyInfo DER."""

    id: bytes
    label: str
    algorithm: KeyAlgorithm
    public_key: bytes
