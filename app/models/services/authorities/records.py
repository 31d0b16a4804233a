"""Authorities in the database: read one, add one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from app.core.errors import ConflictError, InvalidInputError, NotFoundError
from app.core.language import _
from app.models.db.tables import authority, authority_request
from app.models.domain.access import Actor, Sharing
from app.models.domain.authorities import Authority, KeyStore
from app.models.domain.events import EntityChanged
from app.models.services.authorities.keys import address_of
from app.models.services.names import check_new_name, unused_id
from app.models.services.sharing import sharing_columns, sharing_of
from app.models.services.store import Change, Store
from app.pki.certificates import CertificateInfo, read_certificate
from app.pki.revocation import RevocationReason
from app.pki.subjects import Subject, check_attribute, subject_text

# Made once: building a statement costs as much as running it.
_BY_ID = select(authority).where(authority.c.id == bindparam("authority_id"))


def authority_row(connection: Connection, authority_id: int) -> Row[Any]:
    """The row of an authority, whoever asks; raises `NotFoundError`."""
    row = connection.execute(_BY_ID, {"authority_id": authority_id}).first()
    if row is None:
        raise no_authority()
    return row


def authority_of(row: Row[Any]) -> Authority:
    """The authority in a row."""
    return Authority(
        row.id,
        row.name,
        row.certificate,
        row.issuer_id,
        row.active,
        sharing_of(row),
        key_store_of(row),
        address_of(row),
        row.predecessor_id,
        row.crl_hours,
        row.crl_partition_size,
        row.revoked_at,
        None if row.revocation_reason is None else RevocationReason(row.revocation_reason),
        row.invalid_since,
    )


def key_store_of(row: Row[Any]) -> KeyStore:
    """Where the key of a row is."""
    if row.key_secret_id is not None:
        return KeyStore.SOFTWARE
    return KeyStore.ELSEWHERE if row.key_address is None else KeyStore.TOKEN


def add_authority(
    change: Change,
    name: str,
    certificate: bytes,
    sharing: Sharing,
    *,
    issuer_id: int | None,
    key: Mapping[str, Any],
    predecessor_id: int | None = None,
) -> Authority:
    """Insert an active authority and audit it. `key` is what `kept_columns` returned.

    Raises `ConflictError` for a taken name and for a key that is known to be compromised.
    """
    check_new_name(change, authority.c.name, name)
    info = read_certificate(certificate)
    _check_key(change.connection, info)
    values = {
        "id": unused_id(change, authority, "authority"),
        "name": name,
        "certificate": certificate,
        "issuer_id": issuer_id,
        "active": True,
        "predecessor_id": predecessor_id,
        **key,
        **sharing_columns(change.connection, sharing),
    }
    added = authority_of(authority_row(change.connection, change.insert(authority, values)))
    change.audit(
        "authority.create",
        "authority",
        added.id,
        name,
        after={
            "subject": subject_text(info.subject),
            "issuer": subject_text(info.issuer),
            "serial": info.serial_hex,
            "fingerprint": info.fingerprint,
            "not_after": info.not_after.isoformat(),
            "key": added.key_store.value,
        },
    )
    change.publish(EntityChanged("authority", added.id))
    return added


def _check_key(connection: Connection, info: CertificateInfo) -> None:
    compromised = authority.c.revocation_reason == RevocationReason.CA_COMPROMISE.value
    known = connection.scalars(select(authority.c.certificate).where(compromised))
    if info.public_key in {read_certificate(der).public_key for der in known}:
        raise ConflictError(
            _("The key of this authority must not be used any more."),
            cause=_("An authority with it was revoked as the key was compromised."),
            remedy=_("Make a new key."),
        )


def check_beforehand(  # noqa: PLR0917  all that can be wrong
    store: Store,
    actor: Actor,
    name: str,
    subject: Subject,
    sharing: Sharing,
    not_after: datetime | None = None,
) -> None:
    """Raise what making an authority, or a request for one, would raise after its key is made.

    A key made on a token for nothing would stay there.
    """
    store.vault.check_unlocked()
    if not subject:
        raise InvalidInputError(_("An authority needs a subject."), field="subject")
    for attribute in subject:
        check_attribute(attribute)
    with store.change(actor) as change:
        check_new_name(change, authority.c.name, name)
        check_new_name(change, authority_request.c.name, name)  # its authority will bear it
        sharing_columns(change.connection, sharing)
        if not_after is not None:
            change.check_clock()
            check_end(change, not_after)


def check_end(change: Change, not_after: datetime) -> None:
    """Raise `InvalidInputError` for an authority that would have ended already."""
    if not_after <= change.now:
        raise InvalidInputError(_("The authority would end before it begins."), field="not_after")


def no_authority() -> NotFoundError:
    """The refusal for an authority that is not there, or not for whoever asks."""
    return NotFoundError(
        _("The authority does not exist."), remedy=_("Choose one from the list of authorities.")
    )
