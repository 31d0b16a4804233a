"""Certificate templates."""

from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, Row, select

from app.core.errors import InvalidInputError, NotFoundError
from app.core.language import _
from app.models.db import tables
from app.models.domain.access import Actor, Operation, require
from app.models.domain.subjects import FieldRule, NamePart, TemplateField
from app.models.domain.template_rules import check_template
from app.models.domain.templates import CertificateKind, Template
from app.models.services.names import check_new_name
from app.models.services.sharing import scope_of, sharing_columns, sharing_of, visible
from app.models.services.store import Store
from app.pki.certificates import CustomExtension, KeyUsage
from app.pki.keys import KeyAlgorithm


class Templates:
    """Makes, lists and hands out certificate templates."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def create(self, actor: Actor, template: Template) -> Template:
        """Store a template; its id is given here.

        Raises `InvalidInputError` for a broken rule or an authority that does not exist or is
        not offered to everybody the template is, `ConflictError` for a taken name.
        """
        require(actor, Operation.TEMPLATE_MANAGE, scope_of(template.sharing))
        check_template(template)
        table = tables.template
        with self._store.change(actor) as change:
            check_new_name(change, table.c.name, template.name)
            _check_authority(change.connection, template)
            values = _columns(template) | sharing_columns(change.connection, template.sharing)
            created = replace(template, id=change.insert(table, values))
            change.audit("template.create", "template", created.id, created.name, after=values)
        return created

    def get(self, connection: Connection, template_id: int) -> Template:
        """One template; `NotFoundError` when there is none."""
        table = tables.template
        row = connection.execute(select(table).where(table.c.id == template_id)).first()
        if row is None:
            raise NotFoundError(
                _("The certificate template does not exist."),
                remedy=_("Choose one from the list of templates."),
            )
        return _template(row)

    def all(self, actor: Actor) -> tuple[Template, ...]:
        """Every template within the actor's reach, by name."""
        require(actor, Operation.TEMPLATE_VIEW)
        table = tables.template
        query = select(table).where(visible(actor, Operation.TEMPLATE_VIEW, table))
        with self._store.read(actor) as connection:
            return tuple(_template(row) for row in connection.execute(query.order_by(table.c.name)))


def _check_authority(connection: Connection, template: Template) -> None:
    table = tables.authority
    row = connection.execute(select(table).where(table.c.id == template.authority_id)).first()
    if row is None or not row.active or not sharing_of(row).covers(template.sharing):
        raise InvalidInputError(
            _("The authority cannot be used by this template."),
            cause=_("It does not exist, is not active, or is not offered as widely."),
            remedy=_("Choose another authority."),
            field="authority_id",
        )


def _columns(template: Template) -> dict[str, Any]:
    return {
        "name": template.name,
        "kind": template.kind.value,
        "authority_id": template.authority_id,
        "fields": [asdict(field) for field in template.fields],
        "key_algorithms": list(template.key_algorithms),
        "key_usage": sorted(template.key_usage),
        "extended_key_usage": list(template.extended_key_usage),
        "subject_key_identifier": template.subject_key_identifier,
        "validity_days": template.validity_days,
        "backdate_minutes": template.backdate_minutes,
        "key_retention_days": template.key_retention_days,
        "extensions": [asdict(e) | {"value": e.value.hex()} for e in template.extensions],
        "active": template.active,
    }


def _template(row: Row[Any]) -> Template:
    return Template(
        id=row.id,
        name=row.name,
        kind=CertificateKind(row.kind),
        authority_id=row.authority_id,
        fields=tuple(
            TemplateField(
                **field | {"part": NamePart(field["part"]), "rule": FieldRule(field["rule"])}
            )
            for field in row.fields
        ),
        key_algorithms=tuple(KeyAlgorithm(name) for name in row.key_algorithms),
        key_usage=frozenset(KeyUsage(name) for name in row.key_usage),
        extended_key_usage=tuple(row.extended_key_usage),
        subject_key_identifier=row.subject_key_identifier,
        validity_days=row.validity_days,
        backdate_minutes=row.backdate_minutes,
        key_retention_days=row.key_retention_days,
        extensions=tuple(
            CustomExtension(**e | {"value": bytes.fromhex(e["value"])}) for e in row.extensions
        ),
        active=row.active,
        sharing=sharing_of(row),
    )
