"""EST servers: the endpoints at which devices enrol, as administrators make them."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Row, delete, select, update

from app.config.settings import SettingsFile
from app.core.errors import NotFoundError
from app.core.language import _
from app.models.db.tables import est_label, est_server
from app.models.domain.access import Actor, Operation, Scope, require
from app.models.domain.addresses import check_addresses
from app.models.domain.est_labels import check_label
from app.models.domain.est_servers import (
    Base64Form,
    EstLabel,
    EstLabelRow,
    EstServer,
    EstServerRow,
)
from app.models.services.applications.links import check_links, server_in_reach
from app.models.services.applications.records import within
from app.models.services.device_types.device_types import DeviceTypes
from app.models.services.est.server_checks import (
    check_authentication,
    check_domain,
    check_domain_owner,
    check_kept_label,
    check_new_label,
    check_usable,
)
from app.models.services.est.server_records import (
    KIND,
    SEARCHED,
    SORTED_BY,
    clear,
    labels_of,
    record_change,
    rows_in_reach,
    store_label,
)
from app.models.services.lifecycle import remove, switch
from app.models.services.listing import ListQuery, count_of, page_of
from app.models.services.names import check_new_name, unused_id
from app.models.services.sharing import check_owners
from app.models.services.store import Change, Store

_VIEW, _MANAGE = Operation.EST_SERVER_VIEW, Operation.EST_SERVER_MANAGE
_OWNER = {"tenant_id", "organization_id"}


class EstServers:
    """Makes, changes and lists EST servers and their labels. Safe to share by threads."""

    def __init__(
        self,
        store: Store,
        settings: SettingsFile,
        device_types: DeviceTypes,
    ) -> None:
        self._store = store
        self._settings = settings
        self._device_types = device_types

    def create(self, actor: Actor, server: EstServer, labels: Sequence[EstLabel] = ()) -> EstServer:
        """Store an EST server with labels; ids are given here, and a domain unless it has one.

        Raises `InvalidInputError` for a domain outside the base domain, an organization of
        another tenant, a device type not offered to it, a bad address or label, or no way to
        authenticate; `ConflictError` for a taken name, or a domain of another tenant.
        """
        require(actor, _MANAGE, Scope(server.tenant_id, server.organization_id))
        server = self._completed(server)
        with self._store.change(actor) as change:
            server = replace(server, id=unused_id(change, est_server, KIND))
            values = _columns(server)
            self._check(change, server, values)
            change.insert(est_server, values | {"id": server.id})
            for label in labels:
                self._check_label(change, server, label)
                store_label(change, server.id, label)
            if labels:
                values["labels"] = {label.name: label.device_type_id for label in labels}
            record_change(change, "create", server, after=values)
        return server

    def edit(self, actor: Actor, server: EstServer) -> None:
        """Store an EST server anew: all but its id and whether it is active (EST-19).

        Raises as `create` does, for what is changed, and `NotFoundError` when it is out of
        reach. Its labels and applications have to fit its new owner.
        """
        server = self._completed(server)
        with self._store.change(actor) as change:
            row = server_in_reach(change.connection, actor, _MANAGE, server.id)
            require(actor, _MANAGE, Scope(server.tenant_id, server.organization_id))
            old = _columns(est_server_of(row))
            server = replace(server, active=row.active)
            after = {key: value for key, value in _columns(server).items() if value != old[key]}
            if not after:
                return
            self._check(change, server, after)
            self._check_what_it_has(change, server)
            change.connection.execute(
                update(est_server).where(est_server.c.id == server.id).values(after)
            )
            before = {key: old[key] for key in after}
            record_change(change, "edit", server, before=before, after=after)

    def set_active(self, actor: Actor, server_id: int, *, active: bool) -> None:
        """Let devices enrol there, or no longer; raises as `create` when they could not."""
        with self._store.change(actor) as change:
            row = server_in_reach(change.connection, actor, _MANAGE, server_id)
            if active and not row.active:
                self._check(change, est_server_of(row), _OWNER | {"device_type_id"})
                self._check_what_it_has(change, est_server_of(row))
            switch(change, est_server, KIND, row, active=active)

    def delete(self, actor: Actor, server_id: int) -> None:
        """Delete an inactive one with its labels and its links to applications (EST-20)."""
        with self._store.change(actor) as change:
            row = server_in_reach(change.connection, actor, _MANAGE, server_id)
            had = clear(change, row.id)
            remove(change, est_server, KIND, row, {}, before=had)

    def get(self, actor: Actor, server_id: int) -> EstServer:
        """One EST server; `NotFoundError` when there is none within the actor's reach."""
        with self._store.read(actor) as connection:
            return est_server_of(server_in_reach(connection, actor, _VIEW, server_id))

    def all(self, actor: Actor) -> tuple[EstServer, ...]:
        """Every EST server within the actor's reach, by name."""
        require(actor, _VIEW)
        query = select(est_server).where(within(actor, _VIEW, est_server))
        with self._store.read(actor) as connection:
            rows = connection.execute(query.order_by(est_server.c.name))
            return tuple(est_server_of(row) for row in rows)

    def page(
        self, actor: Actor, query: ListQuery, offset: int, limit: int
    ) -> tuple[EstServerRow, ...]:
        """The EST servers within reach that match, from `offset` on."""
        require(actor, _VIEW)
        statement = rows_in_reach(actor)
        with self._store.read(actor) as connection:
            rows = page_of(connection, statement, query, SORTED_BY, SEARCHED, offset, limit)
        return tuple(
            EstServerRow(
                est_server_of(row),
                row.tenant_name,
                row.organization_name,
                row.device_type_name,
                row.labels,
            )
            for row in rows
        )

    def count(self, actor: Actor, query: ListQuery) -> int:
        """How many EST servers within reach match."""
        require(actor, _VIEW)
        with self._store.read(actor) as connection:
            return count_of(connection, rows_in_reach(actor), query, SORTED_BY, SEARCHED)

    def labels(self, actor: Actor, server_id: int) -> tuple[EstLabelRow, ...]:
        """The labels of an EST server, by name; `NotFoundError` when it is out of reach."""
        with self._store.read(actor) as connection:
            return labels_of(connection, server_in_reach(connection, actor, _VIEW, server_id).id)

    def add_label(self, actor: Actor, server_id: int, name: str, device_type_id: int) -> EstLabel:
        """Give an EST server a label that leads to a device type (LBL-01).

        Raises `InvalidInputError` for a bad name and for a type that cannot be used there,
        `ConflictError` for a name that the server has.
        """
        with self._store.change(actor) as change:
            row = server_in_reach(change.connection, actor, _MANAGE, server_id)
            label = EstLabel(0, name, device_type_id)
            self._check_label(change, est_server_of(row), label)
            label = replace(label, id=store_label(change, row.id, label))
            record_change(change, "add-label", row, after=_label_columns(label))
        return label

    def remove_label(self, actor: Actor, server_id: int, label_id: int) -> None:
        """Take a label from an EST server; `NotFoundError` when it has none with this id."""
        with self._store.change(actor) as change:
            row = server_in_reach(change.connection, actor, _MANAGE, server_id)
            labels = (one.label for one in labels_of(change.connection, row.id))
            label = next((one for one in labels if one.id == label_id), None)
            if label is None:
                raise NotFoundError(
                    _("The EST server has no such label."),
                    remedy=_("Choose one from its list of labels."),
                )
            change.connection.execute(delete(est_label).where(est_label.c.id == label.id))
            record_change(change, "remove-label", row, before=_label_columns(label))

    def new_domain(self) -> str:
        """A domain that nobody has yet, below the base domain (EST-08)."""
        return f"est-{secrets.token_hex(4)}.{self._base_domain()}"

    def _base_domain(self) -> str:
        return self._settings.current.est_base_domain.lower()

    def _completed(self, server: EstServer) -> EstServer:
        """With the usual spelling of its addresses and its domain, a new one if it has none."""
        return replace(
            server,
            domain=server.domain.strip().lower() or self.new_domain(),
            allowed_addresses=check_addresses(server.allowed_addresses),
            label="",
        )

    def _check(self, change: Change, server: EstServer, new: Collection[str]) -> None:
        """Raise as `create` does; `new` are the fields that were not checked before."""
        connection = change.connection
        if "name" in new:
            check_new_name(change, est_server.c.name, server.name)
        if not _OWNER.isdisjoint(new):
            check_owners(connection, server.tenant_id, server.organization_id)
        if "domain" in new:
            check_domain(server.domain, self._base_domain())
        check_domain_owner(change, server)
        type_ = self._device_types.seen(connection, change.actor, server.device_type_id)
        if not {*_OWNER, "device_type_id"}.isdisjoint(new):
            check_usable(server, type_)
        check_authentication(server, type_)

    def _check_label(self, change: Change, server: EstServer, label: EstLabel) -> None:
        check_label(label.name)
        seen = self._device_types.seen(change.connection, change.actor, label.device_type_id)
        check_new_label(server, seen)

    def _check_what_it_has(self, change: Change, server: EstServer) -> None:
        """Raise unless its labels and applications can stay."""
        connection = change.connection
        for row in labels_of(connection, server.id):
            type_ = self._device_types.get(connection, row.label.device_type_id)
            check_kept_label(server, row.label.name, type_)
        check_links(connection, server)


def est_server_of(row: Row[Any]) -> EstServer:
    """The EST server in a row that has the columns of its table."""
    values = {key: value for key, value in row._asdict().items() if key in est_server.c}
    values["base64_form"] = Base64Form(row.base64_form)
    values["allowed_addresses"] = tuple(row.allowed_addresses)
    return EstServer(**values)


def _columns(server: EstServer) -> dict[str, Any]:
    """What is stored of an EST server under its id."""
    values = asdict(server)
    del values["id"], values["label"]
    return values


def _label_columns(label: EstLabel) -> dict[str, Any]:
    return {"label": label.name, "device_type_id": label.device_type_id}
