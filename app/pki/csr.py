"""Certification requests: PKCS#10 (RFC 2986) as devices send it, taken apart with suspicion."""

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any

from cryptography.exceptions import InvalidSignature

from app.core.errors import InvalidInputError
from app.core.language import _
from app.pki import der, extensions
from app.pki.extensions import CustomExtension
from app.pki.keys import (
    ML_DSA_OIDS,
    KeyAlgorithm,
    PublicKey,
    check_public_key,
    public_key_from_der,
    spki_algorithm,
)
from app.pki.names import (
    GeneralName,
    SanKind,
    Subject,
    check_general_name,
    decode_general_names,
    encode_general_names,
    encode_name,
    read_requested_name,
)
from app.pki.sign import SIGNATURE_NAMES, SigningKey, sign_structure, verify_signature
from app.pki.strings import read_string

MAX_CSR_SIZE = 64 * 1024

CHALLENGE_PASSWORD = "1.2.840.113549.1.9.7"  # noqa: S105  an object identifier
_EXTENSION_REQUEST = "1.2.840.113549.1.9.14"
_MICROSOFT_EXTENSION_REQUEST = "1.3.6.1.4.1.311.2.1.14"
# otpChallenge and estIdentityLinking, which stand in for challengePassword (RFC 7894 section 3)
_CHALLENGES = (
    CHALLENGE_PASSWORD,
    "1.2.840.113549.1.9.16.2.56",
    "1.2.840.113549.1.9.16.2.58",
)
_CHANGE_SUBJECT_NAME = "1.3.6.1.5.5.7.7.36"
_SUBJECT_ALT = 0xA1  # its tag by erratum 3943 of RFC 6402
# DecryptKeyIdentifier and AsymmetricDecryptKeyIdentifier (RFC 7030 section 4.4.1)
_KEY_ENCRYPTION = frozenset({"1.2.840.113549.1.9.16.2.37", "1.2.840.113549.1.9.16.2.54"})
_DIRECTORY_STRINGS = frozenset(
    {
        der.UTF8_STRING,
        der.PRINTABLE_STRING,
        der.T61_STRING,
        der.BMP_STRING,
        der.UNIVERSAL_STRING,
    }
)
_READERS: Mapping[str, Callable[[bytes], object]] = {
    extensions.SUBJECT_ALTERNATIVE_NAME: decode_general_names,
    extensions.BASIC_CONSTRAINTS: extensions.read_basic_constraints,
    extensions.KEY_USAGE: extensions.read_key_usage,
    extensions.EXTENDED_KEY_USAGE: extensions.read_extended_key_usage,
    extensions.SUBJECT_KEY_IDENTIFIER: extensions.read_subject_key_identifier,
    extensions.AUTHORITY_KEY_IDENTIFIER: extensions.read_authority_key_identifier,
}


class CsrError(InvalidInputError):
    """The certification request cannot be accepted."""


@dataclass(frozen=True)
class RequestContents:
    """What a request asks for: everything but its key and signature.

    `san_der` is the GeneralNames DER. `challenges` are the values of challengePassword,
    otpChallenge and estIdentityLinking (RFC 7894 section 3). `changes_names` tells of a
    ChangeSubjectName (RFC 6402 section 2.8). `requested_extensions` are OIDs to show; none is
    ever copied.
    """

    der: bytes = field(repr=False)  # it has the challenges in it, too
    subject: Subject
    subject_der: bytes
    san: tuple[GeneralName, ...]
    san_der: bytes | None
    challenges: tuple[str, ...] = field(repr=False)
    changes_names: bool
    requested_extensions: tuple[str, ...]


@dataclass(frozen=True)
class CertificationRequest(RequestContents):
    """A request for a key whose possession is proved, and whose parts are sound.

    Its signature verifies, unless the key was put in by its maker (`UnprovenRequest.with_key`):
    then `signature_algorithm` is empty. `public_key` is SPKI DER and its fingerprint SHA-256 in
    lower-case hex.
    """

    algorithm: KeyAlgorithm
    public_key: bytes
    public_key_fingerprint: str
    signature_algorithm: str


@dataclass(frozen=True)
class UnprovenRequest(RequestContents):
    """A request whose key and signature nobody looked at, as another key takes their place.

    `hint` is the kind of its key, None for one that is not supported or no key at all.
    """

    hint: KeyAlgorithm | None

    def with_key(self, public_key: bytes) -> CertificationRequest:
        """The same request for a key (SPKI DER) made by the caller."""
        contents = {item.name: getattr(self, item.name) for item in fields(RequestContents)}
        return CertificationRequest(
            **contents,
            algorithm=spki_algorithm(public_key),
            public_key=public_key,
            public_key_fingerprint=hashlib.sha256(public_key).hexdigest(),
            signature_algorithm="",
        )


