"""Certificate templates in the database: rows to domain objects and back."""

from dataclasses import asdict
from functools import lru_cache
from typing import Any

from sqlalchemy import Row

from app.models.domain.subjects import FieldRule, NamePart, TemplateField
from app.models.domain.templates import CertificateKind, Template
from app.models.services.sharing import sharing_of
from app.pki.certificates import CustomExtension, KeyUsage
from app.pki.keys import KeyAlgorithm


def columns_of(template: Template) -> dict[str, Any]:
    """The columns of a template's row, apart from its id and sharing."""
    return {
        "name": template.name,
        "description": template.description,
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
        "extension_ids": list(template.extension_ids),
        "hash": template.hash,
        "revocation_urls": template.revocation_urls,
        "active": template.active,
    }


def template_of(row: Row[Any], attached: tuple[CustomExtension, ...] = ()) -> Template:
    """The template in a row; `attached` are the extensions behind its `extension_ids`."""
    return Template(
        id=row.id,
        name=row.name,
        description=row.description,
        kind=CertificateKind(row.kind),
        authority_id=row.authority_id,
        fields=tuple(_field(**field) for field in row.fields),
        key_algorithms=tuple(KeyAlgorithm(name) for name in row.key_algorithms),
        key_usage=frozenset(KeyUsage(name) for name in row.key_usage),
        extended_key_usage=tuple(row.extended_key_usage),
        subject_key_identifier=row.subject_key_identifier,
        validity_days=row.validity_days,
        backdate_minutes=row.backdate_minutes,
        key_retention_days=row.key_retention_days,
        extensions=tuple(
            CustomExtension(e["oid"], e["critical"], bytes.fromhex(e["value"]))
            for e in row.extensions
        ),
        extension_ids=tuple(row.extension_ids),
        attached=attached,
        hash=row.hash,
        revocation_urls=row.revocation_urls,
        active=row.active,
        sharing=sharing_of(row),
    )


@lru_cache(maxsize=1024)  # templates are read for each certificate, and rarely change
def _field(part: str, kind: str, rule: str, **rest: Any) -> TemplateField:  # noqa: ANN401  JSON
    return TemplateField(NamePart(part), kind, FieldRule(rule), **rest)
