"""What a set-up file says of things, as JSON objects by names, and the things made of it."""

from collections.abc import Mapping
from typing import Any

from app.models.db.tables import authority, custom_extension, external_ca, template
from app.models.domain.device_types import DeviceField, DeviceType, FieldKind
from app.models.domain.extensions import Extension
from app.models.domain.external_cas import ExternalCa
from app.models.domain.subjects import FieldRule, NamePart, TemplateField
from app.models.domain.templates import CertificateKind, Template
from app.models.services.device_types.records import content_of
from app.models.services.setup.names import SetupNames
from app.models.services.templates.records import columns_of
from app.pki.certificates import CustomExtension, KeyUsage, certificate_to_pem
from app.pki.keys import KeyAlgorithm

Content = Mapping[str, Any]

# Members that a file has as the domain objects have them.
_OF_TYPE = (
    *("use_mapping", "enforce_factory_mode", "password_enabled", "password_retention_hours"),
    *("operational_renewal_hours", "factory_renewal_hours", "auto_registration"),
    *("factory_mapping", "operational_mapping"),
)
_OF_TEMPLATE = (
    *("subject_key_identifier", "validity_days", "backdate_minutes", "key_retention_days"),
    *("hash", "revocation_urls"),
)


def extension_content(names: SetupNames, extension: Extension) -> Content:
    """A custom extension as a file has it."""
    return {
        "name": extension.name,
        "description": extension.description,
        "oid": extension.oid,
        "critical": extension.critical,
        "value": extension.value.hex(),
        "sharing": names.sharing_content(extension.sharing),
    }


def extension_from(names: SetupNames, content: Content) -> Extension:
    """The custom extension that a file tells of; its id is 0."""
    return Extension(
        id=0,
        name=content["name"],
        oid=content["oid"],
        critical=content["critical"],
        value=bytes.fromhex(content["value"]),
        description=content["description"],
        sharing=names.sharing(content["sharing"]),
    )


def template_content(names: SetupNames, one: Template) -> Content:
    """A certificate template as a file has it."""
    columns = columns_of(one)
    as_they_are = ("name", "description", "kind", "fields", "extended_key_usage", "extensions")
    return {key: columns[key] for key in (*as_they_are, *_OF_TEMPLATE)} | {
        "key_algorithms": [algorithm.value for algorithm in one.key_algorithms],
        "key_usage": sorted(usage.value for usage in one.key_usage),
        "authority": names.name_of(authority, one.authority_id),
        "custom_extensions": names.names_of(custom_extension, one.extension_ids),
        "sharing": names.sharing_content(one.sharing),
    }


def template_from(names: SetupNames, content: Content) -> Template:
    """The certificate template that a file tells of; its id is 0."""
    return Template(
        id=0,
        name=content["name"],
        description=content["description"],
        kind=CertificateKind(content["kind"]),
        authority_id=names.authority(content["authority"]),
        fields=tuple(map(_template_field, content["fields"])),
        key_algorithms=tuple(map(KeyAlgorithm, content["key_algorithms"])),
        key_usage=frozenset(map(KeyUsage, content["key_usage"])),
        extended_key_usage=tuple(content["extended_key_usage"]),
        extensions=tuple(
            CustomExtension(one["oid"], one["critical"], bytes.fromhex(one["value"]))
            for one in content["extensions"]
        ),
        extension_ids=names.extensions(content["custom_extensions"]),
        sharing=names.sharing(content["sharing"]),
        **{key: content[key] for key in _OF_TEMPLATE},
    )


def external_ca_content(names: SetupNames, ca: ExternalCa) -> Content:
    """An external CA as a file has it: whether it is verified is for each workspace to say."""
    return {
        "name": ca.name,
        **names.owner_content(ca.tenant_id, ca.organization_id),
        "certificate": certificate_to_pem(ca.certificate).decode(),
    }


def device_type_content(names: SetupNames, one: DeviceType) -> Content:
    """A device type as a file has it."""
    columns = content_of(one)
    factory_id, external_id = one.factory_template_id, one.external_ca_id
    return {
        "name": one.name,
        "description": one.description,
        "fields": [field | {"kind": field["kind"].value} for field in columns["fields"]],
        "factory_template": None if factory_id is None else names.name_of(template, factory_id),
        "external_ca": None if external_id is None else names.name_of(external_ca, external_id),
        "operational_templates": names.names_of(template, one.operational_template_ids),
        **{key: columns[key] for key in _OF_TYPE},
        "sharing": names.sharing_content(one.sharing),
    }


def device_type_from(names: SetupNames, content: Content) -> DeviceType:
    """The device type that a file tells of; its id is 0."""
    sharing = names.sharing(content["sharing"])
    factory, external = content["factory_template"], content["external_ca"]
    return DeviceType(
        id=0,
        name=content["name"],
        description=content["description"],
        fields=tuple(
            DeviceField(**one | {"kind": FieldKind(one["kind"]), "choices": tuple(one["choices"])})
            for one in content["fields"]
        ),
        factory_template_id=None if factory is None else names.template(factory),
        external_ca_id=None if external is None else names.external_ca(external, sharing.tenant_id),
        operational_template_ids=tuple(map(names.template, content["operational_templates"])),
        sharing=sharing,
        **{key: content[key] for key in _OF_TYPE},
    )


def _template_field(content: Content) -> TemplateField:
    rest = {key: value for key, value in content.items() if key not in ("part", "kind", "rule")}
    return TemplateField(
        NamePart(content["part"]), content["kind"], FieldRule(content["rule"]), **rest
    )
