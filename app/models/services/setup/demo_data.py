"""Data to look at: one invented company with two plants, and everything a bench needs."""

from dataclasses import replace
from datetime import timedelta

from app.models.domain.access import Access, Actor, Role, Sharing
from app.models.domain.authorities import KeyChoice
from app.models.domain.device_types import DeviceField, DeviceProperty, DeviceType, FieldKind
from app.models.domain.est_servers import EstServer
from app.models.domain.extensions import Extension
from app.models.domain.presets import template_presets
from app.models.domain.subjects import FieldRule, NamePart, TemplateField
from app.models.domain.templates import CertificateKind, Template
from app.models.domain.tenants import Organization, Tenant
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import (
    CLIENT_AUTH,
    NEVER,
    CertificateContents,
    KeyUsage,
    build_root,
)
from app.pki.extension_values import ExtensionValueKind, encode_value
from app.pki.keys import KeyAlgorithm, generate
from app.pki.names import ATTRIBUTE_TYPES, Attribute, Subject
from app.pki.sign import SoftwareKey

COMPANY = "Acme Controls"
DEMO_PASSWORD = "birthmark-demo"  # noqa: S105  known to everybody, for data without worth
CLIENT_TEMPLATE = "Gateway mTLS client"
DEMO_USERS = (
    ("admin", Role.ADMIN),
    ("ivan.petrov", Role.AUDITOR),
    ("ruth.keller", Role.TENANT_ADMIN),
    ("paul.jensen", Role.TENANT_AUDITOR),
    ("mia.rossi", Role.TENANT_OPERATOR),
    ("nora.lind", Role.ORGANIZATION_OPERATOR),
)
# An arc kept for examples (RFC 5612).
_SENSOR_HARDWARE = "1.3.6.1.4.1.32473.1.7"
_SITE = "1.3.6.1.4.1.32473.1.20"
_TEN_YEARS = timedelta(days=3653)


def make_demo(workspace: Workspace, actor: Actor) -> None:
    """Fill an empty, unlocked workspace.

    All `DEMO_USERS` have `DEMO_PASSWORD`; the organization operator works in the North plant.
    """
    tenant = workspace.tenants.create_tenant(actor, COMPANY)
    north = workspace.tenants.create_organization(actor, tenant.id, "North plant")
    workspace.tenants.create_organization(actor, tenant.id, "South plant")
    _make_users(workspace, actor, north)
    factory_id, operational_id = _make_authorities(workspace, actor)
    gateway = _make_gateway_type(workspace, actor, tenant, factory_id, operational_id)
    _make_sensor_type(workspace, actor, tenant, factory_id, operational_id)
    _make_extensions(workspace, actor, tenant)
    server = EstServer(0, "North plant bench", "", tenant.id, north.id, gateway.id)
    workspace.est_servers.create(actor, server)


def make_demo_application(workspace: Workspace, actor: Actor) -> None:
    """Add to the demo the line control of the plant, which enrols devices at its EST server."""
    server = workspace.est_servers.all(actor)[0]
    signed = next(one for one in workspace.templates.all(actor) if one.name == CLIENT_TEMPLATE)
    preset = next(one for one in template_presets() if one.key == "api-application")
    template = replace(
        preset.template,
        name="Line control",
        authority_id=signed.authority_id,
        sharing=Sharing(Access.TENANT, server.tenant_id),
    )
    workspace.templates.create(actor, template)
    made = workspace.applications.create(
        actor,
        "Line 2 control",
        server.tenant_id,
        server.organization_id,
        "Asks for certificates for the devices that pass line 2.",
    )
    workspace.applications.link(actor, server.id, made.application.id)


