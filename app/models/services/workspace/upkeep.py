"""Looking after a workspace: whether its clock is right."""

from app.models.domain.access import SYSTEM
from app.models.services.store import Change, Store


def check_clock(store: Store) -> None:
    """Raise `UnavailableError` when the clock stands before what has already been recorded."""
    with store.database.read() as connection:
        Change(connection, SYSTEM, store.clock.now()).check_clock()
