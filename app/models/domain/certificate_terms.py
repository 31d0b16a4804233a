"""The terms of certificates that people choose from and are shown."""

from collections.abc import Mapping
from types import MappingProxyType

from app.pki.certificate_text import describe_certificate
from app.pki.certificates import (
    ANY,
    CLIENT_AUTH,
    CODE_SIGNING,
    EMAIL_PROTECTION,
    NOT_A_CA,
    SERVER_AUTH,
    TIME_STAMPING,
    WISUN,
    CustomExtension,
    KeyUsage,
    certificate_to_pem,
)
from app.pki.csr import CertificationRequest
from app.pki.descriptions import Line, Section, hex_rows
from app.pki.extension_text import describe_extension
from app.pki.extension_values import ExtensionValueKind, decode_value, encode_value
from app.pki.keys import KeyAlgorithm
from app.pki.lint import LintFinding, LintSeverity
from app.pki.names import ATTRIBUTE_TYPES, SanKind
from app.pki.revocation import RevocationReason
from app.pki.sign import HASH_NAMES

__all__ = [
    "ATTRIBUTE_TYPES",
    "DEVICE_USAGES",
    "HASH_NAMES",
    "NOT_A_CA",
    "PURPOSES",
    "CertificationRequest",
    "CustomExtension",
    "ExtensionValueKind",
    "KeyAlgorithm",
    "KeyUsage",
    "Line",
    "LintFinding",
    "LintSeverity",
    "RevocationReason",
    "SanKind",
    "Section",
    "certificate_to_pem",
    "decode_value",
    "describe_certificate",
    "describe_extension",
    "encode_value",
    "hex_rows",
]

DEVICE_USAGES = tuple(
    usage for usage in KeyUsage if usage not in (KeyUsage.KEY_CERT_SIGN, KeyUsage.CRL_SIGN)
)
"""The key usages that a certificate of no authority can have."""

PURPOSES: Mapping[str, str] = MappingProxyType(
    {
        CLIENT_AUTH: "clientAuth",
        SERVER_AUTH: "serverAuth",
        CODE_SIGNING: "codeSigning",
        EMAIL_PROTECTION: "emailProtection",
        TIME_STAMPING: "timeStamping",
        WISUN: "wisun-fan-device",
        ANY: "anyExtendedKeyUsage",
    }
)
"""The extended key usages that have a name, by OID."""
