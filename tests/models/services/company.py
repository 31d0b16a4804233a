"""Two tenants with two organizations each, and something of every kind wherever it can be."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum

from app.models.domain.access import (
    EVERYWHERE,
    SYSTEM,
    Access,
    Actor,
    Channel,
    Role,
    Scope,
    Sharing,
)
from app.models.domain.authorities import KeyChoice
from app.models.domain.device_types import DeviceType
from app.models.domain.est_servers import EstLabel, EstServer
from app.models.domain.extensions import Extension
from app.models.domain.issuing import IssueRequest
from app.models.domain.subjects import FieldRule, NamePart, TemplateField
from app.models.domain.templates import CertificateKind, Template
from app.models.services.devices.creation import NewDevice
from app.models.services.workspace.workspace import Workspace
from app.pki.keys import KeyAlgorithm
from app.pki.subjects import ATTRIBUTE_TYPES, Attribute
from tests.workspace_fixtures import NOW

PASSWORD = "three green apples"
KEY = KeyChoice(KeyAlgorithm.EC_P256)
END = NOW + timedelta(days=80)
TENANTS = {"Acme": ("Acme North", "Acme South"), "Borealis": ("Fjord", "Harbour")}


class Place(StrEnum):
    """Where something is, seen by the people of Acme, its operator being of Acme North."""

    GLOBAL = "global"
    OWN_TENANT = "own tenant"
    OWN = "own organization"
    OTHER_ORGANIZATION = "other organization"
    OTHER_TENANT = "other tenant"


@dataclass(frozen=True)
class Spot:
    """A tenant, an organization or the whole workspace, with what is there.

    `ids` leads from a kind of object to one that a test may do anything to; `all_ids` to every
    one. Not every kind is everywhere: there are no global devices.
    """

    place: Place
    name: str
    sharing: Sharing
    ids: dict[str, int] = field(default_factory=dict)
    all_ids: dict[str, set[int]] = field(default_factory=dict)

    @property
    def scope(self) -> Scope:
        """Where this is."""
        return Scope(self.sharing.tenant_id, self.sharing.organization_id)

    def add(self, kind: str, object_id: int) -> None:
        """Take note of an object; the first of its kind is the one for tests."""
        self.ids.setdefault(kind, object_id)
        self.all_ids.setdefault(kind, set()).add(object_id)


@dataclass(frozen=True)
class Company:
    """The spots, and who acts: somebody in each role."""

    spots: tuple[Spot, ...]
    actors: Mapping[Role, Actor]

    def spot(self, name: str) -> Spot:
        """The spot of this name."""
        return next(spot for spot in self.spots if spot.name == name)


def found(workspace: Workspace) -> Company:
    """Fill an empty workspace."""
    spots = [Spot(Place.GLOBAL, "Everywhere", EVERYWHERE, {"workspace": 0})]
    for tenant_name, plants in TENANTS.items():
        own = tenant_name == "Acme"
        tenant = workspace.tenants.create_tenant(SYSTEM, tenant_name)
        place = Place.OWN_TENANT if own else Place.OTHER_TENANT
        whole = Spot(place, tenant_name, Sharing(Access.TENANT, tenant.id))
        whole.add("tenant", tenant.id)
        spots.append(whole)
        for plant_name in plants:
            plant = workspace.tenants.create_organization(SYSTEM, tenant.id, plant_name)
            if own:
                place = Place.OWN if plant_name == "Acme North" else Place.OTHER_ORGANIZATION
            sharing = Sharing(Access.ORGANIZATION, tenant.id, plant.id)
            spots.append(Spot(place, plant_name, sharing))
            spots[-1].add("organization", plant.id)
    for spot in spots:
        _furnish(workspace, spot)
    return Company(tuple(spots), _actors(workspace, spots))


def new_template(spot: Spot, name: str, authority_id: int) -> Template:
    """A template for what devices of the spot are given; not stored yet."""
    return Template(
        id=0,
        name=name,
        kind=CertificateKind.OPERATIONAL,
        authority_id=authority_id,
        fields=(TemplateField(NamePart.SUBJECT, "CN", FieldRule.REQUIRED),),
        key_algorithms=(KeyAlgorithm.EC_P256,),
        extension_ids=(spot.ids["extension"],),
        sharing=spot.sharing,
    )


def new_extension(spot: Spot, name: str) -> Extension:
    """An extension for the spot; not stored yet."""
    return Extension(
        id=0,
        name=name,
        oid="1.3.6.1.4.1.32473.1.8",
        critical=False,
        value=b"\x05\x00",
        sharing=spot.sharing,
    )


def new_device(spot: Spot, name: str) -> NewDevice:
    """A device of the organization that the spot is; not stored yet."""
    tenant_id, organization_id = spot.sharing.tenant_id, spot.sharing.organization_id
    assert tenant_id is not None
    assert organization_id is not None
    return NewDevice(
        name=name,
        tenant_id=tenant_id,
        organization_id=organization_id,
        type_id=spot.ids["device-type"],
        values={},
        operational=(IssueRequest(spot.ids["template"], typed={"subject.CN": name}),),
        password=PASSWORD,
        pfx_passphrase=PASSWORD,
    )


def new_device_type(spot: Spot, name: str) -> DeviceType:
    """A device type for the spot with its template; not stored yet."""
    return DeviceType(
        id=0, name=name, sharing=spot.sharing, operational_template_ids=(spot.ids["template"],)
    )


def new_server(spot: Spot, name: str) -> EstServer:
    """An EST server of the organization that the spot is; not stored yet."""
    tenant_id, organization_id = spot.sharing.tenant_id, spot.sharing.organization_id
    assert tenant_id is not None
    assert organization_id is not None
    return EstServer(0, name, "", tenant_id, organization_id, spot.ids["device-type"])


def named(common_name: str) -> tuple[Attribute, ...]:
    """A subject with a common name."""
    return (Attribute(ATTRIBUTE_TYPES["CN"].oid, common_name),)


def _furnish(workspace: Workspace, spot: Spot) -> None:
    """What can be global and what belongs to a tenant or an organization."""
    name, sharing = spot.name, spot.sharing
    authority = workspace.authority_making.create_root(
        SYSTEM, f"{name} CA", named(f"{name} CA"), KEY, not_after=END, sharing=sharing
    )
    spot.add("authority", authority.id)
    request = workspace.authority_imports.request(
        SYSTEM, f"{name} CA 2", named(f"{name} CA 2"), KEY, sharing=sharing
    )
    spot.add("request", request.id)
    extension = workspace.extensions.create(SYSTEM, new_extension(spot, f"{name} extension"))
    spot.add("extension", extension.id)
    template = workspace.templates.create(
        SYSTEM, new_template(spot, f"{name} template", authority.id)
    )
    spot.add("template", template.id)
    clients = new_template(spot, f"{name} clients", authority.id)
    for_clients = workspace.templates.create(
        SYSTEM, replace(clients, kind=CertificateKind.APPLICATION)
    )
    spot.add("template", for_clients.id)
    spot.add(
        "device-type",
        workspace.device_types.create(SYSTEM, new_device_type(spot, f"{name} type")).id,
    )
    wanted = IssueRequest(template.id, typed={"subject.CN": name})
    issued = workspace.certificate_issuing.issue(
        SYSTEM, wanted, spot.scope, pfx_passphrase=PASSWORD
    )
    spot.add("certificate", issued.certificate.id)
    _add_user(workspace, spot, _HELPERS[sharing.access], "helper")
    if sharing.tenant_id is not None:
        application = workspace.applications.create(
            SYSTEM, f"{name} client", sharing.tenant_id, sharing.organization_id
        )
        spot.add("application", application.application.id)
        found = workspace.external_cas.register(
            SYSTEM,
            f"{name} sensor maker",
            authority.certificate,
            sharing.tenant_id,
            sharing.organization_id,
            verified=True,
        )
        spot.add("external-ca", found.id)
        own = workspace.certificate_issuing.issue_for_application(
            SYSTEM, spot.ids["application"], replace(wanted, template_id=for_clients.id)
        )
        spot.add("certificate", own.certificate.id)
    if sharing.organization_id is not None:
        _furnish_plant(workspace, spot)


def _furnish_plant(workspace: Workspace, spot: Spot) -> None:
    made = workspace.device_creation.create(SYSTEM, new_device(spot, f"{spot.name} 1"))
    spot.add("device", made.device.id)
    spot.add("certificate", made.operational[0].certificate.id)
    label = EstLabel(0, "line4", spot.ids["device-type"])
    server = workspace.est_servers.create(SYSTEM, new_server(spot, f"{spot.name} bench"), [label])
    spot.add("est-server", server.id)
    (row,) = workspace.est_servers.labels(SYSTEM, server.id)
    spot.add("est-label", row.id)


_HELPERS = {
    Access.GLOBAL: Role.AUDITOR,
    Access.TENANT: Role.TENANT_AUDITOR,
    Access.ORGANIZATION: Role.ORGANIZATION_OPERATOR,
}
_ROLES = {
    Place.GLOBAL: (Role.ADMIN, Role.AUDITOR),
    Place.OWN_TENANT: (Role.TENANT_ADMIN, Role.TENANT_AUDITOR, Role.TENANT_OPERATOR),
    Place.OWN: (Role.ORGANIZATION_OPERATOR,),
}


def _add_user(workspace: Workspace, spot: Spot, role: Role, name: str) -> Actor:
    user = workspace.users.create(
        SYSTEM,
        f"{name} of {spot.name}",
        PASSWORD,
        role,
        tenant_id=spot.sharing.tenant_id,
        organization_id=spot.sharing.organization_id,
        must_change=False,
    )
    spot.add("user", user.id)
    return user.actor(Channel.WINDOW)


def _actors(workspace: Workspace, spots: list[Spot]) -> dict[Role, Actor]:
    return {
        role: _add_user(workspace, spot, role, role.value)
        for spot in spots
        for role in _ROLES.get(spot.place, ())
    }
