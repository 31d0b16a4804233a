"""Lets applications in by AppID and AppKey (SYS-10, DEC-05, DEC-23)."""

import re
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, NoReturn

from sqlalchemy import Row, bindparam, update

from app.core.errors import AuthenticationError
from app.core.language import _
from app.models.db.tables import api_application
from app.models.domain.access import Actor, Channel
from app.models.services.applications.records import applications_with_owners
from app.models.services.audit.refusals import RefusalLimit, left_out_before
from app.models.services.recognition import RecognisedSecrets
from app.models.services.store import Store
from app.models.services.throttle import Throttle
from app.pki.passwords import refuse_unknown, verify_password
from app.pki.sealing import KdfCost

LAST_USED_STEP = timedelta(minutes=1)
_APP_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_UNKNOWN = "unknown"

# Made once: building a statement costs as much as running it.
_FIND = applications_with_owners().where(api_application.c.app_id == bindparam("app_id"))


class ApplicationSignIn:
    """Checks AppID and AppKey. Safe to share by threads."""

    def __init__(self, store: Store, cost: KdfCost) -> None:
        self._store = store
        self._cost = cost
        self._throttle = Throttle(store.clock)
        self._recognised = RecognisedSecrets()
        self._limit = RefusalLimit(store.clock)

    def authenticate(self, app_id: str, app_key: str, channel: Channel, address: str) -> Actor:
        """The actor that the application is; see `Applications.authenticate`.

        The audit log tells of every refusal, and of the first time a key is good: a client
        shows its key with every request.
        """
        row = self._find(app_id)
        # AppIDs that nobody has count as one: trying them costs as much as trying keys.
        place = f"{channel.value} {address} {'' if row is None else app_id}"
        self._throttle.check(place)
        try:
            if row is None:
                self._refuse_unknown(app_key)
            first = self._check(row, app_key)
        except AuthenticationError as error:
            self._throttle.failed(place)
            self.record_refusal(row, channel, address, error)
            raise
        self._throttle.succeeded(place)
        actor = Actor(
            row.name,
            channel,
            tenant_id=row.tenant_id,
            organization_id=row.organization_id,
            address=address,
            application_id=row.id,
        )
        record_use(self._store, row, actor, first=first)
        return actor

    def _find(self, app_id: str) -> Row[Any] | None:
        if not _APP_ID.fullmatch(app_id):
            return None
        with self._store.database.read() as connection:
            return connection.execute(_FIND, {"app_id": app_id}).first()

    def _refuse_unknown(self, app_key: str) -> NoReturn:
        try:
            refuse_unknown(app_key, self._cost)
        except AuthenticationError:
            raise _wrong() from None

    def _check(self, row: Row[Any], app_key: str) -> bool:
        """Raise unless the key is good and may be used; whether that was news."""
        news = self._check_key(row, app_key)
        check_active(row)
        return news

    def _check_key(self, row: Row[Any], app_key: str) -> bool:
        good = good_keys(row, self._store.clock.now())
        if any(self._recognised.knows(stored, app_key) for stored in good):
            return False
        for stored in good:
            with suppress(AuthenticationError):
                verify_password(app_key, stored)
                self._recognised.remember(stored, app_key)
                return True
        raise _wrong()

    def record_refusal(
        self, row: Row[Any] | None, channel: Channel, address: str, error: AuthenticationError
    ) -> None:
        """Keep in the audit log that an application, or somebody unknown, was not let in."""
        left_out = self._limit.admit(address)
        if left_out is None:
            return
        # An AppID nobody has may be an AppKey in the wrong place: it is not recorded.
        name, id_ = (_UNKNOWN, None) if row is None else (row.name, row.id)
        with self._store.change(Actor(name, channel, address=address)) as change:
            change.audit(
                "application.sign-in",
                "application",
                id_,
                name,
                outcome="refused",
                reason=error.problem,
                after=left_out_before(left_out),
            )


def good_keys(row: Row[Any], now: datetime) -> tuple[str, ...]:
    """The slow hashes of the AppKeys that an application may use, the newest first."""
    if row.previous_key_until and now < row.previous_key_until:
        return row.key_hash, row.previous_key_hash
    return (row.key_hash,)


def check_active(row: Row[Any]) -> None:
    """Raise `AuthenticationError` unless an application and its owners are active."""
    if not row.active or not row.tenant_active or row.organization_active is False:
        raise AuthenticationError(
            _("This application is not active."), remedy=_("Ask an administrator.")
        )


def record_use(store: Store, row: Row[Any], actor: Actor, *, first: bool) -> None:
    """Keep when the application was here last, to the minute; audited the `first` time."""
    now = store.clock.now()
    used = row.last_used_at
    if not first and used is not None and now - used < LAST_USED_STEP:
        return
    with store.change(actor) as change:
        change.connection.execute(
            update(api_application)
            .where(api_application.c.id == row.id)
            .values(last_used_at=change.now)
        )
        if first:
            change.audit("application.sign-in", "application", row.id, row.name)


def _wrong() -> AuthenticationError:
    return AuthenticationError(_("The AppID or the AppKey is wrong."))
