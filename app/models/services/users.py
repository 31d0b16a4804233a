"""People who sign in: making them, signing in, changing the password."""

from typing import Any

from sqlalchemy import Row, select, update

from app.core.errors import AuthenticationError, InvalidInputError
from app.core.language import _
from app.models.db import tables
from app.models.domain.access import (
    Actor,
    Channel,
    Operation,
    Reach,
    Role,
    Scope,
    reach,
    require,
)
from app.models.domain.passwords import check_password
from app.models.domain.users import User
from app.models.services.names import check_new_name
from app.models.services.sharing import check_owners
from app.models.services.store import Store
from app.models.services.throttle import Throttle
from app.pki.passwords import hash_password, refuse_unknown, verify_password
from app.pki.sealing import KdfCost

# What each role's part of the workspace is: whether it names a tenant, and an organization.
_PARTS = {
    Role.ADMIN: (False, False),
    Role.AUDITOR: (False, False),
    Role.TENANT_ADMIN: (True, False),
    Role.TENANT_AUDITOR: (True, False),
    Role.TENANT_OPERATOR: (True, False),
    Role.ORGANIZATION_OPERATOR: (True, True),
}
_NOBODY = "unknown"


class Users:
    """Makes, lists and authenticates users. Passwords are kept as Argon2id hashes."""

    def __init__(self, store: Store, cost: KdfCost) -> None:
        self._store = store
        self._cost = cost
        self._throttle = Throttle(store.clock)

    def create(
        self,
        actor: Actor,
        name: str,
        password: str,
        role: Role,
        *,
        tenant_id: int | None = None,
        organization_id: int | None = None,
    ) -> User:
        """Make an active user.

        Raises `InvalidInputError` for a bad name or password or a part of the workspace that
        does not fit the role, `ConflictError` for a taken name (case does not matter).
        """
        require(actor, Operation.USER_MANAGE, Scope(tenant_id, organization_id))
        if (tenant_id is not None, organization_id is not None) != _PARTS[role]:
            raise InvalidInputError(
                _("The tenant and organization do not fit the role."),
                remedy=_("Tenant roles name a tenant, organization operators both, others none."),
                field="tenant_id",
            )
        check_password(password, name)
        password_hash = hash_password(password, self._cost)
        table = tables.user
        with self._store.change(actor) as change:
            check_new_name(change, table.c.name, name)
            if tenant_id is not None and organization_id is not None:
                check_owners(change.connection, tenant_id, organization_id)
            values = {
                "name": name,
                "role": role.value,
                "tenant_id": tenant_id,
                "organization_id": organization_id,
                "password_hash": password_hash,
                "active": True,
            }
            user = User(change.insert(table, values), name, role, tenant_id, organization_id)
            change.audit("user.create", "user", user.id, name, after={"role": role.value})
        return user

    def users(self, actor: Actor) -> tuple[User, ...]:
        """Every user within the actor's reach, by name."""
        require(actor, Operation.USER_VIEW)
        table = tables.user
        query = select(table).order_by(table.c.name)
        if reach(actor, Operation.USER_VIEW) is not Reach.ALL:
            query = query.where(table.c.tenant_id == actor.tenant_id)
        with self._store.read(actor) as connection:
            return tuple(_user(row) for row in connection.execute(query))

    def sign_in(self, name: str, password: str, channel: Channel, address: str = "") -> Actor:
        """The actor that the user with this name and password is.

        Raises `ThrottledError` while the name has to wait after failures, and
        `AuthenticationError` that does not tell an unknown name from a wrong password.
        """
        self._throttle.check(name)
        row = self._find(name)
        try:
            user = self._verify(row, password)
        except AuthenticationError as error:
            self._throttle.failed(name)
            # A name nobody has may be a password typed into the wrong box: it is not recorded.
            known = row.name if row else _NOBODY
            with self._store.change(Actor(known, channel, address=address)) as change:
                change.audit(
                    "user.sign-in",
                    "user",
                    row.id if row else None,
                    known,
                    outcome="refused",
                    reason=error.problem,
                )
            raise
        self._throttle.succeeded(name)
        with self._store.change(user.actor(channel, address)) as change:
            change.audit("user.sign-in", "user", user.id, user.name)
        return user.actor(channel, address)

    def change_password(self, actor: Actor, old: str, new: str) -> None:
        """Give the acting user another password; raises as `sign_in` and `create` do."""
        self._throttle.check(actor.name)
        try:
            user = self._verify(self._find(actor.name), old)
        except AuthenticationError:
            self._throttle.failed(actor.name)
            raise
        self._throttle.succeeded(actor.name)
        check_password(new, actor.name)
        password_hash = hash_password(new, self._cost)
        table = tables.user
        with self._store.change(actor) as change:
            change.connection.execute(
                update(table).where(table.c.id == user.id).values(password_hash=password_hash)
            )
            change.audit("user.change-password", "user", user.id, user.name)

    def _find(self, name: str) -> Row[Any] | None:
        query = select(tables.user).where(tables.user.c.name == name)
        with self._store.database.read() as connection:
            return connection.execute(query).first()

    def _verify(self, row: Row[Any] | None, password: str) -> User:
        """The user, when the password is right and the user active."""
        if row is None:
            refuse_unknown(password, self._cost)
        verify_password(password, row.password_hash)
        if not row.active:
            raise AuthenticationError(
                _("This user is not active."), remedy=_("Ask an administrator."), field="name"
            )
        return _user(row)


def _user(row: Row[Any]) -> User:
    return User(row.id, row.name, Role(row.role), row.tenant_id, row.organization_id, row.active)
