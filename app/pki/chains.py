"""Certificate chains: putting them in order, and judging a client's (RFC 5280 section 6)."""

from collections.abc import Collection, Iterator
from datetime import datetime
from enum import StrEnum

from OpenSSL import crypto

from app.core.errors import AuthenticationError, InvalidInputError
from app.core.language import _
from app.pki.certificates import (
    ANY,
    CLIENT_AUTH,
    CertificateError,
    KeyUsage,
)
from app.pki.links import Link, read_link, read_links
from app.pki.policies import check_policies

MAX_DEPTH = 8
_MAX_SIGNATURES = 64


class ChainFault(StrEnum):
    """Why a client certificate is refused."""

    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    UNKNOWN_ISSUER = "unknown-issuer"
    BAD_SIGNATURE = "bad-signature"
    WRONG_USAGE = "wrong-usage"
    IS_CA = "is-ca"
    WEAK = "weak"
    MALFORMED = "malformed"
    REVOKED = "revoked"
    INVALID = "invalid"


class ClientCertificateError(AuthenticationError):
    """A client certificate does not identify a device; `fault` says why."""

    def __init__(
        self, fault: ChainFault, problem: str, *, cause: str = "", remedy: str = ""
    ) -> None:
        super().__init__(problem, cause=cause, remedy=remedy)
        self.fault = fault


def order_chain(leaf: bytes, candidates: Collection[bytes]) -> tuple[bytes, ...]:
    """The chain from `leaf` towards its root, as far as the candidates reach.

    An issuer must match by name and by signature. Raises CertificateError for a malformed leaf.
    """
    chain = [read_link(leaf)]
    pool = read_links(candidates)
    while len(chain) < MAX_DEPTH:
        issuers = [link for link in pool if link not in chain and chain[-1].names_as_issuer(link)]
        issuer = next((link for link in issuers if chain[-1].is_signed_by(link)), None)
        if issuer is None or chain[-1].is_signed_by(chain[-1]):
            break
        chain.append(issuer)
    return tuple(link.info.der for link in chain)


def validate_client_chain(
    leaf: bytes,
    candidates: Collection[bytes],
    anchors: Collection[bytes],
    now: datetime,
    revoked: Collection[bytes] = (),
) -> tuple[bytes, ...]:
    """The chain from a client's certificate to one of `anchors`, judged at `now`.

    Anchors are CA certificates trusted as they are, roots or not. `candidates` may hold what
    the client sent and what the server knows, in any order. `revoked` are CA certificates that
    no chain may contain, anchors or not. Raises ClientCertificateError.
    """
    try:
        client = read_link(leaf)
    except CertificateError as error:
        raise ClientCertificateError(
            ChainFault.MALFORMED, _("The client certificate cannot be read."), cause=error.cause
        ) from error
    if client.info.is_ca:
        raise ClientCertificateError(
            ChainFault.IS_CA,
            _('"{name}" is a CA certificate.').format(name=client.name),
            cause=_("CA certificates sign others; they identify no device."),
        )
    _check_strength(client, anchor=False)  # before paths: none is built on SHA-1
    trusted = read_links(anchors)
    refusal: ClientCertificateError | None = None
    for path in _paths(client, trusted, read_links(candidates)):
        try:
            _check_path(path, now, revoked)
        except ClientCertificateError as error:
            refusal = refusal or error
        else:
            return tuple(link.info.der for link in path)
    raise refusal or _no_path(client, trusted)


def _paths(client: Link, trusted: list[Link], known: list[Link]) -> Iterator[list[Link]]:
    """Paths from the client to an anchor whose signatures verify, shortest first.

    The number of signatures verified is bounded, so that a mesh of cross-signed CAs costs
    no more than a chain.
    """
    pool = trusted + [link for link in known if link not in trusted]
    paths = [[client]]
    signatures = 0
    while paths:
        path = paths.pop(0)
        for issuer in pool:
            if issuer in path or not path[-1].names_as_issuer(issuer):
                continue
            signatures += 1
            if signatures > _MAX_SIGNATURES:
                return
            if not path[-1].is_signed_by(issuer):
                continue
            longer = [*path, issuer]
            if issuer in trusted:
                yield longer
            elif len(longer) < MAX_DEPTH:
                paths.append(longer)


def _no_path(client: Link, trusted: list[Link]) -> ClientCertificateError:
    names = {"name": client.name, "issuer": client.issuer}
    if any(client.names_as_issuer(anchor) for anchor in trusted):
        return ClientCertificateError(
            ChainFault.BAD_SIGNATURE,
            _('"{name}" is not signed by the trusted CA "{issuer}" it names.').format(**names),
            cause=_("Another CA of the same name signed it, or it was changed."),
        )
    return ClientCertificateError(
        ChainFault.UNKNOWN_ISSUER,
        _('"{name}" was issued by "{issuer}", which leads to no CA trusted here.').format(**names),
        remedy=_("Add the issuing CA, or send the intermediate certificates along."),
    )


