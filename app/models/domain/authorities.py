"""A certification authority, and where its key is."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.access import EVERYWHERE, Sharing
from app.pki.certificates import NEVER, pem
from app.pki.keys import KeyAlgorithm
from app.pki.revocation import RevocationReason
from app.pki.tokens import KeyAddress, TokenAddress, TokenInfo, TokenKey

__all__ = [
    "DEFAULT_CRL_HOURS",
    "MAX_CRL_HOURS",
    "MIN_PARTITION",
    "NEVER",
    "Authority",
    "AuthorityRequest",
    "KeyAddress",
    "KeyAlgorithm",
    "KeyChoice",
    "KeyStore",
    "TokenAddress",
    "TokenChoice",
    "TokenInfo",
    "TokenKey",
    "check_lists",
]

DEFAULT_CRL_HOURS = 168
MAX_CRL_HOURS = 365 * 24
MIN_PARTITION = 100


class KeyStore(StrEnum):
    """Where the private key of an authority is."""

    SOFTWARE = "software"  # sealed in the workspace
    TOKEN = "token"  # noqa: S105  on a PKCS#11 token
    ELSEWHERE = "elsewhere"  # with somebody else: the certificate completes chains


@dataclass(frozen=True)
class Authority:
    """A certification authority: its certificate (DER) and who may have it issue.

    `issuer_id` is the authority that issued this certificate, None for a root.
    `predecessor_id` is the one whose place it took. `crl_hours` is how long a revocation list
    is good; with `crl_partition_size` a new list begins after so many certificates. The last
    three say when and why it was revoked, and since when its key may be in wrong hands.
    """

    id: int
    name: str
    certificate: bytes = field(repr=False)
    issuer_id: int | None = None
    active: bool = True
    sharing: Sharing = EVERYWHERE
    key_store: KeyStore = KeyStore.SOFTWARE
    key_address: KeyAddress | None = None
    predecessor_id: int | None = None
    crl_hours: int = DEFAULT_CRL_HOURS
    crl_partition_size: int | None = None
    revoked_at: datetime | None = None
    revocation_reason: RevocationReason | None = None
    invalid_since: datetime | None = None


@dataclass(frozen=True)
class AuthorityRequest:
    """A key made here whose certificate somebody else still has to issue. `csr` is DER."""

    id: int
    name: str
    csr: bytes = field(repr=False)
    created_at: datetime
    key_store: KeyStore
    sharing: Sharing = EVERYWHERE

    @property
    def csr_pem(self) -> bytes:
        """The request as other CAs want it (RFC 7468 section 7)."""
        return pem("CERTIFICATE REQUEST", self.csr)


@dataclass(frozen=True)
class TokenChoice:
    """A token and its PIN. With `key_id` (CKA_ID) the key there, else a new one."""

    token: TokenAddress
    pin: str = field(repr=False)
    key_id: bytes | None = None


@dataclass(frozen=True)
class KeyChoice:
    """The key a new authority gets: made here and sealed, or on a token.

    `algorithm` does not matter for a key that is on the token already.
    """

    algorithm: KeyAlgorithm
    token: TokenChoice | None = None


def check_lists(hours: int, partition: int | None) -> None:
    """Raise `InvalidInputError` for bad hours or a bad partition size of revocation lists."""
    if not 1 <= hours <= MAX_CRL_HOURS:
        raise InvalidInputError(
            _("A revocation list is good for 1 to {count} hours.").format(count=MAX_CRL_HOURS),
            field="crl_hours",
        )
    if partition is not None and partition < MIN_PARTITION:
        raise InvalidInputError(
            _("A part of a revocation list speaks for at least {count} certificates.").format(
                count=MIN_PARTITION
            ),
            field="crl_partition_size",
        )