def make_demo_external_ca(workspace: Workspace, actor: Actor) -> None:
    """Add to the demo the CA of a manufacturer of sensors, which nobody has verified yet."""
    server = workspace.est_servers.all(actor)[0]
    key, name = SoftwareKey(generate(KeyAlgorithm.EC_P256)), "Borealis Sensors Device CA"
    now = workspace.store.clock.now().replace(microsecond=0)
    contents = CertificateContents(
        subject=(Attribute(ATTRIBUTE_TYPES["CN"].oid, name),),
        san=(),
        public_key=key.public_key,
        not_before=now,
        not_after=now + _TEN_YEARS,
        key_usage=frozenset({KeyUsage.KEY_CERT_SIGN, KeyUsage.CRL_SIGN}),
        extended_key_usage=(),
        ca=True,
    )
    certificate = build_root(contents, key)
    workspace.external_cas.register(actor, "Borealis Sensors", certificate, server.tenant_id)


def _make_users(workspace: Workspace, actor: Actor, plant: Organization) -> None:
    for name, role in DEMO_USERS:
        whole = role in (Role.ADMIN, Role.AUDITOR)
        workspace.users.create(
            actor,
            name,
            DEMO_PASSWORD,
            role,
            tenant_id=None if whole else plant.tenant_id,
            organization_id=plant.id if role is Role.ORGANIZATION_OPERATOR else None,
            must_change=False,
        )


def _make_authorities(workspace: Workspace, actor: Actor) -> tuple[int, int]:
    """The root and its two issuing authorities; returns the ids of the latter."""
    create_issuing = workspace.authority_making.create_issuing
    key = KeyChoice(KeyAlgorithm.EC_P256)
    root_name = f"{COMPANY} Root CA"
    root = workspace.authority_making.create_root(actor, root_name, _subject(root_name), key)
    name = "Acme Factory CA 1"
    factory = create_issuing(actor, root.id, name, _subject(name), key, not_after=NEVER)
    name = "Acme Operational CA 1"
    end = workspace.store.clock.now().replace(microsecond=0) + _TEN_YEARS
    operational = create_issuing(actor, root.id, name, _subject(name), key, not_after=end)
    return factory.id, operational.id


def _subject(common_name: str) -> Subject:
    return (
        Attribute(ATTRIBUTE_TYPES["O"].oid, COMPANY),
        Attribute(ATTRIBUTE_TYPES["CN"].oid, common_name),
    )


def _subject_field(
    kind: str, rule: FieldRule = FieldRule.REQUIRED, default: str = ""
) -> TemplateField:
    return TemplateField(NamePart.SUBJECT, kind, rule, default)


_COMPANY_FIELD = _subject_field("O", FieldRule.FIXED, COMPANY)


def _make_gateway_type(
    workspace: Workspace, actor: Actor, tenant: Tenant, factory_id: int, operational_id: int
) -> DeviceType:
    shared = Sharing(Access.TENANT, tenant.id)
    factory = Template(
        id=0,
        name="Gateway IDevID",
        kind=CertificateKind.FACTORY,
        authority_id=factory_id,
        fields=(_subject_field("serialNumber"), _subject_field("CN"), _COMPANY_FIELD),
        key_algorithms=(KeyAlgorithm.EC_P256, KeyAlgorithm.EC_P384, KeyAlgorithm.RSA_2048),
        subject_key_identifier=False,  # IEEE 802.1AR advises against it, as against usages
        validity_days=None,
        sharing=shared,
    )
    operational = Template(
        id=0,
        name=CLIENT_TEMPLATE,
        kind=CertificateKind.OPERATIONAL,
        authority_id=operational_id,
        fields=(
            _subject_field("CN"),
            _COMPANY_FIELD,
            _subject_field("OU", FieldRule.OPTIONAL, "Gateways"),
            TemplateField(NamePart.SAN, "dns"),
        ),
        key_algorithms=(KeyAlgorithm.EC_P256, KeyAlgorithm.EC_P384, KeyAlgorithm.RSA_2048),
        extended_key_usage=(CLIENT_AUTH,),
        validity_days=731,
        sharing=shared,
    )
    gateway = DeviceType(
        id=0,
        name="Gateway 200",
        description="DIN-rail gateway, two Ethernet ports.",
        sharing=shared,
        fields=(
            DeviceField(DeviceProperty.SERIAL_NUMBER, "Serial number", required=True),
            DeviceField(DeviceProperty.MODEL, "Model", fixed=True, default="Gateway 200"),
            DeviceField(DeviceProperty.HARDWARE_VERSION, "Hardware version", default="C2"),
            DeviceField(DeviceProperty.MANUFACTURER, "Manufacturer", fixed=True, default=COMPANY),
            DeviceField("mac", "MAC address", kind=FieldKind.MAC),
        ),
        factory_template_id=workspace.templates.create(actor, factory).id,
        factory_mapping={
            "subject.serialNumber": DeviceProperty.SERIAL_NUMBER.value,
            "subject.CN": "name",
        },
        operational_template_ids=(workspace.templates.create(actor, operational).id,),
        operational_mapping={"subject.CN": "name"},
        password_retention_hours=8,
        operational_renewal_hours=90 * 24,
    )
    return workspace.device_types.create(actor, gateway)


