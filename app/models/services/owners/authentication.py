"""Showing who one is by a password: attempts counted by place, refusals recorded."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Row, select

from app.core.errors import AuthenticationError, InvalidInputError
from app.core.language import _
from app.models.db.tables import user
from app.models.domain.access import Actor, Channel
from app.models.domain.passwords import check_password
from app.models.domain.users import CertificateNeededError, PasswordChangeNeededError
from app.models.services.sharing import owner_active
from app.models.services.store import Store
from app.models.services.throttle import Throttle
from app.pki.passwords import hash_password, refuse_unknown, verify_password
from app.pki.sealing import KdfCost

_NOBODY = "unknown"


class Authentication:
    """Checks passwords of people.

    After wrong ones a place has to wait, and never a name: from elsewhere its owner still gets
    in.
    """

    def __init__(self, store: Store, cost: KdfCost) -> None:
        self._store = store
        self._cost = cost
        self._throttle = Throttle(store.clock)

    @contextmanager
    def attempt(self, action: str, name: str, channel: Channel, address: str) -> Iterator[None]:
        """Inside, an `AuthenticationError` is a failed attempt of `name`; it is recorded.

        Raises `ThrottledError` at once while the place has to wait. Asking for more after the
        right password is no failure.
        """
        place = f"{channel.value} {address}"
        self._throttle.check(place)
        try:
            yield
        except (PasswordChangeNeededError, CertificateNeededError):
            raise
        except AuthenticationError as error:
            self._throttle.failed(place, name)
            self._record_refusal(action, name, channel, address, error.problem)
            raise
        self._throttle.succeeded(place, name)

    def verified(self, name: str, password: str) -> Row[Any]:
        """The row of the user with this password; an unknown name costs as much as a known one.

        Raises `AuthenticationError` that does not tell one from the other.
        """
        row = self._find(name)
        if row is None:
            refuse_unknown(password, self._cost)
        verify_password(password, row.password_hash)
        return row

    def confirm(self, actor: Actor, password: str) -> None:
        """Raise unless the acting person knows their password."""
        with self.attempt("user.confirm", actor.name, actor.channel, actor.address):
            self.verified(actor.name, password)

    def given(self, name: str, password: str, *, must_change: bool) -> dict[str, Any]:
        """The columns of a password that an administrator gives.

        Raises `InvalidInputError`, field `password`, when it is no good.
        """
        check_password(password, name)
        return self._columns(password, must_change=must_change)

    def chosen(self, name: str, old: str, new: str) -> dict[str, Any]:
        """The columns of a password that a person chooses.

        Raises `InvalidInputError`, field `new_password`, when it is no good or the old one.
        """
        check_password(new, name, "new_password")
        if new == old:
            raise InvalidInputError(
                _("That is the password you have."),
                remedy=_("Choose another one."),
                field="new_password",
            )
        return self._columns(new, must_change=False)

    def _columns(self, password: str, *, must_change: bool) -> dict[str, Any]:
        return {
            "password_hash": hash_password(password, self._cost),
            "must_change_password": must_change,
        }

    def _find(self, name: str) -> Row[Any] | None:
        if not name.isprintable():  # no name is like that, and databases stumble over some
            return None
        with self._store.database.read() as connection:
            return connection.execute(select(user).where(user.c.name == name)).first()

    def _record_refusal(
        self, action: str, name: str, channel: Channel, address: str, reason: str
    ) -> None:
        """A name nobody has may be a password typed into the wrong box: it is not recorded."""
        row = self._find(name)
        known = row.name if row else _NOBODY
        user_id = row.id if row else None
        with self._store.change(Actor(known, channel, address=address)) as change:
            change.audit(action, "user", user_id, known, outcome="refused", reason=reason)


def check_active(connection: Connection, row: Row[Any]) -> None:
    """Raise unless the user is active, and the tenant and organization they belong to."""
    query = select(user.c.id).where(user.c.id == row.id, user.c.active, owner_active(user))
    if connection.execute(query).first() is None:
        raise AuthenticationError(
            _("This user is not active."), remedy=_("Ask an administrator."), field="name"
        )


def check_unchanged(connection: Connection, row: Row[Any]) -> None:
    """Raise when the user was switched off or changed while the password was checked."""
    check_active(connection, row)
    columns = (
        user.c.name,
        user.c.password_hash,
        user.c.certificate,
        user.c.role,
        user.c.tenant_id,
        user.c.organization_id,
    )
    now = connection.execute(select(*columns).where(user.c.id == row.id)).one()
    if tuple(now) != tuple(getattr(row, column.name) for column in columns):
        raise AuthenticationError(
            _("The user was changed at the same time."), remedy=_("Sign in again.")
        )
