"""Retention: secrets that were kept for a while are destroyed when it is over (DEC-13)."""

from sqlalchemy import func, select, update

from app.models.db.tables import secret
from app.models.domain.access import SYSTEM
from app.models.services.store import Store


class Retention:
    """Destroys what was kept for a while. Safe to share by threads."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def sweep(self) -> int:
        """Destroy every secret whose time is over and return how many there were.

        One audit event says how many of each purpose.
        """
        table = secret.c
        due = (table.destroy_after <= self._store.clock.now()) & table.wrapped_key.is_not(None)
        with self._store.database.read() as connection:
            if connection.execute(select(table.id).where(due).limit(1)).first() is None:
                return 0
        by_purpose = select(table.purpose, func.count()).where(due).group_by(table.purpose)
        with self._store.change(SYSTEM) as change:
            counts: dict[str, int] = dict(change.connection.execute(by_purpose).all())
            change.connection.execute(
                update(secret)
                .where(due)
                .values(wrapped_key=None, ciphertext=None, destroyed_at=change.now)
            )
            if counts:
                change.audit("secret.destroy", "secret", None, "", after=counts)
        return sum(counts.values())