def parse_csr(
    data: bytes, allowed: Collection[KeyAlgorithm] = frozenset(KeyAlgorithm)
) -> CertificationRequest:
    """Checks and takes apart a DER certification request; raises CsrError for every defect.

    The cheap checks come first: size, encoding, kind of key. The signature (proof of
    possession) is verified only for keys that would be certified.
    """
    with _csr_errors():
        return _parse(data, allowed)


def parse_csr_unverified(data: bytes) -> UnprovenRequest:
    """Takes apart a request for a key that is yet to be made (RFC 7030 section 4.4.1).

    Its key and its signature may be anything. Raises CsrError for every other defect, and for a
    request to encrypt the key, which is not offered: it must never be sent in the clear instead.
    """
    with _csr_errors():
        _outer, parts = _structure(data)
        values = _attribute_values(parts)
        for oid in _KEY_ENCRYPTION & values.keys():
            raise CsrError(
                _("The key is not encrypted for anybody here ({oid}).").format(oid=oid),
                cause=_("The request names a key to encrypt the new key for."),
                remedy=_("Leave that attribute out, or make the key on the device."),
            )
        try:
            hint = spki_algorithm(parts[2].encoded)
        except InvalidInputError:
            hint = None
        return UnprovenRequest(**_contents(data, parts, values), hint=hint)


@contextmanager
def _csr_errors() -> Iterator[None]:
    """Every defect found inside is one of the request."""
    try:
        yield
    except InvalidInputError as error:
        raise CsrError(
            error.problem, cause=error.cause, remedy=error.remedy, field=error.field
        ) from error


def _parse(data: bytes, allowed: Collection[KeyAlgorithm]) -> CertificationRequest:
    (info, algorithm_identifier, signature), parts = _structure(data)
    parts[1].expect(der.SEQUENCE)
    spki = parts[2].expect(der.SEQUENCE).encoded
    algorithm = _allowed_algorithm(spki, allowed)
    signature_oid = _signature_oid(algorithm_identifier)
    public_key = public_key_from_der(spki)
    check_public_key(public_key)
    _verify(public_key, signature_oid, signature, info)
    return CertificationRequest(
        **_contents(data, parts, _attribute_values(parts)),
        algorithm=algorithm,
        public_key=spki,
        public_key_fingerprint=hashlib.sha256(spki).hexdigest(),
        signature_algorithm=SIGNATURE_NAMES[signature_oid],
    )


def _contents(
    data: bytes, parts: list[der.Element], values: Mapping[str, list[der.Element]]
) -> dict[str, Any]:
    """The fields of `RequestContents`."""
    name = parts[1].expect(der.SEQUENCE)
    requested = _requested_extensions(values)
    subject = read_requested_name(name)
    san_extension = requested.get(extensions.SUBJECT_ALTERNATIVE_NAME)
    san = decode_general_names(san_extension.value) if san_extension else ()
    for alternative in san:
        if alternative.kind is not SanKind.OTHER:
            check_general_name(alternative)
    return {
        "der": data,
        "subject": subject,
        "subject_der": name.encoded,
        "san": san,
        "san_der": san_extension.value if san_extension else None,
        "challenges": tuple(_challenge(values[oid], oid) for oid in _CHALLENGES if oid in values),
        "changes_names": _changes_names(values),
        "requested_extensions": tuple(requested),
    }


def _structure(data: bytes) -> tuple[list[der.Element], list[der.Element]]:
    """The request's parts, CertificationRequestInfo, algorithm, signature; those of the first."""
    if len(data) > MAX_CSR_SIZE:
        raise CsrError(_("The request is larger than 64 KiB."))
    try:
        outer = der.parse(data).sequence()
    except der.DerError as error:
        raise CsrError(
            _("The request is not valid DER."),
            cause=error.cause,
            remedy=_("Send the whole PKCS#10 request, and nothing else."),
        ) from error
    parts = outer[0].sequence() if len(outer) == 3 else []
    if not 3 <= len(parts) <= 4:
        raise CsrError(_("The data is not a PKCS#10 certification request."))
    if der.read_integer(parts[0]) != 0:
        raise CsrError(_("The request's version is not 0, the only one there is."))
    return outer, parts


def _allowed_algorithm(spki: bytes, allowed: Collection[KeyAlgorithm]) -> KeyAlgorithm:
    algorithm = spki_algorithm(spki)
    if algorithm not in allowed:
        raise CsrError(
            _("The request's key is {key}, which is not allowed here.").format(key=algorithm.label),
            remedy=_("Allowed: {keys}.").format(
                keys=", ".join(known.label for known in KeyAlgorithm if known in allowed)
            ),
        )
    return algorithm


