"""A small plant behind one EST server: authorities, two device types, devices on demand."""

import base64
import ipaddress
import shutil
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID
from sqlalchemy import func, select

from app.core.messages import Peer, Request, Response
from app.est.service import EstService
from app.models.db import tables
from app.models.domain.access import Actor, Channel, Role
from app.models.domain.authorities import KeyChoice
from app.models.domain.device_types import DEVICE_NAME, DeviceType
from app.models.domain.est_servers import EstServer
from app.models.domain.issuing import IssueRequest
from app.models.domain.subjects import FieldRule, NamePart, TemplateField
from app.models.domain.templates import CertificateKind, Template
from app.models.services.audit.log import AuditFilter
from app.models.services.devices.creation import CreatedDevice, NewDevice
from app.models.services.workspace.opening import create_workspace, open_workspace
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import CLIENT_AUTH, NEVER, CertificateContents, KeyUsage
from app.pki.certificates import build as build_certificate
from app.pki.csr import parse_csr
from app.pki.keys import KeyAlgorithm
from app.pki.names import ATTRIBUTE_TYPES, Attribute, Subject
from app.pki.sealing import KdfCost
from tests.fakes import FakeClock

PASSPHRASE = "correct horse"
PASSWORD = "k7mq-x2fd-9hpa"
DOMAIN = "bench.est.local"
ADMIN = Actor("admin", Channel.WINDOW, Role.ADMIN)
CHEAP = KdfCost(memory=8, passes=1, lanes=1)
_KEYS = (KeyAlgorithm.EC_P256, KeyAlgorithm.EC_P384, KeyAlgorithm.RSA_2048)

DeviceKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def ec_key() -> ec.EllipticCurvePrivateKey:
    """A new P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


@lru_cache
def rsa_key(number: int = 0) -> rsa.RSAPrivateKey:
    """One of a few RSA 2048 keys; making one takes long."""
    assert number >= 0
    return rsa.generate_private_key(65537, 2048)


def name(**attributes: str) -> x509.Name:
    """`name(CN="pump", O="Acme")`."""
    oids = {
        "CN": NameOID.COMMON_NAME,
        "O": NameOID.ORGANIZATION_NAME,
        "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    }
    return x509.Name([x509.NameAttribute(oids[k], v) for k, v in attributes.items()])


def csr(
    key: DeviceKey,
    subject: x509.Name | str,
    san: Sequence[str] = (),
    *,
    challenge: str | None = None,
    extensions: Sequence[tuple[x509.ExtensionType, bool]] = (),
) -> bytes:
    """A DER certification request. A SAN that reads as an IP address is one."""
    subject = name(CN=subject) if isinstance(subject, str) else subject
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    if san:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_general_name(text) for text in san]), critical=False
        )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    if challenge is not None:
        builder = builder.add_attribute(
            x509.oid.AttributeOID.CHALLENGE_PASSWORD, challenge.encode()
        )
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def _general_name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def basic(device: str, password: str = PASSWORD) -> dict[str, str]:
    """The header of HTTP Basic."""
    return {"authorization": "Basic " + base64.b64encode(f"{device}:{password}".encode()).decode()}


def certificates_of(response: Response) -> list[x509.Certificate]:
    """The certificates in an answer, as another library reads them."""
    with warnings.catch_warnings():
        # It misses the order of DER; clients need the order of the chain instead.
        warnings.filterwarnings("ignore", message="PKCS#7 certificates could not be parsed as DER")
        return pkcs7.load_der_pkcs7_certificates(base64.b64decode(response.body))


@dataclass
class Plant:
    """An open workspace with an EST server, and the service that answers for it."""

    workspace: Workspace
    clock: FakeClock
    service: EstService = field(init=False)

    def __post_init__(self) -> None:
        workspace = self.workspace
        self.service = EstService(
            workspace.enrolment, workspace.enrolment_terms, workspace.est_exchanges
        )
        self.tenant_id = workspace.tenants.tenants(ADMIN)[0].id
        self.north, self.south = (o.id for o in workspace.tenants.organizations(ADMIN))
        self.types = {found.name: found for found in workspace.device_types.all(ADMIN)}
        self.templates = {found.name: found for found in workspace.templates.all(ADMIN)}
        self.server = workspace.est_servers.all(ADMIN)[0]

    def device(
        self,
        device_name: str,
        *,
        type_name: str = "Gateway",
        organization_id: int | None = None,
        factory_key: DeviceKey | None = None,
    ) -> CreatedDevice:
        """Create a device with `PASSWORD`, and a factory certificate for `factory_key`."""
        factory = None
        if factory_key is not None:
            request = parse_csr(csr(factory_key, device_name))
            factory = IssueRequest(self.templates["Factory"].id, request)
        new = NewDevice(
            device_name,
            self.tenant_id,
            organization_id or self.north,
            self.types[type_name].id,
            factory=factory,
            password=PASSWORD,
        )
        return self.workspace.device_creation.create(ADMIN, new)

    def with_factory_certificate(self, device_name: str, **options: Any) -> tuple[bytes, DeviceKey]:
        """Create a device; its factory certificate (DER) and the key of it."""
        key = options.pop("factory_key", None) or ec_key()
        created = self.device(device_name, factory_key=key, **options)
        assert created.factory is not None
        return created.factory.certificate.der, key

    def add_type(self, type_name: str, like: str = "Gateway", **changes: Any) -> DeviceType:
        """A device type as another one, but for some fields."""
        changed = replace(self.types[like], name=type_name, **changes)
        self.types[type_name] = self.workspace.device_types.create(ADMIN, changed)
        return self.types[type_name]

    def add_server(self, label: str, **changes: Any) -> EstServer:
        """An EST server `<label>.est.local` as the first one, but for some fields."""
        named = {"name": label, "domain": f"{label}.est.local"}
        changed = replace(self.server, **(named | changes))
        return self.workspace.est_servers.create(ADMIN, changed)

    def add_label(self, name: str, device_type: DeviceType) -> None:
        """A label of the first EST server."""
        self.workspace.est_servers.add_label(ADMIN, self.server.id, name, device_type.id)

    def undemanding_type(self) -> DeviceType:
        """A device type `Anything` whose template takes every kind of key."""
        template = replace(
            self.templates["Named"], name="Anything", key_algorithms=tuple(KeyAlgorithm)
        )
        template = self.workspace.templates.create(ADMIN, template)
        return self.add_type("Anything", operational_template_ids=(template.id,))

    def ask(
        self,
        operation: str,
        request: bytes = b"",
        *,
        headers: dict[str, str] | None = None,
        shows: Sequence[bytes] = (),
        binding: bytes = b"",
        host: str = DOMAIN,
        method: str | None = None,
        body: bytes | None = None,
        address: str = "192.0.2.7",
    ) -> Response:
        """The service's answer. `request` is the DER of a CSR, `shows` what TLS proved."""
        posts = operation.rpartition("/")[2].startswith(("simple", "serverkey"))
        given = {"host": host}
        if posts:
            given["content-type"] = "application/pkcs10"
        return self.service.handle(
            Request(
                method or ("POST" if posts else "GET"),
                f"/.well-known/est/{operation}",
                given | (headers or {}),
                base64.b64encode(request) if body is None else body,
                Peer(address, "TLS 1.3", tuple(shows), binding),
            )
        )

    def enrol(self, device_name: str, key: DeviceKey | None = None) -> bytes:
        """Enrol a device by its password; its operational certificate (DER)."""
        request = csr(key or ec_key(), device_name)
        response = self.ask("simpleenroll", request, headers=basic(device_name))
        assert response.status == 200, response.body
        return certificates_of(response)[0].public_bytes(Encoding.DER)

    def sign(
        self,
        template: str,
        public_key: bytes,
        subject: Subject,
        serial: int | None = None,
        **contents: Any,
    ) -> bytes:
        """A certificate by the authority of a template that the workspace knows nothing of."""
        now = self.clock.now().replace(microsecond=0)
        values: dict[str, Any] = {
            "not_before": now - timedelta(days=1),
            "not_after": now + timedelta(days=30),
            "key_usage": frozenset({KeyUsage.DIGITAL_SIGNATURE}),
            "extended_key_usage": (CLIENT_AUTH,),
            "san": (),
        }
        with self.workspace.store.database.read() as connection:
            issuer = self.workspace.authorities.issuer(
                connection, self.templates[template].authority_id
            )
        wanted = CertificateContents(subject=subject, public_key=public_key, **(values | contents))
        serial = serial or x509.random_serial_number()
        return build_certificate(wanted, issuer.info.der, issuer.key, serial)

    def count(self) -> int:
        """How many certificates of devices are recorded."""
        query = select(func.count()).select_from(tables.certificate)
        with self.workspace.store.database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def refusals(self) -> list[str]:
        """The reasons of the recorded EST refusals, newest first."""
        log = self.workspace.audit.page(ADMIN, 0, 10_000, AuditFilter("est.refuse"))
        return [event.reason for event in log]

    def monitor_line(self) -> Any:
        """The newest line of the monitor."""
        return self.workspace.est_monitor.entries()[-1]


