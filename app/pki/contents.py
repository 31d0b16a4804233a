"""What a certificate is to say, and the bytes that say it (RFC 5280 section 4.1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from app.core.errors import InvalidInputError
from app.core.language import _
from app.pki import der, extensions
from app.pki.extensions import CustomExtension, KeyUsage
from app.pki.keys import KeyAlgorithm, spki_algorithm
from app.pki.names import GeneralName, Subject, encode_general_names, encode_name
from app.pki.sign import signature_algorithm
from app.pki.tbs import read_fields

NEVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""The end of a certificate that does not expire (RFC 5280 section 4.1.2.5)."""

# Extensions that follow from other fields of the contents and cannot be given as custom ones.
_MANAGED = frozenset(
    {
        extensions.SUBJECT_KEY_IDENTIFIER,
        extensions.KEY_USAGE,
        extensions.SUBJECT_ALTERNATIVE_NAME,
        extensions.BASIC_CONSTRAINTS,
        extensions.AUTHORITY_KEY_IDENTIFIER,
        extensions.EXTENDED_KEY_USAGE,
    }
)
NOT_A_CA = CustomExtension(
    extensions.BASIC_CONSTRAINTS, critical=True, value=extensions.basic_constraints(ca=False)
)
"""The explicit CA:FALSE of an end entity, which some profiles want; absent means the same."""
_CA_USAGES = frozenset({KeyUsage.KEY_CERT_SIGN, KeyUsage.CRL_SIGN})


@dataclass(frozen=True)
class CertificateContents:
    """What a certificate is to say; `public_key` is SPKI DER, times are aware UTC.

    `names_of` is a certificate (DER) whose exact subject and alternative name bytes are used
    instead of `subject` and `san`: the renewal of that certificate. `hash_name` is what the
    issuer signs with (see `signature_algorithm`).
    """

    subject: Subject
    san: tuple[GeneralName, ...]
    public_key: bytes
    not_before: datetime
    not_after: datetime
    key_usage: frozenset[KeyUsage]
    extended_key_usage: tuple[str, ...]
    ca: bool = False
    path_length: int | None = None
    subject_key_identifier: bool = True
    crl_urls: tuple[str, ...] = ()
    ocsp_urls: tuple[str, ...] = ()
    ca_issuer_urls: tuple[str, ...] = ()
    extensions: tuple[CustomExtension, ...] = ()
    names_of: bytes | None = None
    hash_name: str | None = None


@dataclass(frozen=True)
class Issuer:
    """Who signs: DER Name, key identifier, and kind of the signing key."""

    name: bytes
    key_identifier: bytes
    algorithm: KeyAlgorithm


def encode_tbs(contents: CertificateContents, issuer: Issuer, serial: int) -> bytes:
    """DER TBSCertificate, ready to sign; raises InvalidInputError for what RFC 5280 forbids."""
    if not 0 < serial < 2**159:
        raise InvalidInputError(_("The serial number must be positive and fit 20 octets."))
    if contents.not_after <= contents.not_before:
        raise InvalidInputError(
            _("The certificate would end before it begins."),
            cause=_("It cannot outlast the CA that signs it."),
        )
    algorithm = spki_algorithm(contents.public_key)
    if algorithm.signs_only and contents.key_usage & extensions.KEY_ESTABLISHMENT:
        raise InvalidInputError(
            _("A key that can only sign is given a usage for encryption or key agreement."),
            cause=_("{algorithm} keys can do neither.").format(algorithm=algorithm.label),
            field="key_usage",
        )
    subject, san = _names(contents)
    return der.sequence(
        der.tlv(0xA0, der.integer(2)),
        der.integer(serial),
        signature_algorithm(issuer.algorithm, contents.hash_name),
        issuer.name,
        der.sequence(der.time(contents.not_before), der.time(contents.not_after)),
        subject,
        contents.public_key,
        der.tlv(0xA3, der.sequence(*_extensions(contents, san, issuer.key_identifier))),
    )


