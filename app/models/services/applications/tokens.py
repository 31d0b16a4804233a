"""Access tokens of the REST API: an application signs in once and acts with a token for a while.

A token says who it is for and until when, under a MAC: any process of the workspace can check
it, and none has to keep it. One got with a certificate is good with that certificate only
(RFC 8705 section 3), one got with an AppKey as long as an AppKey of that time is good.
"""

import hmac
import re
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from app.core.errors import AccessDeniedError, AuthenticationError, NotFoundError
from app.core.language import _
from app.models.db.tables import api_application, certificate, organization
from app.models.domain.access import Actor, Channel
from app.models.domain.certificates import CertificateStatus
from app.models.services.applications.applications import Applications
from app.models.services.applications.certificates import ApplicationCertificates
from app.models.services.applications.records import applications_with_owners
from app.models.services.applications.sign_in import check_active, good_keys, record_use
from app.models.services.store import CLOCK_TOLERANCE, Store

LIFETIME = timedelta(minutes=10)
_PURPOSE = "access token"
_NO_CERTIFICATE = "-"
_TOKEN = re.compile(
    r"(?P<said>(?P<application>[1-9][0-9]{0,17})\.(?P<until>[0-9]{1,12})"
    r"\.(?P<certificate>[0-9a-f]{64}|-))\.(?P<mac>[0-9a-f]{64})",
    re.ASCII,
).fullmatch

# Made once: building a statement costs as much as running it.
_APPLICATION = applications_with_owners().where(api_application.c.id == bindparam("application_id"))
_GOOD_CERTIFICATE = select(certificate.c.id).where(
    certificate.c.fingerprint == bindparam("fingerprint"),
    certificate.c.application_id == bindparam("application_id"),
    certificate.c.status == CertificateStatus.ISSUED.value,
)
_ORGANIZATION = select(organization.c.tenant_id, organization.c.active).where(
    organization.c.id == bindparam("organization_id")
)


@dataclass(frozen=True)
class ApiToken:
    """A token and how long it is good, in seconds."""

    text: str = field(repr=False)
    seconds: int


class ApiTokens:
    """Signs applications in to the REST API. Safe to share by threads."""

    def __init__(
        self,
        store: Store,
        applications: Applications,
        certificates: ApplicationCertificates,
    ) -> None:
        self._store = store
        self._applications = applications
        self._certificates = certificates

    def by_key(self, app_id: str, app_key: str, address: str) -> ApiToken:
        """A token for AppID and AppKey; raises as `Applications.authenticate` does."""
        actor = self._applications.authenticate(app_id, app_key, Channel.API, address)
        with self._store.database.read() as connection:
            row = _application(connection, actor.application_id)
        return self._token(row, _NO_CERTIFICATE, row.key_hash)

    def by_certificate(self, presented: tuple[bytes, ...], address: str) -> ApiToken:
        """A token for the application's certificate (DER, its own first), good with it only.

        Raises what `ApplicationCertificates.check` raises, and `AuthenticationError` when it is
        nobody's or the application is not active; the audit log tells of it.
        """
        try:
            row = self._holder(presented)
        except AuthenticationError as error:
            self._applications.record_refusal(Channel.API, address, error)
            raise
        record_use(self._store, row, _actor(row, row.organization_id, address), first=False)
        return self._token(row, sha256(presented[0]).hexdigest())

    def actor(
        self, token: str, presented: tuple[bytes, ...], organization_id: int, address: str
    ) -> Actor:
        """The application that a token is for, acting in one organization.

        Raises `AuthenticationError` for a token that is wrong, over or shown without its
        certificate, and for an application that is not active any more; `NotFoundError` for an
        organization where it has nothing to do, `AccessDeniedError` for one that is inactive.
        """
        found = _TOKEN(token)
        if found is None:
            raise _not_good()
        with self._store.database.read() as connection:
            row = _application(connection, int(found["application"]))
            self._check(found, row)
            if found["certificate"] != _NO_CERTIFICATE:
                _check_shown(connection, row.id, found["certificate"], presented)
            check_active(row)
            owner = connection.execute(_ORGANIZATION, {"organization_id": organization_id}).first()
        mine = owner is not None and owner.tenant_id == row.tenant_id
        if owner is None or not mine or row.organization_id not in (None, organization_id):
            raise NotFoundError(_("There is no such organization for this application."))
        if not owner.active:
            raise AccessDeniedError(
                _("The organization is not active."),
                remedy=_("Choose another one, or have it activated."),
            )
        return _actor(row, organization_id, address)

    def _holder(self, presented: tuple[bytes, ...]) -> Row[Any]:
        """The row of the active application whose certificate this is."""
        holder = self._certificates.holder(presented[0])
        if holder is None:
            raise AuthenticationError(
                _("The certificate is not that of an API application."),
                remedy=_("Show the certificate that was issued to the application."),
            )
        self._certificates.check(holder, presented)
        check_active(holder)
        return holder

    def _token(self, row: Row[Any], fingerprint: str, key_hash: str = "") -> ApiToken:
        until = self._store.clock.now() + LIFETIME
        said = f"{row.id}.{int(until.timestamp())}.{fingerprint}"
        return ApiToken(f"{said}.{self._mac(said, key_hash)}", int(LIFETIME.total_seconds()))

    def _check(self, found: re.Match[str], row: Row[Any]) -> None:
        """Raise unless the token was made here, with a key that is still good, and is not over.

        One that is good for longer than any is made for comes from before the clock was set back.
        """
        now = self._store.clock.now()
        by_key = found["certificate"] == _NO_CERTIFICATE
        macs = (self._mac(found["said"], one) for one in (good_keys(row, now) if by_key else ("",)))
        left = int(found["until"]) - now.timestamp()
        in_time = 0 < left <= (LIFETIME + CLOCK_TOLERANCE).total_seconds()
        if not any(hmac.compare_digest(found["mac"], mac) for mac in macs) or not in_time:
            raise _not_good()

    def _mac(self, said: str, key_hash: str) -> str:
        return self._store.vault.mac(f"{said}.{key_hash}".encode(), _PURPOSE).hex()


def _application(connection: Connection, application_id: int | None) -> Row[Any]:
    row = connection.execute(_APPLICATION, {"application_id": application_id}).first()
    if row is None:
        raise _not_good()
    return row


def _check_shown(
    connection: Connection, application_id: int, fingerprint: str, presented: tuple[bytes, ...]
) -> None:
    shown = sha256(presented[0]).hexdigest() if presented else ""
    wanted = {"fingerprint": fingerprint, "application_id": application_id}
    if shown != fingerprint or connection.execute(_GOOD_CERTIFICATE, wanted).first() is None:
        raise _not_good()


def _actor(row: Row[Any], organization_id: int | None, address: str) -> Actor:
    return Actor(
        row.name,
        Channel.API,
        tenant_id=row.tenant_id,
        organization_id=organization_id,
        address=address,
        application_id=row.id,
    )


def _not_good() -> AuthenticationError:
    return AuthenticationError(
        _("The access token is not good, or not any more."),
        remedy=_("Sign in again at /v2/auth."),
    )
