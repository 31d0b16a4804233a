"""A device type, and the values of the form that makes or changes it: there and back."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

from app.models.domain.device_types import DeviceType
from app.views.widgets.sharing_fields import sharing_in

_AS_THEY_ARE = (
    "name",
    "description",
    "operational_template_ids",
    "operational_mapping",
    "enforce_factory_mode",
    "auto_registration",
    "use_mapping",
    "password_enabled",
    "password_retention_hours",
    "operational_renewal_hours",
    "factory_renewal_hours",
)


class Source(StrEnum):
    """Where factory certificates come from (DTC-07)."""

    NONE = "none"
    INTERNAL = "internal"
    EXTERNAL = "external"


def device_type_in(values: Mapping[str, Any], before: DeviceType) -> DeviceType:
    """The device type that a form describes; what it does not ask for stays as it was before."""
    internal = values["source"] is Source.INTERNAL
    external = values["source"] is Source.EXTERNAL
    return replace(
        before,
        **{key: values[key] for key in _AS_THEY_ARE},
        factory_template_id=values["factory_template_id"] if internal else None,
        factory_mapping=values["factory_mapping"] if internal else {},
        external_ca_id=values["external_ca_id"] if external else None,
        fields=(*values["properties"], *values["attributes"]),
        sharing=sharing_in(values),
    )


def values_of(device_type: DeviceType) -> dict[str, Any]:
    """What the fields of a form show of a type, apart from its sharing and what is offered."""
    source = Source.NONE
    if device_type.factory_template_id is not None:
        source = Source.INTERNAL
    elif device_type.external_ca_id is not None:
        source = Source.EXTERNAL
    return {key: getattr(device_type, key) for key in _AS_THEY_ARE} | {
        "source": source,
        "factory_mapping": device_type.factory_mapping,
        "properties": [one for one in device_type.fields if one.is_property],
        "attributes": [one for one in device_type.fields if not one.is_property],
    }