def make_plant(folder: Path, now: datetime) -> None:
    """Make a workspace folder with the plant in it, and close it."""
    workspace = create_workspace(folder, PASSPHRASE, FakeClock(now), CHEAP)
    tenant = workspace.tenants.create_tenant(ADMIN, "Acme Controls")
    north = workspace.tenants.create_organization(ADMIN, tenant.id, "North plant")
    workspace.tenants.create_organization(ADMIN, tenant.id, "South plant")
    authorities = _make_authorities(workspace)
    factory = workspace.templates.create(ADMIN, _template("Factory", authorities["Factory"]))
    named = workspace.templates.create(ADMIN, _template("Named", authorities["Operational"]))
    free = workspace.templates.create(ADMIN, _free_template(authorities["Operational"]))
    gateway = DeviceType(
        0,
        "Gateway",
        factory_template_id=factory.id,
        factory_mapping={"subject.CN": DEVICE_NAME},
        operational_template_ids=(named.id,),
        operational_mapping={"subject.CN": DEVICE_NAME},
    )
    gateway = workspace.device_types.create(ADMIN, gateway)
    workspace.device_types.create(
        ADMIN,
        replace(gateway, name="Free", operational_template_ids=(free.id,), operational_mapping={}),
    )
    server = EstServer(0, "Bench", DOMAIN, tenant.id, north.id, gateway.id)
    workspace.est_servers.create(ADMIN, server)
    workspace.close()


@contextmanager
def opened_plant(
    template: Path, folder: Path, clock: FakeClock, cost: KdfCost = CHEAP
) -> Iterator[Plant]:
    """An open copy of a folder that `make_plant` made. `cost` is what a password check costs."""
    shutil.copytree(template, folder)
    workspace = open_workspace(folder, clock, PASSPHRASE, cost=cost)
    try:
        yield Plant(workspace, clock)
    finally:
        workspace.close()


def _make_authorities(workspace: Workspace) -> dict[str, int]:
    root = workspace.authority_making.create_root(
        ADMIN, "Root", _cn("Acme Root CA"), KeyChoice(KeyAlgorithm.EC_P256), not_after=NEVER
    )
    return {
        title: workspace.authority_making.create_issuing(
            ADMIN,
            root.id,
            title,
            _cn(f"Acme {title} CA"),
            KeyChoice(KeyAlgorithm.EC_P256),
            not_after=NEVER,
        ).id
        for title in ("Factory", "Operational")
    }


def _cn(text: str) -> Subject:
    return (Attribute(ATTRIBUTE_TYPES["CN"].oid, text),)


def _template(title: str, authority_id: int) -> Template:
    """The device's name and its maker; an operational one takes a DNS name of the device too."""
    subject = (
        TemplateField(NamePart.SUBJECT, "CN", FieldRule.REQUIRED),
        TemplateField(NamePart.SUBJECT, "O", FieldRule.FIXED, default="Acme Controls"),
    )
    if title == "Factory":
        return Template(
            0, title, CertificateKind.FACTORY, authority_id, subject, _KEYS, validity_days=None
        )
    return Template(
        0,
        title,
        CertificateKind.OPERATIONAL,
        authority_id,
        (*subject, TemplateField(NamePart.SAN, "dns")),
        _KEYS,
        extended_key_usage=(CLIENT_AUTH,),
        validity_days=90,
    )


def _free_template(authority_id: int) -> Template:
    """Every name comes from the request."""
    fields = (
        TemplateField(NamePart.SUBJECT, "CN"),
        TemplateField(NamePart.SUBJECT, "OU"),
        TemplateField(NamePart.SAN, "dns"),
        TemplateField(NamePart.SAN, "dns", index=2),
        TemplateField(NamePart.SAN, "ip"),
    )
    return replace(_template("Free", authority_id), fields=fields)