def _make_extensions(workspace: Workspace, actor: Actor, tenant: Tenant) -> None:
    """Two that the company's templates can add: one of RFC 8995, one of its own."""
    shared = Sharing(Access.TENANT, tenant.id)
    for name, oid, kind, text in (
        ("MASA URL", "1.3.6.1.5.5.7.1.32", ExtensionValueKind.IA5_STRING, "masa.acme.example"),
        ("Production site", _SITE, ExtensionValueKind.UTF8_STRING, "North plant, line 2"),
    ):
        value = encode_value(kind, text)
        workspace.extensions.create(
            actor, Extension(0, name, oid, critical=False, value=value, sharing=shared)
        )


def _make_sensor_type(
    workspace: Workspace, actor: Actor, tenant: Tenant, factory_id: int, operational_id: int
) -> None:
    shared = Sharing(Access.TENANT, tenant.id)
    factory = Template(
        id=0,
        name="Sensor IDevID",
        kind=CertificateKind.FACTORY,
        authority_id=factory_id,
        # Without a subject the SAN is critical (RFC 5280 section 4.2.1.6).
        fields=(
            TemplateField(
                NamePart.SAN,
                "hardwareModuleName",
                FieldRule.REQUIRED,
                hardware_type=_SENSOR_HARDWARE,
            ),
        ),
        key_algorithms=(KeyAlgorithm.EC_P256,),
        subject_key_identifier=False,
        validity_days=None,
        sharing=shared,
    )
    operational = Template(
        id=0,
        name="Sensor mTLS client",
        kind=CertificateKind.OPERATIONAL,
        authority_id=operational_id,
        fields=(_subject_field("CN"), _COMPANY_FIELD),
        key_algorithms=(KeyAlgorithm.EC_P256,),
        extended_key_usage=(CLIENT_AUTH,),
        validity_days=366,
        sharing=shared,
    )
    sensor = DeviceType(
        id=0,
        name="Flow sensor",
        description="Battery-powered; named by what its factory certificate says.",
        sharing=shared,
        fields=(
            DeviceField(DeviceProperty.MODEL, "Model", fixed=True, default="FS 30"),
            DeviceField(DeviceProperty.MANUFACTURER, "Manufacturer", fixed=True, default=COMPANY),
            DeviceField(DeviceProperty.FIRMWARE, "Firmware", default="1.4.2"),
            DeviceField(DeviceProperty.LOCATION, "Descriptive location"),
        ),
        factory_template_id=workspace.templates.create(actor, factory).id,
        factory_mapping={"san.hardwareModuleName": "name"},
        operational_template_ids=(workspace.templates.create(actor, operational).id,),
        operational_mapping={"subject.CN": "name"},
        use_mapping=True,
        password_enabled=False,
        operational_renewal_hours=30 * 24,
    )
    workspace.device_types.create(actor, sensor)
