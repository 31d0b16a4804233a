"""Certificates that were issued: look at one, and take it along."""

from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, and_, select, union

from app.core.errors import InvalidInputError, NotFoundError
from app.core.language import _
from app.models.db import tables
from app.models.domain.access import Actor, Operation, require
from app.models.domain.certificates import Certificate
from app.models.services.authorities.authorities import Authorities
from app.models.services.certificates.records import (
    certificate_in_reach,
    certificate_of,
    certificates_in_reach,
    no_certificate,
    select_certificates,
)
from app.models.services.listing import starts_with, walked
from app.models.services.secrets import read_secret
from app.models.services.store import Change, Store
from app.pki import pkcs7, pkcs12
from app.pki.certificates import certificate_to_pem, read_certificate
from app.pki.subjects import ATTRIBUTE_TYPES, Attribute, subject_text

NEWEST = 20


class CertificateFormat(StrEnum):
    """How a certificate without a key is written into a file."""

    PEM = "pem"
    DER = "der"
    PKCS7 = "p7b"


@dataclass(frozen=True)
class CertificateDetails:
    """A certificate with its surroundings, as far as the one who asks may see them.

    `chain` is DER, its issuer first and the root last, `chain_subjects` whose they are.
    `renews` is the certificate it took the place of, `renewed_by` those that took its own, the
    newest first.
    """

    certificate: Certificate
    chain: tuple[bytes, ...] = field(repr=False)
    chain_subjects: tuple[str, ...]
    renews: Certificate | None
    renewed_by: tuple[Certificate, ...]


