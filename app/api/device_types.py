"""Device types that devices of an organization may have, and what each asks of a device."""

from collections.abc import Mapping

from app.api.paging import Paging
from app.api.routes import ORGANIZATION, Answer, Call, Nothing, Route
from app.models.domain.device_types import DeviceField, DeviceType
from app.models.domain.templates import Template
from app.models.services.workspace.workspace import Workspace

_TYPES = f"{ORGANIZATION}/devicetypes"


class DeviceTypeItem(Answer):
    """A device type, as it is listed."""

    device_type_id: int
    name: str
    description: str


class DeviceTypeList(Answer):
    """The active device types offered to the organization, by name."""

    device_types: tuple[DeviceTypeItem, ...]
    pagenum: int
    pagesize: int
    total: int


class DeviceFieldAnswer(Answer):
    """A property or attribute of the devices; `choices` and `pattern` are empty for any value."""

    key: str
    title: str
    kind: str
    required: bool
    fixed: bool
    default: str
    choices: tuple[str, ...]
    pattern: str
    max_length: int


class TypeTemplate(Answer):
    """A certificate template of the type: the keys it takes, and the fields it names somebody by.

    A key made here is of the first kind.
    """

    template_id: int
    name: str
    default: bool
    key_algorithms: tuple[str, ...]
    fields: tuple[str, ...]


class DeviceTypeAnswer(DeviceTypeItem):
    """A device type. Renewal hours are before expiry, 0 for any time.

    With `external_ca` devices come with a factory certificate of their manufacturer, which names
    them; with `named_by_certificate` the factory certificate issued here does.
    """

    status: str
    fields: tuple[DeviceFieldAnswer, ...]
    factory_template: TypeTemplate | None
    operational_templates: tuple[TypeTemplate, ...]
    external_ca: bool
    named_by_certificate: bool
    enforce_factory_mode: bool
    password_enabled: bool
    factory_renewal_hours: int
    operational_renewal_hours: int


def list_device_types(workspace: Workspace, call: Call, given: Paging) -> DeviceTypeList:
    """The types that a new device may have (DEV-09)."""
    found = workspace.device_types.offered(
        call.actor, call.actor.tenant_id or 0, call.number("organization_id")
    )
    shown = found[given.offset : given.offset + given.limit]
    return DeviceTypeList(
        device_types=tuple(
            DeviceTypeItem(device_type_id=one.id, name=one.name, description=one.description)
            for one in shown
        ),
        pagenum=given.pagenum,
        pagesize=given.limit,
        total=len(found),
    )


def get_device_type(workspace: Workspace, call: Call, _given: Nothing) -> DeviceTypeAnswer:
    """One type, active or not."""
    one = workspace.device_types.read(call.actor, call.number("device_type_id"))
    templates = {found.id: found for found in workspace.templates.all(call.actor)}
    return DeviceTypeAnswer(
        device_type_id=one.id,
        name=one.name,
        description=one.description,
        status="active" if one.active else "inactive",
        fields=tuple(map(_field, one.fields)),
        factory_template=_template(one, one.factory_template_id, templates),
        operational_templates=tuple(
            found
            for template_id in one.operational_template_ids
            if (found := _template(one, template_id, templates)) is not None
        ),
        external_ca=one.external_ca_id is not None,
        named_by_certificate=one.named_by_certificate,
        enforce_factory_mode=one.enforce_factory_mode,
        password_enabled=one.password_enabled,
        factory_renewal_hours=one.factory_renewal_hours,
        operational_renewal_hours=one.operational_renewal_hours,
    )


def _field(one: DeviceField) -> DeviceFieldAnswer:
    return DeviceFieldAnswer(
        key=one.key,
        title=one.label,
        kind=one.kind.value,
        required=one.required,
        fixed=one.fixed,
        default=one.default,
        choices=one.choices,
        pattern=one.pattern,
        max_length=one.max_length,
    )


def _template(
    owner: DeviceType, template_id: int | None, templates: Mapping[int, Template]
) -> TypeTemplate | None:
    """A template of the type, unless it is out of the organization's sight."""
    found = None if template_id is None else templates.get(template_id)
    if found is None:
        return None
    return TypeTemplate(
        template_id=found.id,
        name=found.name,
        default=found.id in (owner.factory_template_id, owner.default_operational_template_id),
        key_algorithms=tuple(algorithm.label for algorithm in found.key_algorithms),
        fields=tuple(field.key for field in found.fields),
    )


ROUTES = (
    Route(
        "GET",
        _TYPES,
        "List the device types that a new device may have",
        Paging,
        DeviceTypeList,
        list_device_types,
    ),
    Route(
        "GET",
        f"{_TYPES}/{{device_type_id}}",
        "Show a device type",
        Nothing,
        DeviceTypeAnswer,
        get_device_type,
    ),
)
