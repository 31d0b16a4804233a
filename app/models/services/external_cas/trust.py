"""External CAs in use: which ones are trusted, and whether a device's certificate is of one."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select

from app.core.errors import ConflictError, NotFoundError
from app.core.language import _
from app.models.db.tables import external_ca
from app.models.domain.access import Access, Sharing
from app.models.domain.external_cas import ExternalCa
from app.models.services.authorities.revoked import client_chain
from app.models.services.external_cas.records import external_ca_of
from app.models.services.sharing import owner_active
from app.pki.ca_checks import is_proof
from app.pki.chains import ChainFault, ClientCertificateError

TRUSTED = (
    external_ca.c.verified_at.is_not(None),
    external_ca.c.active,
    owner_active(external_ca),
)
"""The conditions under which a CA is trusted."""


def check_usable(connection: Connection, ca_id: int, sharing: Sharing) -> ExternalCa:
    """The external CA, when a device type that is shared so can use it, whoever asks.

    Raises `NotFoundError` when everyone the type is offered to does not have it,
    `ConflictError` when it is not trusted; field `external_ca_id`.
    """
    row = connection.execute(select(external_ca).where(external_ca.c.id == ca_id)).first()
    if row is None or not _sharing(external_ca_of(row)).covers(sharing):
        raise NotFoundError(
            _("The external CA does not exist."),
            remedy=_("Choose one that the tenant and organization of the type have."),
            field="external_ca_id",
        )
    if _anchor_for(connection, ca_id) is None:
        raise ConflictError(
            _("{name} is not verified, or not active.").format(name=row.name),
            remedy=_("Have it verified and activated, or choose another one."),
            field="external_ca_id",
        )
    return external_ca_of(row)


def _anchor_for(connection: Connection, ca_id: int) -> bytes | None:
    """The certificate (DER) that devices' certificates have to lead to, while it is trusted.

    It is as long as the CA is verified, active, and so are its tenant and organization.
    """
    query = select(external_ca.c.certificate).where(external_ca.c.id == ca_id, *TRUSTED)
    return connection.execute(query).scalar()


def check_device_certificate(
    connection: Connection,
    ca_id: int,
    leaf: bytes,
    candidates: Collection[bytes],
    now: datetime,
) -> tuple[bytes, ...]:
    """The chain from a device's factory certificate (DER) to the CA, judged at `now`.

    Raises `ClientCertificateError` when there is none, when the CA is not trusted, and for
    the certificate that once was its proof of possession.
    """
    anchor = _anchor_for(connection, ca_id)
    if anchor is None:
        raise ClientCertificateError(
            ChainFault.UNKNOWN_ISSUER,
            _("The external CA is not verified, or not active."),
            remedy=_("Verify or activate it on the page External CAs."),
        )
    chain = client_chain(connection, leaf, candidates, (anchor,), now)
    code = connection.execute(
        select(external_ca.c.challenge).where(external_ca.c.id == ca_id)
    ).scalar()
    if code is not None and is_proof(leaf, code):
        raise ClientCertificateError(
            ChainFault.INVALID,
            _("The certificate proved the possession of a CA's key; it identifies no device."),
        )
    return chain


def _sharing(ca: ExternalCa) -> Sharing:
    """Whose devices the CA is for, as device types say it."""
    access = Access.TENANT if ca.organization_id is None else Access.ORGANIZATION
    return Sharing(access, ca.tenant_id, ca.organization_id)