class Certificates:
    """Every certificate that was issued. Safe to share by threads."""

    def __init__(self, store: Store, authorities: Authorities) -> None:
        self._store = store
        self._authorities = authorities

    def get(self, actor: Actor, certificate_id: int) -> Certificate:
        """The certificate with its DER; raises `NotFoundError`."""
        require(actor, Operation.CERTIFICATE_VIEW)
        with self._store.read(actor) as connection:
            return self._get(connection, actor, Operation.CERTIFICATE_VIEW, certificate_id)

    def details(self, actor: Actor, certificate_id: int) -> CertificateDetails:
        """The certificate, what signed it, and its renewals; raises `NotFoundError`."""
        table = tables.certificate.c
        with self._store.read(actor) as connection:
            found = self._get(connection, actor, Operation.CERTIFICATE_VIEW, certificate_id)
            before = self._seen(connection, actor, table.id == found.previous_id)
            chain = self._authorities.chain(connection, found.authority_id)
            return CertificateDetails(
                found,
                chain,
                tuple(subject_text(read_certificate(der).subject) for der in chain),
                before[0] if before else None,
                # the same names, by which there is an index
                self._seen(
                    connection,
                    actor,
                    and_(table.subject == found.subject, table.previous_id == found.id),
                ),
            )

    def of_device(self, actor: Actor, device_id: int) -> tuple[Certificate, ...]:
        """The certificates of a device, newest first, without their DER."""
        return self._held(actor, tables.certificate.c.device_id == device_id)

    def of_application(self, actor: Actor, application_id: int) -> tuple[Certificate, ...]:
        """The certificates of an API application, newest first, without their DER."""
        return self._held(actor, tables.certificate.c.application_id == application_id)

    def by_thumbprint(self, actor: Actor, digits: str) -> Certificate:
        """The certificate with this SHA-1 or SHA-256 of its DER, in hex of either case.

        With its DER; raises `NotFoundError`.
        """
        table = tables.certificate.c
        column = table.thumbprint if len(digits) == 40 else table.fingerprint
        found = self._newest(actor, digits, column == digits.lower())
        if not found:
            raise no_certificate()
        return found[0]

    def by_serial(self, actor: Actor, digits: str) -> tuple[Certificate, ...]:
        """The newest certificates with this serial number in hex, with their DER.

        Upper case and leading zeros do not matter.
        """
        serial = digits.lower().lstrip("0")
        return self._newest(actor, digits, tables.certificate.c.serial == serial)

    def by_common_name(self, actor: Actor, common_name: str) -> tuple[Certificate, ...]:
        """The newest certificates with this common name, with their DER.

        Found are those whose holder is called that, which is the common name where there is no
        holder, and those whose subject ends with it.
        """
        table = tables.certificate.c
        subject = subject_text((Attribute(ATTRIBUTE_TYPES["CN"].oid, common_name),))
        return self._newest(
            actor,
            common_name,
            table.name == common_name,
            table.subject == subject,
            starts_with(table.subject, f"{subject},"),
        )

    def pem(self, actor: Actor, certificate_id: int, *, chain: bool) -> bytes:
        """The certificate as PEM, with `chain` followed by its authorities up to the root."""
        return self.export(actor, certificate_id, CertificateFormat.PEM, chain=chain)

    def export(
        self, actor: Actor, certificate_id: int, form: CertificateFormat, *, chain: bool
    ) -> bytes:
        """The certificate as a file, with `chain` followed by its authorities up to the root.

        Raises `NotFoundError`, and `InvalidInputError` for DER, which has no room for a chain.
        """
        if form is CertificateFormat.DER and chain:
            raise InvalidInputError(
                _("A DER file holds one certificate."),
                remedy=_("Choose PEM or PKCS #7 for the chain."),
                field="chain",
            )
        with self._store.read(actor) as connection:
            found = self._get(connection, actor, Operation.CERTIFICATE_VIEW, certificate_id)
            above = self._authorities.chain(connection, found.authority_id) if chain else ()
        if form is CertificateFormat.PKCS7:
            return pkcs7.certs_only((found.der, *above))
        if form is CertificateFormat.DER:
            return found.der
        return b"".join(certificate_to_pem(der) for der in (found.der, *above))

    def download_pfx(self, actor: Actor, certificate_id: int) -> bytes:
        """Certificate, chain and the key made here as PKCS#12, until retention ends (DEV-87).

        It opens with the passphrase given when the certificate was issued. Raises
        `NotFoundError` when no key was made here or its time is over.
        """
        with self._store.change(actor) as change:
            found, content = self._open_pfx(change.connection, actor, certificate_id)
            _record_download(change, found, "pfx")
        return content

    def download_legacy_pfx(self, actor: Actor, certificate_id: int, passphrase: str) -> bytes:
        """The same as `download_pfx`, for devices that know triple DES and SHA-1 alone.

        The file kept here is opened for that with the `passphrase` given when the certificate
        was issued; raises `InvalidInputError` (field `passphrase`) for another.
        """
        with self._store.read(actor) as connection:
            found, content = self._open_pfx(connection, actor, certificate_id)
        # The passphrase is slow to try, so that comes before the transaction.
        kept = pkcs12.unpack(content, passphrase)
        if kept.private_key is None or kept.certificate is None:
            raise NotFoundError(_("There is no private key in the file that is kept here."))
        packed = pkcs12.pack(
            kept.private_key, kept.certificate, kept.chain, passphrase, found.name, legacy=True
        )
        with self._store.change(actor) as change:
            found, _content = self._open_pfx(change.connection, actor, certificate_id)
            _record_download(change, found, "legacy pfx")
        return packed

    def _open_pfx(
        self, connection: Connection, actor: Actor, certificate_id: int
    ) -> tuple[Certificate, bytes]:
        found = self._get(connection, actor, Operation.SECRET_DOWNLOAD, certificate_id)
        if found.key_until is None:
            raise NotFoundError(
                _("There is no private key of this certificate here."),
                cause=_("It was made on the device, or its retention time is over."),
                remedy=_("Issue a new certificate if the key is lost."),
            )
        table = tables.certificate
        secret_id = connection.execute(
            select(table.c.key_secret_id).where(table.c.id == found.id)
        ).scalar_one()
        return found, read_secret(connection, self._store.vault, secret_id)

    def _get(
        self, connection: Connection, actor: Actor, operation: Operation, certificate_id: int
    ) -> Certificate:
        now = self._store.clock.now()
        return certificate_in_reach(connection, actor, operation, certificate_id, now)

    def _held(self, actor: Actor, by_holder: ColumnElement[bool]) -> tuple[Certificate, ...]:
        require(actor, Operation.CERTIFICATE_VIEW)
        with self._store.read(actor) as connection:
            return self._seen(connection, actor, by_holder)

    def _newest(
        self, actor: Actor, text: str, *conditions: ColumnElement[bool]
    ) -> tuple[Certificate, ...]:
        """The newest within reach that meet any of the conditions, each with an index of its own.

        Nothing has a `text` that cannot be shown, and SQLite stumbles over some.
        """
        require(actor, Operation.CERTIFICATE_VIEW)
        if not text.isprintable():
            return ()
        id_ = tables.certificate.c.id
        mine = certificates_in_reach(actor, Operation.CERTIFICATE_VIEW, walked)
        newest = (
            select(id_).where(one, *mine).order_by(id_.desc()).limit(NEWEST) for one in conditions
        )
        ids = select(union(*(select(one.subquery()) for one in newest)).subquery())
        wanted = select_certificates(with_der=True).where(id_.in_(ids))
        with self._store.read(actor) as connection:
            rows = connection.execute(wanted.order_by(id_.desc()).limit(NEWEST)).all()
        now = self._store.clock.now()
        return tuple(certificate_of(row, now) for row in rows)

    def _seen(
        self, connection: Connection, actor: Actor, condition: ColumnElement[bool]
    ) -> tuple[Certificate, ...]:
        wanted = (
            select_certificates(with_der=False)
            .where(condition, *certificates_in_reach(actor, Operation.CERTIFICATE_VIEW, walked))
            .order_by(tables.certificate.c.id.desc())
        )
        now = self._store.clock.now()
        return tuple(certificate_of(row, now) for row in connection.execute(wanted))


def _record_download(change: Change, found: Certificate, kind: str) -> None:
    after = {"kind": kind, "serial": found.serial}
    change.audit("secret.download", *found.held_by, found.name, after=after)
