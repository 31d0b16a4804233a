"""Device types in the database: rows to domain objects and back."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Row

from app.models.domain.device_types import DeviceField, DeviceType, FieldKind
from app.models.services.sharing import sharing_of

# What an edit puts into a new version; name, description and sharing are those of the type.
CONTENT = (
    "fields",
    "factory_template_id",
    "factory_mapping",
    "operational_template_ids",
    "operational_mapping",
    "use_mapping",
    "enforce_factory_mode",
    "password_enabled",
    "password_retention_hours",
    "operational_renewal_hours",
    "factory_renewal_hours",
    "external_ca_id",
    "auto_registration",
)


def columns_of(device_type: DeviceType) -> dict[str, Any]:
    """The columns of a type's row, apart from its id, version and sharing."""
    return {
        "name": device_type.name,
        "description": device_type.description,
        "active": device_type.active,
        **content_of(device_type),
    }


def content_of(device_type: DeviceType) -> dict[str, Any]:
    """What belongs to a version, as JSON has it."""
    content = {key: getattr(device_type, key) for key in CONTENT}
    return content | {
        "fields": [asdict(f) | {"choices": list(f.choices)} for f in device_type.fields],
        "factory_mapping": dict(device_type.factory_mapping),
        "operational_template_ids": list(device_type.operational_template_ids),
        "operational_mapping": dict(device_type.operational_mapping),
    }


def device_type_of(row: Row[Any]) -> DeviceType:
    """The device type in a row, as it is now."""
    return with_content(
        DeviceType(
            row.id,
            row.name,
            row.description,
            row.active,
            sharing=sharing_of(row),
            version=row.version,
        ),
        dict(row._mapping),  # noqa: SLF001  public by SQLAlchemy's documents
    )


def with_content(device_type: DeviceType, content: Mapping[str, Any]) -> DeviceType:
    """The device type with the content of a version."""
    values = {key: content[key] for key in CONTENT}
    values["fields"] = tuple(
        _field(**one | {"choices": tuple(one.get("choices", ()))}) for one in values["fields"]
    )
    values["operational_template_ids"] = tuple(values["operational_template_ids"])
    return replace(device_type, **values)


@lru_cache(maxsize=4096)  # a type is read for each certificate, and rarely changes
def _field(kind: str = "text", **rest: Any) -> DeviceField:  # noqa: ANN401  JSON
    return DeviceField(**rest, kind=FieldKind(kind))