def _names(contents: CertificateContents) -> tuple[bytes, CustomExtension | None]:
    """Subject DER and alternative name extension; the latter critical without a subject."""
    if contents.names_of is not None:
        old = read_fields(contents.names_of)
        return old.subject, old.extensions.get(extensions.SUBJECT_ALTERNATIVE_NAME)
    if not contents.subject and (contents.ca or not contents.san):
        raise InvalidInputError(
            _("The certificate would name nobody."),
            remedy=_("Give it a subject or, unless it is a CA, an alternative name."),
        )
    san = None
    if contents.san:
        value = encode_general_names(contents.san)
        san = CustomExtension(extensions.SUBJECT_ALTERNATIVE_NAME, not contents.subject, value)
    return encode_name(contents.subject), san


def _extensions(
    contents: CertificateContents, san: CustomExtension | None, issuer_key_id: bytes
) -> Iterator[bytes]:
    """The certificate's extensions as DER, custom ones last."""
    _check_extensions(contents)
    yield from _usages(
        contents.ca, contents.path_length, contents.key_usage, contents.extended_key_usage
    )
    if san is not None:
        yield extensions.encode_extension(san)
    if contents.subject_key_identifier or contents.ca:
        identifier = der.octet_string(extensions.key_identifier(contents.public_key))
        yield _extension(extensions.SUBJECT_KEY_IDENTIFIER, identifier)
    yield from _links(issuer_key_id, contents.crl_urls, contents.ocsp_urls, contents.ca_issuer_urls)
    yield from map(_encode_custom, contents.extensions)


# What follows is the same in all certificates from a template, so it is encoded once.


@lru_cache
def _usages(
    ca: bool,
    path_length: int | None,
    key_usage: frozenset[KeyUsage],
    extended_key_usage: tuple[str, ...],
) -> tuple[bytes, ...]:
    """What the certificate is for."""
    found = []
    if ca:
        limits = extensions.basic_constraints(ca=True, path_length=path_length)
        found.append(_extension(extensions.BASIC_CONSTRAINTS, limits, critical=True))
    if key_usage:
        usage = extensions.key_usage(key_usage)
        found.append(_extension(extensions.KEY_USAGE, usage, critical=True))
    if extended_key_usage:
        purposes = extensions.extended_key_usage(extended_key_usage)
        found.append(_extension(extensions.EXTENDED_KEY_USAGE, purposes))
    return tuple(found)


@lru_cache
def _links(
    issuer_key_id: bytes,
    crl_urls: tuple[str, ...],
    ocsp_urls: tuple[str, ...],
    ca_issuer_urls: tuple[str, ...],
) -> tuple[bytes, ...]:
    """What leads to the issuer, and to what it says later."""
    authority = extensions.authority_key_identifier(issuer_key_id)
    found = [_extension(extensions.AUTHORITY_KEY_IDENTIFIER, authority)]
    if crl_urls:
        points = extensions.crl_distribution_points(crl_urls)
        found.append(_extension(extensions.CRL_DISTRIBUTION_POINTS, points))
    if ocsp_urls or ca_issuer_urls:
        access = extensions.authority_information_access(ocsp_urls, ca_issuer_urls)
        found.append(_extension(extensions.AUTHORITY_INFORMATION_ACCESS, access))
    return tuple(found)


_encode_custom = lru_cache(extensions.encode_extension)


def _extension(oid: str, value: bytes, *, critical: bool = False) -> bytes:
    return extensions.encode_extension(CustomExtension(oid, critical, value))


def _check_extensions(contents: CertificateContents) -> None:
    """A CA says so and signs certificates; nobody else does. No extension stands twice."""
    if contents.ca and KeyUsage.KEY_CERT_SIGN not in contents.key_usage:
        raise InvalidInputError(_("A CA certificate needs the key usage keyCertSign."))
    if not contents.ca and (contents.key_usage & _CA_USAGES or contents.path_length is not None):
        raise InvalidInputError(
            _("Only a CA certificate may sign certificates or revocation lists.")
        )
    taken = set(_MANAGED)
    if contents.crl_urls:
        taken.add(extensions.CRL_DISTRIBUTION_POINTS)
    if contents.ocsp_urls or contents.ca_issuer_urls:
        taken.add(extensions.AUTHORITY_INFORMATION_ACCESS)
    if not contents.ca and NOT_A_CA in contents.extensions:
        taken.discard(extensions.BASIC_CONSTRAINTS)
    for custom in contents.extensions:
        if custom.oid in taken:
            raise InvalidInputError(
                _("The extension {oid} is set twice or made by the program itself.").format(
                    oid=custom.oid
                )
            )
        taken.add(custom.oid)
