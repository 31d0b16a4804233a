"""The CA of somebody else: whether its certificate will do, and the proof that the key is theirs.

A proof is a certificate that the CA issued to a one-time code, the common name of its subject.
"""

from datetime import datetime, timedelta

from app.core.errors import InvalidInputError
from app.core.language import _
from app.pki import der
from app.pki.certificates import CertificateError, KeyUsage
from app.pki.keys import WeakKeyError, check_public_key, public_key_from_der
from app.pki.links import Link, read_link

CLOCK_DIFFERENCE = timedelta(minutes=5)
_COMMON_NAME = "2.5.4.3"
_TEXT_TAGS = frozenset({der.UTF8_STRING, der.PRINTABLE_STRING, der.IA5_STRING})


def check_ca(certificate: bytes, now: datetime) -> None:
    """Raise `InvalidInputError` unless the certificate (DER) is one of a CA to be trusted.

    It is a CA's (RFC 5280 section 4.2.1.9) that may sign certificates, has not expired, and is
    strong in key and signature. Field `certificate`.
    """
    ca = _read(certificate, "certificate")
    usage = ca.info.key_usage
    if not ca.info.is_ca or (usage is not None and KeyUsage.KEY_CERT_SIGN not in usage):
        raise InvalidInputError(
            _("“{name}” is no CA certificate.").format(name=ca.name),
            cause=_("It may not sign certificates."),
            remedy=_("Give the certificate of the CA that signs the devices' certificates."),
            field="certificate",
        )
    if ca.info.not_after < now:
        raise InvalidInputError(
            _("“{name}” expired on {date:%Y-%m-%d}.").format(name=ca.name, date=ca.info.not_after),
            remedy=_("Ask its owner for the CA's present certificate."),
            field="certificate",
        )
    _check_key(ca, "certificate")
    _check_signature_strength(ca, "certificate")


def check_proof(proof: bytes, ca: bytes, code: str, now: datetime) -> None:
    """Raise `InvalidInputError` unless `proof` shows that its maker has the private key of `ca`.

    Both are DER certificates. The key in `ca` signed the proof; its subject has exactly one
    common name, the code; it is a CA's neither itself nor by its extensions; it is valid at
    `now`, give or take `CLOCK_DIFFERENCE`, and strong. Field `proof`.
    """
    answer, authority = _read(proof, "proof"), _read(ca, "certificate")
    _check_signature_strength(answer, "proof")  # first: no weak one is looked at
    _check_signer(answer, authority)
    if answer.info.is_ca:
        raise _refused(
            _("“{name}” is a CA certificate.").format(name=answer.name),
            _("Sign an ordinary certificate for the code, one that is no CA's."),
        )
    if _common_names(answer.info.subject_der) != [code.encode()]:
        raise _refused(
            _("The certificate is not for this code: its subject is “{name}”.").format(
                name=answer.name
            ),
            _("Sign a certificate whose one common name (CN) is exactly the code."),
        )
    begin, end = answer.info.not_before, answer.info.not_after
    if not begin - CLOCK_DIFFERENCE <= now <= end + CLOCK_DIFFERENCE:
        raise _refused(
            _("The certificate is not valid now: from {begin} to {end}.").format(
                begin=f"{begin:%Y-%m-%d %H:%M UTC}", end=f"{end:%Y-%m-%d %H:%M UTC}"
            ),
            _("Check the clocks of this computer and of the CA, and sign it again."),
        )
    _check_key(answer, "proof")


def is_proof(certificate: bytes, code: str) -> bool:
    """Whether the certificate (DER) has the code for a common name, as a proof has."""
    return code.encode() in _common_names(_read(certificate, "certificate").info.subject_der)


def _read(certificate: bytes, field: str) -> Link:
    try:
        return read_link(certificate)
    except CertificateError as error:
        error.field = field
        raise


def _check_signer(answer: Link, authority: Link) -> None:
    """By the signature: names and key identifiers can be copied."""
    if answer.info.der == authority.info.der:
        raise _refused(
            _("This is the certificate of the CA itself."),
            _("Give a certificate that the CA signed for the code."),
        )
    signer = _("itself") if answer.is_signed_by(answer) else f"“{answer.issuer}”"
    names = {"signer": signer, "ca": authority.name}
    if answer.is_signed_by(answer) or not answer.names_as_issuer(authority):
        raise _refused(
            _("This certificate was signed by {signer}, not by “{ca}”.").format(**names),
            _("Sign it with the private key of “{ca}”.").format(**names),
        )
    if not answer.is_signed_by(authority):
        raise _refused(
            _("This certificate names “{ca}”, but another key than that CA's signed it.").format(
                **names
            ),
            _("Sign it with the key of the CA that is registered here."),
        )


def _common_names(name: bytes) -> list[bytes]:
    """The common names in a DER Name as octets; those in another kind of string as nothing."""
    attributes = [
        attribute.sequence()
        for rdn in der.parse(name).sequence()
        for attribute in rdn.sequence(der.SET)
    ]
    return [
        value.content if value.tag in _TEXT_TAGS else b""
        for kind, value in attributes
        if der.read_oid(kind) == _COMMON_NAME
    ]


def _check_key(link: Link, field: str) -> None:
    try:
        check_public_key(public_key_from_der(link.info.public_key))
    except WeakKeyError as error:
        error.field = field
        raise


def _check_signature_strength(link: Link, field: str) -> None:
    if not link.is_strongly_signed:
        raise InvalidInputError(
            _("The signature of “{name}” is too weak.").format(name=link.name),
            remedy=_("Sign it with SHA-256 or better."),
            field=field,
        )


def _refused(problem: str, remedy: str) -> InvalidInputError:
    return InvalidInputError(problem, remedy=remedy, field="proof")
