"""Certificates that were issued: look at one, and take it along."""

from sqlalchemy import ColumnElement, Connection, select

from app.core.errors import NotFoundError
from app.core.language import _
from app.models.db import tables
from app.models.domain.access import Actor, Operation, require
from app.models.domain.certificates import Certificate
from app.models.services.authorities import Authorities
from app.models.services.certificate_records import (
    certificate_in_reach,
    certificate_of,
    certificates_in_reach,
    select_certificates,
)
from app.models.services.secrets import read_secret
from app.models.services.store import Store
from app.pki.certificates import certificate_to_pem


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

    def of_device(self, actor: Actor, device_id: int) -> tuple[Certificate, ...]:
        """The certificates of a device, newest first, without their DER."""
        return self._held(actor, tables.certificate.c.device_id == device_id)

    def of_application(self, actor: Actor, application_id: int) -> tuple[Certificate, ...]:
        """The certificates of an API application, newest first, without their DER."""
        return self._held(actor, tables.certificate.c.application_id == application_id)

    def pem(self, actor: Actor, certificate_id: int, *, chain: bool) -> bytes:
        """The certificate as PEM, with `chain` followed by its authorities up to the root."""
        require(actor, Operation.CERTIFICATE_VIEW)
        with self._store.read(actor) as connection:
            found = self._get(connection, actor, Operation.CERTIFICATE_VIEW, certificate_id)
            above = self._authorities.chain(connection, found.authority_id) if chain else ()
        return b"".join(certificate_to_pem(der) for der in (found.der, *above))

    def download_pfx(self, actor: Actor, certificate_id: int) -> bytes:
        """Certificate, chain and the key made here as PKCS#12, until retention ends (DEV-87).

        It opens with the passphrase given when the certificate was issued. Raises
        `NotFoundError` when no key was made here or its time is over.
        """
        with self._store.change(actor) as change:
            require(actor, Operation.SECRET_DOWNLOAD)
            found = self._get(change.connection, actor, Operation.SECRET_DOWNLOAD, certificate_id)
            if found.key_until is None:
                raise NotFoundError(
                    _("There is no private key of this certificate here."),
                    cause=_("It was made on the device, or its retention time is over."),
                    remedy=_("Issue a new certificate if the key is lost."),
                )
            table = tables.certificate
            secret_id = change.connection.execute(
                select(table.c.key_secret_id).where(table.c.id == found.id)
            ).scalar_one()
            content = read_secret(change.connection, self._store.vault, secret_id)
            after = {"kind": "pfx", "serial": found.serial}
            change.audit("secret.download", *found.held_by, found.name, after=after)
        return content

    def _get(
        self, connection: Connection, actor: Actor, operation: Operation, certificate_id: int
    ) -> Certificate:
        now = self._store.clock.now()
        return certificate_in_reach(connection, actor, operation, certificate_id, now)

    def _held(self, actor: Actor, by_holder: ColumnElement[bool]) -> tuple[Certificate, ...]:
        require(actor, Operation.CERTIFICATE_VIEW)
        wanted = (
            select_certificates(with_der=False)
            .where(by_holder, *certificates_in_reach(actor, Operation.CERTIFICATE_VIEW))
            .order_by(tables.certificate.c.id.desc())
        )
        now = self._store.clock.now()
        with self._store.read(actor) as connection:
            return tuple(certificate_of(row, now) for row in connection.execute(wanted))
