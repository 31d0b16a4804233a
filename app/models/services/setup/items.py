"""What set-up files hold, over the services that keep it: read out of a workspace, put into one."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Table

from app.core.errors import ConflictError, KnownError
from app.core.language import _
from app.models.db.tables import custom_extension, device_type, external_ca, template
from app.models.domain.access import Operation
from app.models.domain.external_cas import ExternalCa, read_ca
from app.models.domain.setup_files import KINDS, Outcome, PlannedItem, differences
from app.models.services.device_types.device_types import DeviceTypes
from app.models.services.external_cas.external_cas import ExternalCas
from app.models.services.external_cas.records import external_ca_of, row_in_reach
from app.models.services.setup.contents import (
    Content,
    device_type_content,
    device_type_from,
    extension_content,
    extension_from,
    external_ca_content,
    template_content,
    template_from,
)
from app.models.services.setup.names import SetupNames
from app.models.services.store import Change
from app.models.services.templates.extensions import Extensions
from app.models.services.templates.templates import Templates
from app.pki.certificates import certificate_to_pem


@dataclass(frozen=True)
class _Kind:
    """How one kind of shareable thing is found, read, told of, made and changed."""

    table: Table
    service: Extensions | Templates | DeviceTypes
    content: Callable[[SetupNames, Any], Content]
    made_of: Callable[[SetupNames, Content], Any]


class SetupItems:
    """Reads and writes what set-up files hold, as a part of a transaction."""

    def __init__(
        self,
        extensions: Extensions,
        templates: Templates,
        external_cas: ExternalCas,
        device_types: DeviceTypes,
    ) -> None:
        self._extensions = extensions
        self._templates = templates
        self._external_cas = external_cas
        self._device_types = device_types
        self._kinds = {
            "extensions": _Kind(custom_extension, extensions, extension_content, extension_from),
            "templates": _Kind(template, templates, template_content, template_from),
            "device_types": _Kind(device_type, device_types, device_type_content, device_type_from),
        }

    def contents(
        self, names: SetupNames, type_ids: Collection[int] | None
    ) -> dict[str, list[Content]]:
        """These device types and what they refer to; with None all that is active in reach.

        What something active refers to comes along, active or not.
        """
        every = type_ids is None
        connection, actor = names.connection, names.actor
        types = [
            self._device_types.seen(connection, actor, id_)
            for id_ in (names.active(device_type) if type_ids is None else type_ids)
        ]
        template_ids = set(names.active(template) if every else ())
        ca_ids = set(names.active(external_ca) if every else ())
        extension_ids = set(names.active(custom_extension) if every else ())
        for one in types:
            used = (one.factory_template_id, *one.operational_template_ids)
            template_ids |= {id_ for id_ in used if id_ is not None}
            ca_ids |= set() if one.external_ca_id is None else {one.external_ca_id}
        templates = [self._templates.seen(connection, actor, id_) for id_ in template_ids]
        extension_ids.update(id_ for one in templates for id_ in one.extension_ids)
        extensions = [self._extensions.seen(connection, actor, id_) for id_ in extension_ids]
        cas = [_external_ca(names, id_) for id_ in ca_ids]
        found = {
            "extensions": [extension_content(names, one) for one in extensions],
            "templates": [template_content(names, one) for one in templates],
            "external_cas": [external_ca_content(names, one) for one in cas],
            "device_types": [device_type_content(names, one) for one in types],
        }
        return {kind: sorted(found[kind], key=_by_name) for kind in KINDS}

    def put(self, change: Change, names: SetupNames, kind: str, content: Content) -> PlannedItem:
        """Make or change what a file tells of, or nothing when that is impossible."""
        try:
            with change.connection.begin_nested():
                if kind == "external_cas":
                    return self._put_external_ca(change, names, content)
                return _put(change, names, kind, self._kinds[kind], content)
        except KnownError as error:
            name = content["name"]
            return PlannedItem(kind, name, Outcome.IMPOSSIBLE, problem=error.text())

    def _put_external_ca(self, change: Change, names: SetupNames, content: Content) -> PlannedItem:
        """Register it, never as a verified one: that is for people who know its owner."""
        name, data = content["name"], content["certificate"].encode()
        tenant_id = names.tenant(content["tenant"])
        _tenant_id, organization_id = names.owner(content)
        found = names.find_external_ca(name, tenant_id)
        if found is None:
            self._external_cas.register_in(change, name, data, tenant_id, organization_id)
            return PlannedItem("external_cas", name, Outcome.NEW)
        pem = certificate_to_pem(read_ca(data, change.now).certificate).decode()
        before = external_ca_content(names, _external_ca(names, found))
        if differences(before, {**content, "certificate": pem}):
            raise ConflictError(
                _("The external CA {name} has another certificate or organization here.").format(
                    name=name
                ),
                remedy=_("Rename the one that is here if both are needed."),
            )
        return PlannedItem("external_cas", name, Outcome.UNCHANGED)


def _put(change: Change, names: SetupNames, kind: str, of: _Kind, content: Content) -> PlannedItem:
    wanted: Any = of.made_of(names, content)
    service: Any = of.service
    found = names.find(of.table, wanted.name)
    if found is None:
        service.create_in(change, wanted)
        return PlannedItem(kind, wanted.name, Outcome.NEW)
    before = of.content(names, service.seen(change.connection, change.actor, found))
    different = differences(before, of.content(names, wanted))
    if not different:
        return PlannedItem(kind, wanted.name, Outcome.UNCHANGED)
    service.edit_in(change, replace(wanted, id=found))
    return PlannedItem(kind, wanted.name, Outcome.CHANGED, different)


def _external_ca(names: SetupNames, ca_id: int) -> ExternalCa:
    row = row_in_reach(names.connection, names.actor, Operation.EXTERNAL_CA_VIEW, ca_id)
    return external_ca_of(row)


def _by_name(content: Mapping[str, Any]) -> tuple[str, str]:
    return content.get("tenant", ""), content["name"]
