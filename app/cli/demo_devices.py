"""The devices of the demonstration, each made through the same services as everybody's."""

from dataclasses import dataclass, field
from pathlib import Path

from app.core.files import replace_file
from app.core.language import _
from app.models.domain.access import SYSTEM, Actor
from app.models.domain.device_types import DeviceProperty
from app.models.domain.issuing import IssueRequest
from app.models.services.certificates.certification import IssuedCertificate
from app.models.services.devices.creation import NewDevice
from app.models.services.workspace.workspace import Workspace
from app.models.wizards.device_wizard import DeviceWizard
from app.models.wizards.steps import Step
from app.pki.certificates import certificate_to_pem
from app.pki.csr import build_csr, parse_csr
from app.pki.keys import KeyAlgorithm, PrivateKey, generate, private_key_to_pem
from app.pki.names import ATTRIBUTE_TYPES, Attribute
from app.pki.passwords import new_password
from app.pki.sign import SoftwareKey

TYPE, PLANT = "Gateway 200", "North plant"
RENEWAL_DAYS = 20  # well inside the renewal window of the type


@dataclass
class Files:
    """A device and where its files lie; paths are absolute."""

    name: str
    password: str = field(repr=False)
    certificate: str = ""
    key: str = ""
    chain: str = ""
    kind: str = ""

    def summary(self) -> dict[str, str]:
        """What may be told of it: everything but the password."""
        return {
            "name": self.name,
            "kind": self.kind,
            "certificate": self.certificate,
            "key": self.key,
            "chain": self.chain,
        }


class DemoDevices:
    """Makes devices and writes their files, a folder each."""

    def __init__(self, workspace: Workspace, actor: Actor, out: Path) -> None:
        self._workspace = workspace
        self._actor = actor
        self._out = out
        self._type = next(t for t in workspace.device_types.all(SYSTEM) if t.name == TYPE)
        self._plant = next(o for o in workspace.tenants.organizations(SYSTEM) if o.name == PLANT)

    def issuing_authorities(self) -> bytes:
        """The certificates of every authority below the root, as PEM."""
        authorities = self._workspace.authorities.all(SYSTEM)
        return b"".join(
            certificate_to_pem(authority.certificate)
            for authority in authorities
            if authority.issuer_id is not None
        )

    def through_the_wizard(self, name: str, algorithm: KeyAlgorithm) -> Files:
        """A device with a factory certificate and a password, made step by step in the wizard."""
        key, csr = _request(name, algorithm)
        wizard = DeviceWizard(self._actor, self._workspace)
        wizard.answer(
            Step.INFO,
            name=name,
            tenant_id=self._plant.tenant_id,
            organization_id=self._plant.id,
            type_id=self._type.id,
        )
        wizard.next()
        wizard.answer(Step.ATTRIBUTES, values={DeviceProperty.SERIAL_NUMBER.value: name[-6:]})
        wizard.next()
        wizard.load_csr(Step.FACTORY, csr)
        wizard.next()
        wizard.skip()
        device = Files(name, new_password())
        wizard.answer(Step.CREDENTIALS, password=device.password)
        wizard.next()
        created = wizard.save()
        self._save_issued(device, "factory", created.factory, key)
        print(_("Created {name} in the wizard, with a factory certificate.").format(name=name))
        return device

    def with_factory_certificate(self, name: str, algorithm: KeyAlgorithm) -> Files:
        """A device in factory mode."""
        key, csr = _request(name, algorithm)
        template_id = self._type.factory_template_id
        assert template_id is not None  # noqa: S101  the demonstration's type has one
        device = Files(name, new_password())
        request = IssueRequest(template_id, parse_csr(csr))
        created = self._workspace.device_creation.create(
            self._actor, self._new(device, factory=request)
        )
        self._save_issued(device, "factory", created.factory, key)
        print(_("Created {name} with a factory certificate.").format(name=name))
        return device

    def ready_to_renew(self, name: str, algorithm: KeyAlgorithm) -> Files:
        """A device in operational mode whose certificate ends soon."""
        key, csr = _request(name, algorithm)
        template_id = self._type.default_operational_template_id
        assert template_id is not None  # noqa: S101  the demonstration's type has one
        device = Files(name, new_password())
        request = IssueRequest(template_id, parse_csr(csr), validity_days=RENEWAL_DAYS)
        new = self._new(device, operational=(request,))
        created = self._workspace.device_creation.create(self._actor, new)
        self._save_issued(device, "operational", created.operational[0], key)
        print(_("Created {name}, whose operational certificate ends soon.").format(name=name))
        return device

    def with_password(self, name: str) -> Files:
        """A device that has a password and nothing else."""
        device = Files(name, new_password())
        self._workspace.device_creation.create(self._actor, self._new(device))
        return device

    def save(
        self,
        device: Files,
        kind: str,
        certificate: bytes,
        key: PrivateKey,
        chain: tuple[bytes, ...],
    ) -> None:
        """Write certificate, key and the authorities between it and the root."""
        folder = self._out / device.name
        folder.mkdir(exist_ok=True)
        device.kind = kind
        device.certificate = str(folder / f"{kind}.pem")
        device.key = str(folder / f"{kind}.key.pem")
        device.chain = str(folder / f"{kind}.chain.pem")
        Path(device.certificate).write_bytes(certificate_to_pem(certificate))
        Path(device.chain).write_bytes(b"".join(map(certificate_to_pem, chain)))
        replace_file(Path(device.key), private_key_to_pem(key, None).decode())

    def _save_issued(
        self, device: Files, kind: str, issued: IssuedCertificate | None, key: PrivateKey
    ) -> None:
        assert issued is not None  # noqa: S101  it was asked for, so it is there or an error was
        self.save(device, kind, issued.certificate.der, key, issued.chain[:-1])

    def _new(
        self,
        device: Files,
        factory: IssueRequest | None = None,
        operational: tuple[IssueRequest, ...] = (),
    ) -> NewDevice:
        return NewDevice(
            name=device.name,
            tenant_id=self._plant.tenant_id,
            organization_id=self._plant.id,
            type_id=self._type.id,
            values={DeviceProperty.SERIAL_NUMBER.value: device.name[-6:]},
            factory=factory,
            operational=operational,
            password=device.password,
        )


def _request(name: str, algorithm: KeyAlgorithm) -> tuple[PrivateKey, bytes]:
    """A key and a certification request (DER), as a device would make them."""
    key = generate(algorithm)
    return key, build_csr(SoftwareKey(key), (Attribute(ATTRIBUTE_TYPES["CN"].oid, name),))
