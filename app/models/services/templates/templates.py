"""Certificate templates."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, select, update

from app.core.errors import InvalidInputError, NotFoundError
from app.core.language import _
from app.models.db.tables import authority, certificate, device_type, template
from app.models.domain.access import Actor, Operation, Sharing, require
from app.models.domain.events import EntityChanged
from app.models.domain.template_rules import check_template
from app.models.domain.templates import CertificateKind, Template
from app.models.services.device_types.separate_cas import SeparateCas
from app.models.services.device_types.versions import template_ids_of_versions
from app.models.services.lifecycle import remove, switch
from app.models.services.listing import ListQuery, count_of, page_of
from app.models.services.names import check_new_name, unused_id
from app.models.services.sharing import scope_of, sharing_columns, sharing_of, visible
from app.models.services.store import Change, Store
from app.models.services.templates.extensions import Extensions
from app.models.services.templates.records import columns_of, template_of
from app.pki.keys import KeyAlgorithm

_COLUMNS: dict[str, ColumnElement[Any]] = {
    "name": template.c.name,
    "kind": template.c.kind,
    "authority": authority.c.name,
    "validity": template.c.validity_days,
    "access": template.c.access,
    "active": template.c.active,
}
_SEARCHED = (template.c.name, authority.c.name)
# Made once: building a statement costs as much as running it.
_BY_ID = select(template).where(template.c.id == bindparam("template_id"))


@dataclass(frozen=True)
class TemplateRow:
    """A template as the list shows it. `validity_days` None means unlimited."""

    id: int
    name: str
    kind: CertificateKind
    authority_name: str
    key_algorithms: tuple[KeyAlgorithm, ...]
    validity_days: int | None
    active: bool
    sharing: Sharing


class Templates:
    """Makes, lists and hands out certificate templates."""

    def __init__(self, store: Store, extensions: Extensions, separate_cas: SeparateCas) -> None:
        self._store = store
        self._extensions = extensions
        self._separate_cas = separate_cas

    def create(self, actor: Actor, new: Template) -> Template:
        """Store a template; its id is given here.

        Raises `InvalidInputError` for a broken rule or an authority or extension that does not
        exist or is not offered to everybody the template is, `ConflictError` for a taken name.
        """
        with self._store.change(actor) as change:
            return self.create_in(change, new)

    def create_in(self, change: Change, new: Template) -> Template:
        """As `create`, as a part of a transaction."""
        require(change.actor, Operation.TEMPLATE_MANAGE, scope_of(new.sharing))
        check_template(new)
        check_new_name(change, template.c.name, new.name)
        self._check_references(change.connection, new)
        values = columns_of(new) | sharing_columns(change.connection, new.sharing)
        id_ = unused_id(change, template, "template")
        created = replace(new, id=change.insert(template, values | {"id": id_}))
        change.audit("template.create", "template", created.id, created.name, after=values)
        change.publish(EntityChanged("template", created.id))
        return created

    def edit(self, actor: Actor, changed: Template) -> Template:
        """Store a template anew: everything but its id and whether it is active.

        Certificates that exist stay as they are. Raises as `create` does, and `ConflictError`
        when another authority would break a device type that registers devices (DT-22).
        """
        with self._store.change(actor) as change:
            return self.edit_in(change, changed)

    def edit_in(self, change: Change, changed: Template) -> Template:
        """As `edit`, as a part of a transaction."""
        require(change.actor, Operation.TEMPLATE_MANAGE, scope_of(changed.sharing))
        check_template(changed)
        row = _managed(change.connection, change.actor, changed.id)
        changed = replace(changed, active=row.active)
        check_new_name(change, template.c.name, changed.name, old=row.name)
        self._check_references(change.connection, changed)
        old = template_of(row)
        before = columns_of(old) | sharing_columns(change.connection, old.sharing)
        after = columns_of(changed) | sharing_columns(change.connection, changed.sharing)
        after = {key: value for key, value in after.items() if before[key] != value}
        if after:
            change.connection.execute(update(template).where(template.c.id == row.id).values(after))
            if "authority_id" in after:
                self._separate_cas.check_template(change.connection, row.id)
            before = {key: before[key] for key in after}
            change.audit(
                "template.edit", "template", row.id, changed.name, before=before, after=after
            )
            change.publish(EntityChanged("template", row.id))
        return changed

    def set_active(self, actor: Actor, template_id: int, *, active: bool) -> None:
        """Let certificates be issued from a template, or not any more."""
        with self._store.change(actor) as change:
            row = _managed(change.connection, actor, template_id)
            switch(change, template, "template", row, active=active)

    def delete(self, actor: Actor, template_id: int) -> None:
        """Delete an inactive template that no device type and no certificate refers to."""
        with self._store.change(actor) as change:
            row = _managed(change.connection, actor, template_id)
            types = change.connection.execute(
                select(device_type.c.factory_template_id, device_type.c.operational_template_ids)
            )
            users = sum(row.id in (one[0], *one[1]) for one in types)
            users += template_ids_of_versions(change.connection).count(row.id)
            issued = change.connection.execute(
                select(func.count()).where(certificate.c.template_id == row.id)
            ).scalar_one()
            hanging = {_("device types"): users, _("certificates"): issued}
            remove(change, template, "template", row, hanging)

    def get(self, connection: Connection, template_id: int) -> Template:
        """One template, whoever asks; `NotFoundError` when there is none."""
        row = connection.execute(_BY_ID, {"template_id": template_id}).first()
        if row is None:
            raise _not_found()
        return self._with_extensions(connection, row)

    def read(self, actor: Actor, template_id: int) -> Template:
        """One template; `NotFoundError` when there is none the actor may see."""
        require(actor, Operation.TEMPLATE_VIEW)
        with self._store.read(actor) as connection:
            return self.seen(connection, actor, template_id)

    def seen(self, connection: Connection, actor: Actor, template_id: int) -> Template:
        """As `read`, as a part of a transaction."""
        return self._with_extensions(connection, _seen(connection, actor, template_id))

    def all(self, actor: Actor) -> tuple[Template, ...]:
        """Every template within the actor's reach, by name."""
        require(actor, Operation.TEMPLATE_VIEW)
        query = select(template).where(visible(actor, Operation.TEMPLATE_VIEW, template))
        with self._store.read(actor) as connection:
            rows = connection.execute(query.order_by(template.c.name)).all()
            return tuple(self._with_extensions(connection, row) for row in rows)

    def page(
        self, actor: Actor, query: ListQuery, offset: int, limit: int
    ) -> tuple[TemplateRow, ...]:
        """The templates within reach that match, from `offset` on."""
        require(actor, Operation.TEMPLATE_VIEW)
        with self._store.read(actor) as connection:
            rows = page_of(connection, _rows(actor), query, _COLUMNS, _SEARCHED, offset, limit)
            return tuple(_row(row) for row in rows)

    def count(self, actor: Actor, query: ListQuery) -> int:
        """How many templates within reach match."""
        require(actor, Operation.TEMPLATE_VIEW)
        with self._store.read(actor) as connection:
            return count_of(connection, _rows(actor), query, _COLUMNS, _SEARCHED)

    def _with_extensions(self, connection: Connection, row: Row[Any]) -> Template:
        attached = self._extensions.all_of(connection, row.extension_ids)
        return template_of(row, tuple(extension.content for extension in attached))

    def _check_references(self, connection: Connection, checked: Template) -> None:
        row = connection.execute(
            select(authority).where(authority.c.id == checked.authority_id)
        ).first()
        if row is None or not row.active or not sharing_of(row).covers(checked.sharing):
            raise InvalidInputError(
                _("The authority cannot be used by this template."),
                cause=_("It does not exist, is not active, or is not offered as widely."),
                remedy=_("Choose another authority."),
                field="authority_id",
            )
        try:
            attached = self._extensions.all_of(connection, checked.extension_ids)
        except NotFoundError as error:
            raise _unusable_extension() from error
        if not all(one.active and one.sharing.covers(checked.sharing) for one in attached):
            raise _unusable_extension()
        # Two rules at once: no OID twice, and none that other settings write.
        check_template(replace(checked, attached=tuple(one.content for one in attached)))


