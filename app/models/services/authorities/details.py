"""All that is known of one authority, decoded for people."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, func, select

from app.models.db.tables import authority, crl, template
from app.models.domain.access import Actor, Operation, require
from app.models.domain.authorities import Authority
from app.models.services.authorities.authorities import Authorities
from app.models.services.authorities.records import authority_of, no_authority
from app.models.services.authorities.revoked import revoked_certificates
from app.models.services.sharing import visible
from app.models.services.store import Store
from app.pki.certificates import certificate_to_pem, read_certificate
from app.pki.subjects import subject_text


@dataclass(frozen=True)
class AuthorityDetails:
    """An authority with what its certificate says and what hangs on it.

    `chain` are certificates (DER) from its own up to the root, `chain_subjects` whose they are.
    `templates` counts those within reach. `broken` says that it is revoked, or one above it.
    `crl_number` is None while no list was signed.
    """

    authority: Authority
    subject: str
    issuer: str
    serial: str
    fingerprint: str
    algorithm: str
    not_before: datetime
    not_after: datetime
    path_length: int | None
    chain: tuple[bytes, ...] = field(repr=False)
    chain_subjects: tuple[str, ...]
    templates: int
    crl_number: int | None
    crl_at: datetime | None
    broken: bool

    @property
    def certificate_pem(self) -> bytes:
        """The certificate in PEM armour."""
        return certificate_to_pem(self.authority.certificate)

    @property
    def chain_pem(self) -> bytes:
        """The certificates from this one up to the root, in PEM armour."""
        return b"".join(certificate_to_pem(der) for der in self.chain)


class DetailsOfAuthorities:
    """Reads what the list does not show."""

    def __init__(self, store: Store, authorities: Authorities) -> None:
        self._store = store
        self._authorities = authorities

    def of(self, actor: Actor, authority_id: int) -> AuthorityDetails:
        """One authority; `NotFoundError` when there is none the actor may see."""
        require(actor, Operation.AUTHORITY_VIEW)
        seen = visible(actor, Operation.AUTHORITY_VIEW, authority)
        query = select(authority).where(authority.c.id == authority_id, seen)
        with self._store.read(actor) as connection:
            row = connection.execute(query).first()
            if row is None:
                raise no_authority()
            info = self._authorities.certificate_info(connection, authority_id)
            chain = self._authorities.chain(connection, authority_id)
            query = select(crl.c.number, crl.c.this_update).where(
                crl.c.authority_id == authority_id, crl.c.partition == 0
            )
            signed = connection.execute(query).first()
            return AuthorityDetails(
                authority=authority_of(row),
                subject=subject_text(info.subject),
                issuer=subject_text(info.issuer),
                serial=info.serial_hex,
                fingerprint=info.fingerprint,
                algorithm=info.algorithm.label if info.algorithm else "",
                not_before=info.not_before,
                not_after=info.not_after,
                path_length=info.path_length,
                chain=chain,
                chain_subjects=tuple(subject_text(read_certificate(der).subject) for der in chain),
                templates=_count_templates(connection, actor, authority_id),
                crl_number=signed.number if signed else None,
                crl_at=signed.this_update if signed else None,
                broken=row.certificate in revoked_certificates(connection),
            )


def _count_templates(connection: Connection, actor: Actor, authority_id: int) -> int:
    query = select(func.count(template.c.id)).where(
        template.c.authority_id == authority_id,
        visible(actor, Operation.TEMPLATE_VIEW, template),
    )
    return connection.execute(query).scalar_one()
