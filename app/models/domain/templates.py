"""A certificate template: what a certificate made from it may contain."""

from dataclasses import dataclass, field
from enum import StrEnum

from app.models.domain.access import EVERYWHERE, Sharing
from app.models.domain.subjects import TemplateField
from app.pki.certificates import CustomExtension, KeyUsage
from app.pki.keys import KeyAlgorithm


class CertificateKind(StrEnum):
    """What a certificate is to its holder."""

    FACTORY = "factory"  # IEEE 802.1AR IDevID
    OPERATIONAL = "operational"  # IEEE 802.1AR LDevID
    APPLICATION = "application"  # a machine client of this program, or of somebody else's


@dataclass(frozen=True)
class Template:
    """What a certificate may contain.

    `key_algorithms` are those a request may bring; the first one is what the program makes
    itself. `validity_days` None means unlimited (9999-12-31, RFC 5280 section 4.1.2.5).
    `backdate_minutes` moves notBefore back so that a device with a slow clock can use the
    certificate at once. `key_retention_days` is how long a key made here may be downloaded.
    `hash` is what the authority signs with (`sha256`, `sha384`, `sha512`), None for what suits
    its key. With `revocation_urls` a certificate says where its CRL and OCSP responder are.
    `attached` are the custom extensions behind `extension_ids`, as they are now.
    """

    id: int
    name: str
    kind: CertificateKind
    authority_id: int
    fields: tuple[TemplateField, ...]
    key_algorithms: tuple[KeyAlgorithm, ...]
    key_usage: frozenset[KeyUsage] = frozenset({KeyUsage.DIGITAL_SIGNATURE})
    extended_key_usage: tuple[str, ...] = ()
    subject_key_identifier: bool = True
    validity_days: int | None = 365
    backdate_minutes: int = 5
    key_retention_days: int = 7
    extensions: tuple[CustomExtension, ...] = ()
    active: bool = True
    sharing: Sharing = EVERYWHERE
    description: str = ""
    hash: str | None = None
    revocation_urls: bool = False
    extension_ids: tuple[int, ...] = ()
    attached: tuple[CustomExtension, ...] = field(default=(), compare=False)
