"""API applications by the certificates they show (SYS-10, DEC-05)."""

from hashlib import sha256
from typing import Any

from sqlalchemy import Row, bindparam

from app.core.errors import AuthenticationError
from app.core.language import _
from app.models.db.tables import api_application, certificate
from app.models.domain.certificates import CertificateStatus
from app.models.services.applications.records import applications_with_owners
from app.models.services.authorities.authorities import Authorities
from app.models.services.authorities.revoked import client_chain
from app.models.services.store import Store

# Made once: building a statement costs as much as running it.
_HELD = (
    applications_with_owners()
    .add_columns(certificate.c.authority_id, certificate.c.status)
    .join(certificate, certificate.c.application_id == api_application.c.id)
    .where(certificate.c.fingerprint == bindparam("fingerprint"))
)


class ApplicationCertificates:
    """Tells applications by their certificates. Safe to share by threads."""

    def __init__(self, store: Store, authorities: Authorities) -> None:
        self._store = store
        self._authorities = authorities

    def holder(self, shown: bytes) -> Row[Any] | None:
        """The row of the application whose certificate (DER) this is; None for anybody else's.

        It has the columns of `applications_with_owners`. Nothing is proved by that yet, see
        `check`, and the application may be inactive.
        """
        fingerprint = sha256(shown).hexdigest()
        with self._store.database.read() as connection:
            return connection.execute(_HELD, {"fingerprint": fingerprint}).first()

    def check(self, holder: Row[Any], presented: tuple[bytes, ...]) -> None:
        """Raise unless the certificate of the `holder` (DER, its own first) is good.

        `ClientCertificateError` when it does not verify, `AuthenticationError` when it is revoked
        or on hold.
        """
        with self._store.database.read() as connection:
            chain = self._authorities.chain(connection, holder.authority_id)
            candidates = (*presented[1:], *chain[1:])
            now = self._store.clock.now()
            client_chain(connection, presented[0], candidates, chain[:1], now)
        if holder.status != CertificateStatus.ISSUED:
            raise AuthenticationError(
                _("The certificate of {name} is revoked or on hold.").format(name=holder.name),
                remedy=_("Issue the application a new one."),
            )
