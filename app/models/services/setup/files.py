"""Takes what a workspace is set up with to another one: exports, plans and imports set-up files."""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from app.core.errors import ConflictError
from app.core.language import _
from app.models.domain.access import Actor, Operation, require
from app.models.domain.device_types import DeviceType
from app.models.domain.setup_files import (
    FORMAT,
    KINDS,
    VERSION,
    Outcome,
    SetupFile,
    SetupPlan,
    read_json,
    read_setup,
    setup_to_bytes,
    to_sign,
)
from app.models.domain.setup_schema import definition, read_by
from app.models.services.device_types.device_types import DeviceTypes
from app.models.services.setup.contents import Content, device_type_content, device_type_from
from app.models.services.setup.items import SetupItems
from app.models.services.setup.names import SetupNames
from app.models.services.store import Change, Store
from app.models.services.workspace.key import is_own_key, signing_key

_VIEWED = (
    Operation.EXTENSION_VIEW,
    Operation.TEMPLATE_VIEW,
    Operation.EXTERNAL_CA_VIEW,
    Operation.DEVICE_TYPE_VIEW,
)
_MANAGED = (
    Operation.EXTENSION_MANAGE,
    Operation.TEMPLATE_MANAGE,
    Operation.EXTERNAL_CA_MANAGE,
    Operation.DEVICE_TYPE_MANAGE,
)
_SAME_NAMES: Mapping[str, str] = MappingProxyType({})


class SetupFiles:
    """Exports, plans and imports set-up files. Safe to share by threads."""

    def __init__(self, store: Store, items: SetupItems, device_types: DeviceTypes) -> None:
        self._store = store
        self._items = items
        self._device_types = device_types

    def export(self, actor: Actor, type_ids: Collection[int] | None = None) -> bytes:
        """A signed file with these device types and what they need.

        With None it is everything active within reach. Raises `NotFoundError` for a type out of
        reach, `LockedError` while the keys are locked.
        """
        for operation in _VIEWED:
            require(actor, operation)
        with self._store.read(actor) as connection:
            names = SetupNames(connection, actor)
            content = {
                "format": FORMAT,
                "version": VERSION,
                "made_at": self._store.clock.now().isoformat(timespec="seconds"),
                **self._items.contents(names, type_ids),
            }
        _id, key = signing_key(self._store)
        return setup_to_bytes(content, key.public_key, key.sign(to_sign(content)))

    def plan(
        self, actor: Actor, data: bytes, authorities: Mapping[str, str] = _SAME_NAMES
    ) -> SetupPlan:
        """What an import of a file would do; it is tried, and undone.

        `authorities` leads from names in the file to those of authorities here, where they
        differ. Raises `InvalidInputError` for a file that cannot be read.
        """
        _check_may_import(actor)
        file = read_setup(data)
        with (
            self._store.change(actor) as change,
            change.connection.begin_nested() as trial,
        ):
            # Nothing is recorded and nobody told of what this one does.
            tried = Change(change.connection, actor, change.now)
            plan = self._carry_out(tried, file, authorities)
            trial.rollback()
        return plan

    def apply(self, actor: Actor, plan: SetupPlan, *, leave_out: bool = False) -> None:
        """Import a file as planned, in one transaction: all of it or nothing.

        With `leave_out` all that is possible. Raises `ConflictError` when something is
        impossible otherwise, and when the plan does not hold any more.
        """
        _check_may_import(actor)
        impossible = plan.count(Outcome.IMPOSSIBLE)
        if impossible and not leave_out:
            raise ConflictError(
                _("Not everything in the file can be imported."),
                cause=next(item.problem for item in plan.items if item.problem),
                remedy=_("Choose other authorities, or have it left out."),
            )
        with self._store.change(actor) as change:
            if self._carry_out(change, plan.file, plan.authorities).items != plan.items:
                raise ConflictError(
                    _("The workspace has changed since the file was checked."),
                    remedy=_("Check it again, then import it."),
                )
            counts = {outcome.value: plan.count(outcome) for outcome in Outcome}
            after = counts | {"signed_by": plan.file.key_fingerprint}
            change.audit("setup.import", "setup", None, "", after=after)

    def device_type_content(self, actor: Actor, type_id: int) -> Content:
        """A device type as set-up files have it; `NotFoundError` when none is in reach."""
        require(actor, Operation.DEVICE_TYPE_VIEW)
        with self._store.read(actor) as connection:
            one = self._device_types.seen(connection, actor, type_id)
            return device_type_content(SetupNames(connection, actor), one)

    def device_type(self, actor: Actor, data: bytes) -> DeviceType:
        """The device type in a file that has it as set-up files do; not stored, its id is 0.

        Raises `InvalidInputError` for a file that cannot be read, `NotFoundError` for a name
        that nothing within reach has.
        """
        require(actor, Operation.DEVICE_TYPE_MANAGE)
        content = read_by(definition("device_type"), read_json(data))
        with self._store.read(actor) as connection:
            return device_type_from(SetupNames(connection, actor), content)

    def _carry_out(
        self, change: Change, file: SetupFile, authorities: Mapping[str, str]
    ) -> SetupPlan:
        names = SetupNames(change.connection, change.actor, authorities)
        items = tuple(
            self._items.put(change, names, kind, content)
            for kind in KINDS
            for content in file.content[kind]
        )
        used = sorted({content["authority"] for content in file.content["templates"]})
        key = file.public_key
        return SetupPlan(
            file,
            own=key is not None and is_own_key(change.connection, key),
            authorities={name: names.authority_name(name) for name in used},
            items=items,
        )


def _check_may_import(actor: Actor) -> None:
    for operation in _MANAGED:
        require(actor, operation)
