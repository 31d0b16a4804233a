"""Workspaces made and opened."""

import logging
from contextlib import ExitStack
from pathlib import Path

from app.config.settings import SettingsFile
from app.core.clock import Clock
from app.core.errors import ConflictError
from app.core.events import Events
from app.core.language import _
from app.models.db import schema
from app.models.db.engine import Database, sqlite_url
from app.models.domain.access import SYSTEM
from app.models.services.store import Store
from app.models.services.vault import Vault
from app.models.services.workspace.folder import (
    BACKUPS,
    DATABASE,
    KEYS,
    LOGS,
    SETTINGS,
    check_folder,
    folder_in_the_making,
    hold,
    is_empty,
)
from app.models.services.workspace.workspace import Workspace
from app.pki.sealing import KdfCost

DEFAULT_COST = KdfCost()

log = logging.getLogger(__name__)


def create_workspace(
    folder: Path, passphrase: str, clock: Clock, cost: KdfCost = DEFAULT_COST
) -> Workspace:
    """Make a workspace in a folder that is new or empty, and open it unlocked.

    Everything is made beside the folder and put in its place at the end, so that there is a
    whole workspace or none. Raises `ConflictError` when something is there already and
    `InvalidInputError` for a bad passphrase.
    """
    if folder.exists() and not (folder.is_dir() and is_empty(folder)):
        raise ConflictError(
            _("{folder} is not empty.").format(folder=folder),
            remedy=_("Open the workspace that is there, or choose another folder."),
            field="folder",
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder_in_the_making(folder) as made:
        Vault.create(made / KEYS, passphrase, cost)
        SettingsFile(made / SETTINGS).change()
        schema.create_database(made / DATABASE)
        (made / LOGS).mkdir(mode=0o700)
        (made / BACKUPS).mkdir(mode=0o700)
        if folder.exists():
            folder.rmdir()  # an empty one; not every system replaces it
        made.rename(folder)
    workspace = open_workspace(folder, clock, passphrase, cost=cost)
    with workspace.store.change(SYSTEM) as change:
        change.audit("workspace.create", "workspace", None, "")
    return workspace


def open_workspace(
    folder: Path,
    clock: Clock,
    passphrase: str | None = None,
    *,
    exclusive: bool = True,
    cost: KdfCost = DEFAULT_COST,
) -> Workspace:
    """Open the workspace in `folder`; by `open_keys` when the passphrase is given.

    Only one process opens it exclusively, and only that one migrates the database. Raises
    `NotFoundError` or `InvalidInputError` when it is no whole workspace, `ConflictError` when
    it is open elsewhere or of a newer version, `AuthenticationError` for a wrong passphrase.
    """
    check_folder(folder)
    with ExitStack() as held:
        if exclusive:
            hold(folder, held)
            schema.bring_up_to_date(folder / DATABASE, folder / BACKUPS, clock.now())
        else:
            schema.check_current(folder / DATABASE)
        vault = Vault(folder / KEYS)
        settings = SettingsFile(folder / SETTINGS)
        database = Database(sqlite_url(folder / DATABASE))
        held.callback(database.close)
        store = Store(database, clock, Events(), vault)
        workspace = Workspace(folder, settings, store, cost, held.pop_all())
    if passphrase is not None:
        with ExitStack() as undo:
            undo.callback(workspace.close)
            workspace.open_keys(passphrase)
            undo.pop_all()
    if workspace.audit_problem:
        log.error("%s", workspace.audit_problem)
    return workspace
