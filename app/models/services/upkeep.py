"""Looking after a workspace: whether its clock is right, another passphrase for its keys."""

from app.models.domain.access import SYSTEM, Actor, Operation, require
from app.models.services.store import Change, Store
from app.pki.sealing import KdfCost

_DEFAULT_COST = KdfCost()


def check_clock(store: Store) -> None:
    """Raise `UnavailableError` when the clock stands before what has already been recorded."""
    with store.database.read() as connection:
        Change(connection, SYSTEM, store.clock.now()).check_clock()


def change_passphrase(
    store: Store, actor: Actor, old: str, new: str, cost: KdfCost = _DEFAULT_COST
) -> None:
    """Wrap the workspace key under another passphrase; what is sealed stays as it is.

    Raises `AuthenticationError` when `old` is wrong, `InvalidInputError` when `new` is bad.
    """
    require(actor, Operation.SETTINGS_CHANGE)
    store.vault.change_passphrase(old, new, cost)
    with store.change(actor) as change:
        change.audit("workspace.change-passphrase", "workspace", None, "")
