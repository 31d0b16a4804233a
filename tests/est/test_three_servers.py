"""The EST servers of a test laboratory, made from the presets as an administrator makes them."""

from dataclasses import dataclass, replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from app.models.domain.authorities import Authority, KeyChoice
from app.models.domain.device_types import DEVICE_NAME, DeviceType
from app.models.domain.issuing import IssueRequest
from app.models.domain.presets import template_presets
from app.models.domain.templates import Template
from app.models.services.devices.creation import NewDevice
from app.pki.certificates import CLIENT_AUTH, NEVER, WISUN
from app.pki.csr import parse_csr
from app.pki.keys import KeyAlgorithm
from app.pki.names import ATTRIBUTE_TYPES, Attribute, Subject
from tests.est.refusals import assert_refused
from tests.plant import (
    ADMIN,
    PASSWORD,
    DeviceKey,
    Plant,
    basic,
    certificates_of,
    csr,
    ec_key,
    name,
    rsa_key,
)

P256, RSA = KeyAlgorithm.EC_P256, KeyAlgorithm.RSA_2048


@dataclass
class Laboratory:
    """Makes authorities, templates, device types and EST servers in a plant."""

    plant: Plant

    def authority(self, title: str, algorithm: KeyAlgorithm) -> Authority:
        """An issuing authority below a root of its own, with keys of this kind."""
        making, key = self.plant.workspace.authority_making, KeyChoice(algorithm)
        root = making.create_root(ADMIN, f"{title} root", cn(f"{title} root"), key, not_after=NEVER)
        return making.create_issuing(ADMIN, root.id, title, cn(title), key, not_after=NEVER)

    def template(self, preset: str, authority: Authority, algorithm: KeyAlgorithm) -> Template:
        """A template from a preset that takes one kind of key."""
        (start,) = (one.template for one in template_presets() if one.key == preset)
        title = f"{authority.name} {preset}"
        wanted = replace(start, name=title, authority_id=authority.id, key_algorithms=(algorithm,))
        return self.plant.workspace.templates.create(ADMIN, wanted)

    def server(self, label: str, algorithm: KeyAlgorithm, birth: str = "") -> DeviceType:
        """An EST server for one kind of key; `birth` is the preset of factory certificates."""
        authority = self.authority(label, algorithm)
        operational = self.template("ldevid", authority, algorithm)
        made = DeviceType(
            0,
            label,
            operational_template_ids=(operational.id,),
            operational_mapping={"subject.CN": DEVICE_NAME},
        )
        if birth:
            factory = self.template(birth, authority, algorithm)
            mapping = {field.key: DEVICE_NAME for field in factory.fields}
            made = replace(made, factory_template_id=factory.id, factory_mapping=mapping)
        made = self.plant.workspace.device_types.create(ADMIN, made)
        self.plant.add_server(label, device_type_id=made.id)
        return made

    def device(self, device_name: str, made: DeviceType, key: DeviceKey) -> list[bytes]:
        """A device with a password; its factory certificate (DER), where the type has one."""
        factory = None
        if made.factory_template_id is not None:
            request = parse_csr(csr(key, name()))
            factory = IssueRequest(made.factory_template_id, request)
        created = self.plant.workspace.device_creation.create(
            ADMIN,
            NewDevice(
                device_name,
                self.plant.tenant_id,
                self.plant.north,
                made.id,
                factory=factory,
                password=PASSWORD,
            ),
        )
        return [] if created.factory is None else [created.factory.certificate.der]


def cn(text: str) -> Subject:
    return (Attribute(ATTRIBUTE_TYPES["CN"].oid, text),)


@pytest.fixture
def laboratory(plant: Plant) -> Laboratory:
    """An empty one, whose certificates say where revocation lists are found."""
    plant.workspace.settings.change(publication_url="http://pki.acme.example")
    return Laboratory(plant)


@pytest.mark.req("TC-P1", "EST-02", "EST-ENR-01")
def test_three_est_servers_enrol_a_device_each(laboratory: Laboratory) -> None:
    plant = laboratory.plant
    types = {
        "est01": laboratory.server("est01", P256),
        "est02": laboratory.server("est02", RSA),
        "wisunest01": laboratory.server("wisunest01", P256, birth="wisun-node"),
    }
    keys: dict[str, tuple[DeviceKey, DeviceKey]] = {
        "est01": (ec_key(), rsa_key(1)),
        "est02": (rsa_key(), ec_key()),
        "wisunest01": (ec_key(), rsa_key(1)),
    }
    for label, (key, wrong_key) in keys.items():
        host = f"{label}.est.local"
        shown = laboratory.device(f"{label}-device", types[label], key)
        by = {} if shown else basic(f"{label}-device")
        wrong = csr(wrong_key, f"{label}-device")
        refused = plant.ask("simpleenroll", wrong, headers=by, shows=shown, host=host)
        assert_refused(plant, refused, 400)
        request = csr(key, f"{label}-device")
        answer = plant.ask("simpleenroll", request, headers=by, shows=shown, host=host)
        assert answer.status == 200, answer.body
        (issued,) = certificates_of(answer)
        assert issued.subject == name(CN=f"{label}-device")
        assert issued.public_key() == key.public_key()
        issuer, root = certificates_of(plant.ask("cacerts", host=host))
        issued.verify_directly_issued_by(issuer)
        issuer.verify_directly_issued_by(root)
        kind = rsa.RSAPublicKey if label == "est02" else ec.EllipticCurvePublicKey
        for certificate in (issued, issuer, root):
            assert isinstance(certificate.public_key(), kind)


@pytest.mark.req("TC-P1")
def test_the_birth_certificate_of_a_wi_sun_device(laboratory: Laboratory) -> None:
    made = laboratory.server("wisunest01", P256, birth="wisun-node")
    (shown,) = laboratory.device("0042", made, ec_key())
    birth = x509.load_der_x509_certificate(shown)
    assert birth.subject == name()
    purposes = birth.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert {one.dotted_string for one in purposes} == {WISUN, CLIENT_AUTH}