def _check_path(path: list[Link], now: datetime, revoked: Collection[bytes]) -> None:
    """The rules of RFC 5280 section 6 on a path whose signatures verify, client first."""
    for link in path[1:]:
        _check_strength(link, anchor=link is path[-1])
        _check_not_revoked(link, revoked)
    for link in path:
        _check_time(link, now)
    _check_client_usage(path[0])
    below = 0
    for link in path[1:]:
        _check_issuer(link, below)
        below += not link.is_self_issued  # those replace a key (RFC 5280 section 4.2.1.9)
    _check_policies(path)
    _check_rest(path, now)


def _check_strength(link: Link, *, anchor: bool) -> None:
    # nobody relies on the signature of an anchor
    if link.info.algorithm is None or not (anchor or link.is_strongly_signed):
        raise ClientCertificateError(
            ChainFault.WEAK,
            _('"{name}" has a key or signature that is too weak.').format(name=link.name),
            remedy=_("Use RSA from 2048 bits or a NIST curve, and SHA-256 or better."),
        )


def _check_time(link: Link, now: datetime) -> None:
    if now > link.info.not_after:
        raise ClientCertificateError(
            ChainFault.EXPIRED,
            _('"{name}" expired on {date:%Y-%m-%d %H:%M} UTC.').format(
                name=link.name, date=link.info.not_after
            ),
            remedy=_("Give the device a new certificate, or set the clock right."),
        )
    if now < link.info.not_before:
        raise ClientCertificateError(
            ChainFault.NOT_YET_VALID,
            _('"{name}" is valid from {date:%Y-%m-%d %H:%M} UTC only.').format(
                name=link.name, date=link.info.not_before
            ),
            remedy=_("Check the clocks of this computer and of the CA."),
        )


def _check_not_revoked(link: Link, revoked: Collection[bytes]) -> None:
    if link.info.der in revoked:
        raise ClientCertificateError(
            ChainFault.REVOKED,
            _('The CA "{name}" is revoked, or one above it.').format(name=link.name),
            remedy=_("Enrol the device with a password, or with a certificate of another CA."),
        )


def _check_client_usage(client: Link) -> None:
    """A client may have no usage at all (802.1AR); what it has must allow authentication."""
    purposes, usage = client.info.extended_key_usage, client.info.key_usage
    if purposes and not {CLIENT_AUTH, ANY} & set(purposes):
        raise ClientCertificateError(
            ChainFault.WRONG_USAGE,
            _('"{name}" is not meant for client authentication.').format(name=client.name),
            cause=_("Its extended key usage does not contain clientAuth."),
        )
    if usage is not None and KeyUsage.DIGITAL_SIGNATURE not in usage:
        raise ClientCertificateError(
            ChainFault.WRONG_USAGE,
            _('"{name}" is not meant for client authentication.').format(name=client.name),
            cause=_("Its key usage does not contain digitalSignature."),
        )


def _check_issuer(link: Link, below: int) -> None:
    """`link` may issue, with `below` CAs of other names between it and the client."""
    info = link.info
    usage_forbids = info.key_usage is not None and KeyUsage.KEY_CERT_SIGN not in info.key_usage
    if not info.is_ca or usage_forbids:
        raise ClientCertificateError(
            ChainFault.INVALID,
            _('"{name}" signed a certificate but is no CA.').format(name=link.name),
        )
    if info.path_length is not None and below > info.path_length:
        raise ClientCertificateError(
            ChainFault.INVALID,
            _('"{name}" does not allow that many CAs below it.').format(name=link.name),
        )


def _check_policies(path: list[Link]) -> None:
    below_the_anchor = [link.info.der for link in path[-2::-1]]
    try:
        check_policies(below_the_anchor)
    except InvalidInputError as error:
        raise ClientCertificateError(
            ChainFault.INVALID,
            _('The chain of "{name}" is not valid.').format(name=path[0].name),
            cause=error.text(),
        ) from error


def _check_rest(path: list[Link], now: datetime) -> None:
    """Name constraints, critical extensions and the rest of RFC 5280, by OpenSSL."""
    try:
        client, *issuers, anchor = (
            crypto.X509.from_cryptography(link.certificate) for link in path
        )
        store = crypto.X509Store()
        store.add_cert(anchor)
        store.set_flags(crypto.X509StoreFlags.PARTIAL_CHAIN)  # an anchor need not be a root
        store.set_time(now)
        crypto.X509StoreContext(store, client, issuers).verify_certificate()
    except (crypto.X509StoreContextError, crypto.Error) as error:  # Error: it cannot read one
        raise ClientCertificateError(
            ChainFault.INVALID,
            _('The chain of "{name}" is not valid.').format(name=path[0].name),
            cause=str(error) if isinstance(error, crypto.X509StoreContextError) else "",
        ) from error