def _signature_oid(element: der.Element) -> str:
    parts = element.sequence()
    oid = der.read_oid(parts[0]) if parts else ""
    # some devices write the NULL of RSA for ECDSA too; ML-DSA is too young for such habits
    parameters = ([],) if oid in ML_DSA_OIDS else ([], [der.NULL])
    if oid not in SIGNATURE_NAMES or [part.tag for part in parts[1:]] not in parameters:
        raise CsrError(
            _("The request is signed by an algorithm that is not accepted ({oid}).").format(
                oid=oid
            ),
            remedy=_("Sign it with SHA-256, SHA-384 or SHA-512, or by Ed25519 or ML-DSA."),
        )
    return oid


def _verify(
    public_key: PublicKey, signature_oid: str, signature: der.Element, info: der.Element
) -> None:
    """Proof of possession: the request is signed by the key it asks to certify."""
    try:
        verify_signature(public_key, signature_oid, der.read_octets(signature), info.encoded)
    except InvalidSignature:
        raise CsrError(
            _("The request's signature does not verify."),
            cause=_("It was changed after signing, or signed by another key than it contains."),
            remedy=_("Create the request again with the key it is for."),
        ) from None


def _attribute_values(parts: list[der.Element]) -> dict[str, list[der.Element]]:
    """The attributes' values by OID; each attribute once and with at least one value."""
    found: dict[str, list[der.Element]] = {}
    for attribute in parts[3].sequence(0xA0) if len(parts) == 4 else []:
        parts = attribute.sequence()
        values = parts[1].sequence(der.SET) if len(parts) == 2 else []
        if not values:
            raise CsrError(_("An attribute of the request has no value."))
        oid = der.read_oid(parts[0])
        if oid in found:
            raise CsrError(_("The request's attribute {oid} stands twice.").format(oid=oid))
        found[oid] = values
    return found


def _single(values: Sequence[der.Element], oid: str) -> der.Element:
    if len(values) != 1:
        raise CsrError(_("The request's attribute {oid} has several values.").format(oid=oid))
    return values[0]


def _requested_extensions(values: Mapping[str, list[der.Element]]) -> dict[str, CustomExtension]:
    """The extensions asked for, of both the standard's and Microsoft's attribute."""
    requested: dict[str, CustomExtension] = {}
    for oid in (_EXTENSION_REQUEST, _MICROSOFT_EXTENSION_REQUEST):
        if oid not in values:
            continue
        asked = extensions.decode_extensions(_single(values[oid], oid))
        for twice in requested.keys() & asked.keys():
            raise CsrError(_("The extension {oid} is requested twice.").format(oid=twice))
        requested |= asked
    for extension in requested.values():
        if extension.oid in _READERS:
            _READERS[extension.oid](extension.value)
    return requested


def _challenge(values: Sequence[der.Element], oid: str) -> str:
    """A challenge (RFC 2985 section 5.4.1): one string of 1 to 255 characters."""
    value = _single(values, oid)
    text = read_string(value) if value.tag in _DIRECTORY_STRINGS else ""
    if not 1 <= len(text) <= 255:
        raise CsrError(_("The challenge password is not a text of 1 to 255 characters."))
    return text


def _changes_names(values: Mapping[str, list[der.Element]]) -> bool:
    """Whether a ChangeSubjectName is there; `CsrError` for one that names nothing.

    subjectAlt may be untagged, as RFC 6402 section 2.8 has it, or tagged as its erratum has it.
    """
    if _CHANGE_SUBJECT_NAME not in values:
        return False
    parts = _single(values[_CHANGE_SUBJECT_NAME], _CHANGE_SUBJECT_NAME).sequence()
    alternative = [_is_subject_alt(part) for part in parts]
    if alternative not in ([False], [True], [False, True]):
        raise CsrError(_("The request's ChangeSubjectName is not a subject, a SAN, or both."))
    for part, is_alternative in zip(parts, alternative, strict=True):
        if is_alternative:
            decode_general_names(der.tlv(der.SEQUENCE, part.content))
        else:
            read_requested_name(part)
    return True


def _is_subject_alt(element: der.Element) -> bool:
    """Whether these are GeneralNames; a Name consists of sets, if of anything."""
    return element.tag == _SUBJECT_ALT or any(
        part.tag != der.SET for part in element.sequence()[:1]
    )


def build_csr(key: SigningKey, subject: Subject, san: Sequence[GeneralName] = ()) -> bytes:
    """A signed DER certification request; raises InvalidInputError for names that are none."""
    attributes = b""
    if san:
        extension = CustomExtension(
            extensions.SUBJECT_ALTERNATIVE_NAME,
            critical=not subject,
            value=encode_general_names(san),
        )
        request = der.sequence(extensions.encode_extension(extension))
        attributes = der.sequence(der.oid(_EXTENSION_REQUEST), der.tlv(der.SET, request))
    info = der.sequence(
        der.integer(0), encode_name(subject), key.public_key, der.tlv(0xA0, attributes)
    )
    return sign_structure(info, key)
