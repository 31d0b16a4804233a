"""People who sign in: making and changing them, signing in, and one's own profile."""

from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from app.config.paths import resources_folder
from app.core.errors import InvalidInputError
from app.core.language import _, languages
from app.models.db.tables import user, user_session
from app.models.domain.access import Actor, Channel, Operation, Role, Scope, require
from app.models.domain.events import EntityChanged
from app.models.domain.users import PasswordChangeNeededError, Proof, User, UserRow
from app.models.services.lifecycle import remove, switch
from app.models.services.listing import ListQuery, count_of, page_of
from app.models.services.names import check_new_name, unused_id
from app.models.services.owners.authentication import Authentication, check_active, check_unchanged
from app.models.services.owners.second_factor import check_proof, check_usable
from app.models.services.owners.sessions import end_sessions, start_session
from app.models.services.owners.user_records import (
    LISTED,
    SEARCHED,
    SORTED_BY,
    check_admin_remains,
    check_name_never_used,
    check_part,
    other_user_row,
    part_told,
    user_of,
    user_row,
    within_reach,
)
from app.models.services.sharing import check_owners
from app.models.services.store import Change, Store
from app.pki.sealing import KdfCost


class Users:
    """Makes, lists and authenticates users. Passwords are kept as Argon2id hashes.

    A user out of the actor's reach is answered with `NotFoundError`, as one that is not there.
    """

    def __init__(self, store: Store, cost: KdfCost) -> None:
        self._store = store
        self._authentication = Authentication(store, cost)

    def create(
        self,
        actor: Actor,
        name: str,
        password: str,
        role: Role,
        *,
        tenant_id: int | None = None,
        organization_id: int | None = None,
        must_change: bool = True,
    ) -> User:
        """Make an active user, who has to choose another password at once if they must change it.

        Raises `InvalidInputError` for a bad name or password or a part of the workspace that
        does not fit the role, `ConflictError` for a name taken now or before (whatever its case).
        """
        require(actor, Operation.USER_MANAGE, Scope(tenant_id, organization_id))
        check_part(role, tenant_id, organization_id)
        secret = self._authentication.given(name, password, must_change=must_change)
        part = _part(role, tenant_id, organization_id)
        with self._store.change(actor) as change:
            check_new_name(change, user.c.name, name)
            check_name_never_used(change, name)
            if tenant_id is not None:
                check_owners(change.connection, tenant_id, organization_id)
            new = {"id": unused_id(change, user, "user"), "name": name, "active": True}
            user_id = change.insert(user, new | part | secret)
            told = part_told(change.connection, part)
            change.audit("user.create", "user", user_id, name, after=told)
            change.publish(EntityChanged("user", user_id))
            return user_of(_by_id(change.connection, user_id))

    def edit(
        self,
        actor: Actor,
        user_id: int,
        *,
        role: Role,
        tenant_id: int | None = None,
        organization_id: int | None = None,
    ) -> User:
        """Give a user another role or part of the workspace, and sign them out everywhere.

        Raises as `create` does, and `ConflictError` for the last active Admin.
        """
        part = _part(role, tenant_id, organization_id)
        with self._store.change(actor) as change:
            row = user_row(change.connection, actor, user_id, Operation.USER_MANAGE)
            require(actor, Operation.USER_MANAGE, Scope(tenant_id, organization_id))
            check_part(role, tenant_id, organization_id)
            before = _part(Role(row.role), row.tenant_id, row.organization_id)
            if before != part:
                if tenant_id is not None:
                    check_owners(change.connection, tenant_id, organization_id)
                if role is not Role.ADMIN and row.active:
                    check_admin_remains(change.connection, row)
                told = part_told(change.connection, before), part_told(change.connection, part)
                _update(change, "user.edit", row, part, before=told[0], after=told[1])
                end_sessions(change, user_session.c.user_id == row.id)
            return user_of(_by_id(change.connection, row.id))

    def set_active(self, actor: Actor, user_id: int, *, active: bool) -> None:
        """Let a user in again, or no more; then their sessions end.

        Raises `ConflictError` for the last active Admin, `AccessDeniedError` for oneself.
        """
        with self._store.change(actor) as change:
            row = other_user_row(change.connection, actor, user_id)
            if not active and row.active:
                check_admin_remains(change.connection, row)
                end_sessions(change, user_session.c.user_id == row.id)
            switch(change, user, "user", row, active=active)

    def delete(self, actor: Actor, user_id: int) -> None:
        """Delete an inactive user for good; the audit log keeps the name."""
        with self._store.change(actor) as change:
            row = other_user_row(change.connection, actor, user_id)
            if not row.active:
                change.connection.execute(
                    delete(user_session).where(user_session.c.user_id == row.id)
                )
            remove(change, user, "user", row, {})

    def reset_password(self, actor: Actor, user_id: int, password: str) -> None:
        """Give a user a password to be changed at the next sign-in, and end their sessions.

        Raises `InvalidInputError` for a bad password, `AccessDeniedError` for oneself.
        """
        with self._store.read(actor) as connection:
            name = other_user_row(connection, actor, user_id).name
        values = self._authentication.given(name, password, must_change=True)
        with self._store.change(actor) as change:
            row = other_user_row(change.connection, actor, user_id)
            _update(change, "user.reset-password", row, values)
            end_sessions(change, user_session.c.user_id == row.id)

    def remove_certificate(self, actor: Actor, user_id: int) -> None:
        """Let a user who lost the key of their certificate in with the password alone.

        A certificate is set by its owner only, who has the key.
        """
        with self._store.change(actor) as change:
            row = other_user_row(change.connection, actor, user_id)
            _update(change, "user.remove-certificate", row, {"certificate": None})

    def get(self, actor: Actor, user_id: int) -> User:
        """One user within the actor's reach."""
        with self._store.read(actor) as connection:
            return user_of(user_row(connection, actor, user_id, Operation.USER_VIEW))

    def users(self, actor: Actor) -> tuple[User, ...]:
        """Every user within the actor's reach, by name."""
        require(actor, Operation.USER_VIEW)
        query = select(user).where(within_reach(actor, Operation.USER_VIEW)).order_by(user.c.name)
        with self._store.read(actor) as connection:
            return tuple(user_of(row) for row in connection.execute(query))

    def page(self, actor: Actor, query: ListQuery, offset: int, limit: int) -> tuple[UserRow, ...]:
        """The users within reach that match, from `offset` on; sorted by a field of `UserRow`."""
        require(actor, Operation.USER_VIEW)
        seen = LISTED.where(within_reach(actor, Operation.USER_VIEW))
        with self._store.read(actor) as connection:
            rows = page_of(connection, seen, query, SORTED_BY, SEARCHED, offset, limit)
            return tuple(UserRow(**row._asdict() | {"role": Role(row.role)}) for row in rows)

    def count(self, actor: Actor, query: ListQuery) -> int:
        """How many users within reach match."""
        require(actor, Operation.USER_VIEW)
        seen = LISTED.where(within_reach(actor, Operation.USER_VIEW))
        with self._store.read(actor) as connection:
            return count_of(connection, seen, query, SORTED_BY, SEARCHED)

    def sign_in(
        self,
        name: str,
        password: str,
        channel: Channel,
        address: str = "",
        *,
        new_password: str | None = None,
        proof: Proof | None = None,
    ) -> Actor:
        """The actor that the user with this name and password is, in a session of their own.

        Raises `ThrottledError` while the place has to wait after failures, and
        `AuthenticationError` that does not tell an unknown name from a wrong password. Only
        after the right password: `CertificateNeededError` for a user with a certificate and no
        `proof`, `PasswordChangeNeededError` when another password is needed and none came, and
        `InvalidInputError`, field `new_password`, when it is no good.
        """
        with self._authentication.attempt("user.sign-in", name, channel, address):
            row = self._authentication.verified(name, password)
            with self._store.database.read() as connection:
                check_active(connection, row)
                if row.certificate is not None:
                    check_proof(connection, row.certificate, proof, self._store.clock.now())
        values: dict[str, Any] = {}
        if row.must_change_password:
            if new_password is None:
                raise PasswordChangeNeededError(
                    _("Choose a password of your own."),
                    cause=_("The one you have was given by an administrator."),
                    field="new_password",
                )
            values = self._authentication.chosen(row.name, password, new_password)
        person = user_of(row)
        with self._store.change(person.actor(channel, address)) as change:
            check_unchanged(change.connection, row)
            if values:
                change.audit("user.change-password", "user", row.id, row.name)
            session_id = start_session(change, person, channel, address)
            values["last_sign_in_at"] = change.now
            _update(change, "user.sign-in", row, values)
        return person.actor(channel, address, session_id)

    def me(self, actor: Actor) -> User:
        """The acting user, as stored."""
        with self._store.read(actor) as connection:
            return user_of(_own_row(connection, actor))

    def change_password(self, actor: Actor, old: str, new: str) -> None:
        """Give the acting user another password and end their other sessions.

        Raises `AuthenticationError` for a wrong `old` one, `ThrottledError` after several, and
        `InvalidInputError`, field `new_password`, when `new` is no good.
        """
        self._authentication.confirm(actor, old)
        values = self._authentication.chosen(actor.name, old, new)
        with self._store.change(actor) as change:
            row = _own_row(change.connection, actor)
            _update(change, "user.change-password", row, values)
            end_sessions(
                change,
                user_session.c.user_id == row.id,
                user_session.c.id.is_distinct_from(actor.session_id),
            )

    def set_certificate(
        self, actor: Actor, password: str, certificate: bytes, proof: Proof
    ) -> None:
        """Ask the acting user for the key of this certificate (DER), too; `proof` signs with it.

        Raises as `change_password` does for the password, and `InvalidInputError` for a
        certificate that is not good now, whose key is of a kind that is not supported, or is
        not the one of `proof` (field `key_file`).
        """
        self._authentication.confirm(actor, password)
        with self._store.change(actor) as change:
            check_usable(change.connection, certificate, proof, change.now)
            row = _own_row(change.connection, actor)
            _update(change, "user.set-certificate", row, {"certificate": certificate})

    def remove_own_certificate(self, actor: Actor, password: str) -> None:
        """Let the acting user in with the password alone; raises as `change_password` for it."""
        self._authentication.confirm(actor, password)
        with self._store.change(actor) as change:
            row = _own_row(change.connection, actor)
            _update(change, "user.remove-certificate", row, {"certificate": None})

    def set_language(self, actor: Actor, language: str) -> None:
        """Talk to the acting user in this language from now on; "" is the system's."""
        if language not in ("", *languages(resources_folder() / "translations")):
            raise InvalidInputError(_("The program does not speak that."), field="language")
        with self._store.change(actor) as change:
            row = _own_row(change.connection, actor)
            _update(change, "user.set-language", row, {"language": language})


def _update(
    change: Change,
    action: str,
    row: Row[Any],
    values: dict[str, Any],
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    change.connection.execute(update(user).where(user.c.id == row.id).values(values))
    change.audit(action, "user", row.id, row.name, before=before, after=after)
    change.publish(EntityChanged("user", row.id))


def _part(role: Role, tenant_id: int | None, organization_id: int | None) -> dict[str, Any]:
    return {"role": role.value, "tenant_id": tenant_id, "organization_id": organization_id}


def _by_id(connection: Connection, user_id: int | None) -> Row[Any]:
    return connection.execute(select(user).where(user.c.id == user_id)).one()


def _own_row(connection: Connection, actor: Actor) -> Row[Any]:
    row = connection.execute(select(user).where(user.c.id == actor.user_id)).first()
    if row is None:
        raise InvalidInputError(_("{name} has no profile.").format(name=actor.name))
    return row