def _seen(connection: Connection, actor: Actor, template_id: int) -> Row[Any]:
    seen = visible(actor, Operation.TEMPLATE_VIEW, template)
    row = connection.execute(select(template).where(template.c.id == template_id, seen)).first()
    if row is None:
        raise _not_found()
    return row


def _managed(connection: Connection, actor: Actor, template_id: int) -> Row[Any]:
    """The row, when the actor may change it; what is seen but not owned is refused."""
    require(actor, Operation.TEMPLATE_MANAGE)
    row = _seen(connection, actor, template_id)
    require(actor, Operation.TEMPLATE_MANAGE, scope_of(sharing_of(row)))
    return row


def _rows(actor: Actor) -> Select[Any]:
    columns = (
        template.c.id,
        template.c.name,
        template.c.kind,
        template.c.key_algorithms,
        template.c.validity_days,
        template.c.active,
        template.c.access,
        template.c.tenant_id,
        template.c.organization_id,
        authority.c.name.label("authority_name"),
    )
    return (
        select(*columns)
        .join(authority, authority.c.id == template.c.authority_id)
        .where(visible(actor, Operation.TEMPLATE_VIEW, template))
    )


def _row(row: Row[Any]) -> TemplateRow:
    return TemplateRow(
        row.id,
        row.name,
        CertificateKind(row.kind),
        row.authority_name,
        tuple(KeyAlgorithm(name) for name in row.key_algorithms),
        row.validity_days,
        row.active,
        sharing_of(row),
    )


def _unusable_extension() -> InvalidInputError:
    return InvalidInputError(
        _("A custom extension cannot be used by this template."),
        cause=_("It does not exist, is not active, or is not offered as widely."),
        remedy=_("Choose another one."),
        field="extension_ids",
    )


def _not_found() -> NotFoundError:
    return NotFoundError(
        _("The certificate template does not exist."),
        remedy=_("Choose one from the list of templates."),
    )
