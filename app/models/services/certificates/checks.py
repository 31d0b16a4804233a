"""A second look at any certificate: what it says, who signed it, whether it can be relied on."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import Connection, select

from app.models.db.tables import authority, certificate
from app.models.domain.access import Actor, Operation, require
from app.models.domain.certificates import Certificate
from app.models.services.authorities.authorities import Authorities
from app.models.services.authorities.revoked import revoked_certificates
from app.models.services.certificates.records import (
    certificate_of,
    certificates_in_reach,
    select_certificates,
)
from app.models.services.sharing import visible
from app.models.services.store import Store
from app.pki.certificate_text import describe_certificate
from app.pki.certificates import CertificateInfo, read_certificate
from app.pki.chains import order_chain
from app.pki.descriptions import Section
from app.pki.formats import certificates_in
from app.pki.lint import LintFinding, lint_certificate
from app.pki.subjects import subject_text


class Timeliness(StrEnum):
    """How a moment lies to a validity."""

    BEFORE = "before"
    WITHIN = "within"
    AFTER = "after"


@dataclass(frozen=True)
class CertificateCheck:
    """What is found out about a certificate (DER) that somebody brought.

    `known` is its record, None when it was not issued here or is out of reach. `chain` leads
    from its issuer up, as far as authorities of this workspace signed; `authority` is the name
    of the first of them, empty when none did. `chain_timeliness` is that of the authority
    that is out of its time, if one is; `chain_revoked` says that one of them is revoked,
    or the certificate is that of such an authority. `trailing` counts certificates that came
    with it.
    """

    certificate: bytes
    subject: str
    not_before: datetime
    not_after: datetime
    sections: tuple[Section, ...]
    known: Certificate | None
    chain: tuple[bytes, ...]
    authority: str
    timeliness: Timeliness
    chain_timeliness: Timeliness
    chain_revoked: bool
    findings: tuple[LintFinding, ...]
    trailing: int


class CertificateChecks:
    """Checks certificates against this workspace. Safe to share by threads."""

    def __init__(self, store: Store, authorities: Authorities) -> None:
        self._store = store
        self._authorities = authorities

    def check(self, actor: Actor, data: bytes) -> CertificateCheck:
        """Check the first certificate in `data` (PEM, DER, base64 or PKCS#7).

        Only authorities of this workspace count as issuers: what comes with the certificate
        proves nothing. Raises `InvalidInputError` when there is no certificate in it.
        """
        require(actor, Operation.CERTIFICATE_VIEW)
        leaf, *others = certificates_in(data)
        with self._store.read(actor) as connection:
            known = self._known(connection, actor, leaf)
            names, pool = self._issuers(connection, actor)
            if known is not None:
                pool.update(self._authorities.chain(connection, known.authority_id))
            revoked = revoked_certificates(connection)
        chain = order_chain(leaf, pool)
        above = tuple(read_certificate(der) for der in chain[1:])
        info = read_certificate(leaf)
        untimely = [found for found in map(self._timeliness, above) if found != Timeliness.WITHIN]
        return CertificateCheck(
            certificate=leaf,
            subject=subject_text(info.subject),
            not_before=info.not_before,
            not_after=info.not_after,
            sections=describe_certificate(leaf),
            known=known,
            chain=chain[1:],
            authority=next((names[der] for der in chain if der in names), ""),
            timeliness=self._timeliness(info),
            chain_timeliness=untimely[0] if untimely else Timeliness.WITHIN,
            chain_revoked=not revoked.isdisjoint(chain),
            findings=lint_certificate(leaf),
            trailing=len(others),
        )

    def _known(self, connection: Connection, actor: Actor, der: bytes) -> Certificate | None:
        wanted = select_certificates(with_der=False).where(
            certificate.c.fingerprint == sha256(der).hexdigest(),
            *certificates_in_reach(actor, Operation.CERTIFICATE_VIEW),
        )
        row = connection.execute(wanted).first()
        return None if row is None else certificate_of(row, self._store.clock.now())

    def _issuers(self, connection: Connection, actor: Actor) -> tuple[dict[bytes, str], set[bytes]]:
        """Names of the authorities offered to the actor by certificate, and all of their chains."""
        offered = visible(actor, Operation.CERTIFICATE_VIEW, authority)
        columns = (authority.c.id, authority.c.name, authority.c.certificate)
        names: dict[bytes, str] = {}
        pool: set[bytes] = set()
        for row in connection.execute(select(*columns).where(offered)):
            names[row.certificate] = row.name
            pool.update(self._authorities.chain(connection, row.id))
        return names, pool

    def _timeliness(self, info: CertificateInfo) -> Timeliness:
        now = self._store.clock.now()
        if now < info.not_before:
            return Timeliness.BEFORE
        return Timeliness.AFTER if now >= info.not_after else Timeliness.WITHIN
