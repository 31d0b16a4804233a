"""API applications by the certificates they show (SYS-10, DEC-05)."""

from hashlib import sha256
from typing import Any

from sqlalchemy import Row, bindparam, select

from app.core.errors import AuthenticationError
from app.core.language import _
from app.models.db.tables import api_application, certificate
from app.models.domain.certificates import CertificateStatus
from app.models.services.authorities import Authorities
from app.models.services.revoked_authorities import client_chain
from app.models.services.store import Store

# Made once: building a statement costs as much as running it.
_HELD = (
    select(api_application, certificate.c.authority_id, certificate.c.status)
    .join(api_application, api_application.c.id == certificate.c.application_id)
    .where(certificate.c.fingerprint == bindparam("fingerprint"))
)


class ApplicationCertificates:
    """Tells applications by their certificates. Safe to share by threads."""

    def __init__(self, store: Store, authorities: Authorities) -> None:
        self._store = store
        self._authorities = authorities

    def holder(self, presented: tuple[bytes, ...]) -> Row[Any] | None:
        """The row of the application whose certificate this is (DER, its own first); else None.

        Whether the application is active is not looked at. Raises `ClientCertificateError` when
        the certificate does not verify and `AuthenticationError` when it is revoked or on hold.
        """
        fingerprint = sha256(presented[0]).hexdigest()
        with self._store.database.read() as connection:
            row = connection.execute(_HELD, {"fingerprint": fingerprint}).first()
            if row is None:
                return None
            chain = self._authorities.chain(connection, row.authority_id)
            candidates = (*presented[1:], *chain[1:])
            now = self._store.clock.now()
            client_chain(connection, presented[0], candidates, chain[:1], now)
        if row.status != CertificateStatus.ISSUED:
            raise AuthenticationError(
                _("The certificate of {name} is revoked or on hold.").format(name=row.name),
                remedy=_("Issue the application a new one."),
            )
        return row
