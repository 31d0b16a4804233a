"""Sessions: how long a person is signed in, and who ends that."""

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, select, update

from app.core.errors import NotFoundError
from app.core.language import _
from app.models.db.tables import user, user_session
from app.models.domain.access import Actor, Channel, Operation, Reach, reach, require
from app.models.domain.users import Session, User
from app.models.services.store import Change, Store

SESSION_LENGTH = timedelta(hours=12)
_LARGEST_ID = 2**31 - 1


class Sessions:
    """Starts, lists and ends the sessions of users."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def end(self, actor: Actor) -> None:
        """Sign the acting person out here."""
        with self._store.change(actor) as change:
            end_sessions(change, user_session.c.id == actor.session_id)
            change.audit("user.sign-out", "user", actor.user_id, actor.name)

    def end_all(self, actor: Actor, user_id: int) -> None:
        """Sign a user out everywhere: oneself, or somebody one may manage.

        Raises `NotFoundError` for a user who does not exist for the actor.
        """
        own = user_id == actor.user_id
        if not own:
            require(actor, Operation.USER_MANAGE)
        with self._store.change(actor) as change:
            name = actor.name if own else _name(change.connection, actor, user_id)
            end_sessions(change, user_session.c.user_id == user_id)
            change.audit("user.sign-out-everywhere", "user", user_id, name)

    def end_others(self, actor: Actor) -> None:
        """Sign the acting person out everywhere but here."""
        own, here = user_session.c.user_id == actor.user_id, user_session.c.id == actor.session_id
        with self._store.change(actor) as change:
            end_sessions(change, own, ~here)
            change.audit("user.sign-out-elsewhere", "user", actor.user_id, actor.name)

    def resume(self, actor: Actor, former: Actor) -> Actor:
        """Let a person who signed in anew go on in their former session, even an expired one.

        That one then lasts as long as the new one would have, and the new one ends. Returns who
        acts from now on: `former`, or `actor` when that session was ended, expired long ago or
        is somebody else's.
        """
        table = user_session
        fresh = select(table.c.expires_at).where(table.c.id == actor.session_id).scalar_subquery()
        with self._store.change(actor) as change:
            open_still = update(table).where(
                table.c.id == former.session_id,
                table.c.user_id == actor.user_id,
                table.c.ended_at.is_(None),
            )
            if change.connection.execute(open_still.values(expires_at=fresh)).rowcount == 0:
                return actor
            end_sessions(change, table.c.id == actor.session_id)
            change.audit("user.resume-session", "user", actor.user_id, actor.name)
        return former

    def of_user(self, actor: Actor, user_id: int) -> tuple[Session, ...]:
        """The sessions that last, the newest first: one's own, or of a user one may see."""
        own = user_id == actor.user_id
        if not own:
            require(actor, Operation.USER_VIEW)
        table = user_session
        with self._store.read(actor) as connection:
            if not own:
                _name(connection, actor, user_id)
            query = select(table).where(
                table.c.user_id == user_id,
                table.c.ended_at.is_(None),
                table.c.expires_at > self._store.clock.now(),
            )
            rows = connection.execute(query.order_by(table.c.started_at.desc(), table.c.id))
            return tuple(
                Session(
                    row.id,
                    row.user_id,
                    Channel(row.channel),
                    row.address,
                    row.started_at,
                    row.expires_at,
                )
                for row in rows
            )


def start_session(change: Change, person: User, channel: Channel, address: str) -> int:
    """Start a session and return its id; those that expired a while ago are deleted.

    Ids are drawn at random: the next number might be that of a session deleted before, and
    whoever still holds that one would be let in as somebody else.
    """
    table = user_session
    change.connection.execute(
        delete(table).where(table.c.expires_at <= change.now - SESSION_LENGTH)
    )
    used = set(change.connection.scalars(select(table.c.id)))
    session_id = 1 + secrets.randbelow(_LARGEST_ID)
    while session_id in used:
        session_id = 1 + secrets.randbelow(_LARGEST_ID)
    return change.insert(
        table,
        {
            "id": session_id,
            "user_id": person.id,
            "channel": channel.value,
            "address": address,
            "started_at": change.now,
            "expires_at": change.now + SESSION_LENGTH,
        },
    )


def end_sessions(change: Change, *which: ColumnElement[Any]) -> None:
    """End the sessions that last among those that meet all the conditions."""
    change.connection.execute(
        update(user_session)
        .where(user_session.c.ended_at.is_(None), *which)
        .values(ended_at=change.now)
    )


def _name(connection: Connection, actor: Actor, user_id: int) -> str:
    """The name of a user within reach; the reach of viewing and managing users is the same."""
    query = select(user.c.name).where(user.c.id == user_id)
    if reach(actor, Operation.USER_VIEW) is not Reach.ALL:
        query = query.where(user.c.tenant_id == actor.tenant_id)
    name = connection.execute(query).scalar()
    if name is None:
        raise NotFoundError(
            _("The user does not exist."), remedy=_("Choose one from the list of users.")
        )
    return str(name)
