"""A device that has openssl, curl and jq, and asks for JSON as the user guide says (DT-17)."""

import base64
import json
import os
import re
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from app.models.domain.access import Access, Sharing
from app.models.domain.devices import Device
from app.models.domain.templates import Template
from app.models.services.devices.listed import DeviceQuery
from app.pki.certificates import certificate_to_pem
from tests.architecture.sources import ROOT
from tests.listener.station import Station, private_pem
from tests.manufacturer import Manufacturer
from tests.plant import ADMIN, DOMAIN, PASSWORD, Plant

TIMEOUT = 60
TITLE = "## Without EST: the REST API of a device\n"


class Told:
    """A device's folder, in which it does what the guide tells it to."""

    def __init__(self, station: Station, folder: Path) -> None:
        self.station, self.folder = station, folder
        (folder / "ca.pem").write_bytes(station.anchors.read_bytes())
        where = f'resolve = "{DOMAIN}:{station.listener.port}:127.0.0.1"\n'
        (folder / ".curlrc").write_text(where)
        text = (ROOT / "docs" / "guide" / "devices.md").read_text("utf-8")
        text = text.partition(TITLE)[2].partition("\n## ")[0]
        self.steps = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)

    def follow(self, step: int, **other: str) -> str:
        """Do one step, some of its words replaced; what the shell says."""
        served = f"{DOMAIN}:{self.station.listener.port}"
        script = self.steps[step].replace("devices.example.com:8443", served)
        for old, new in other.items():
            assert old in script
            script = script.replace(old, new)
        done = subprocess.run(
            ["sh", "-e", "-c", script],
            cwd=self.folder,
            env={**os.environ, "CURL_HOME": str(self.folder)},
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
            text=True,
        )
        assert done.returncode == 0, f"{done.stdout}{done.stderr}"
        return done.stdout

    def answer(self, name: str) -> tuple[x509.Certificate, list[x509.Certificate]]:
        """The certificate in an answer that was kept, and those above it."""
        told = json.loads((self.folder / name).read_bytes())
        issued, *chain = (
            x509.load_der_x509_certificate(base64.b64decode(text))
            for text in (told["certificate"], *told["chain"])
        )
        return issued, chain


@pytest.fixture
def device(station: Station, tmp_path: Path) -> Told:
    folder = tmp_path / "device"
    folder.mkdir()
    return Told(station, folder)


def second_template(plant: Plant) -> Template:
    """An operational template that is good for thirty days only."""
    named = replace(plant.templates["Named"], name="OPC UA", validity_days=30)
    return plant.workspace.templates.create(ADMIN, named)


def only_device(plant: Plant) -> Device:
    """The only device there is."""
    (row,) = plant.workspace.device_list.page(ADMIN, DeviceQuery(), 0, 9)
    return plant.workspace.devices.get(ADMIN, row.id)


def days(certificate: x509.Certificate) -> int:
    """For how long a certificate is good."""
    return (certificate.not_valid_after_utc - certificate.not_valid_before_utc).days


@pytest.mark.req("DT-14", "DT-15", "DT-16", "DT-17", "DT-19", "DT-21", "DTC-06", "DTC-17")
def test_from_the_factory_to_a_renewal_as_the_guide_says(device: Told, tmp_path: Path) -> None:
    plant = device.station.plant
    maker = Manufacturer(tmp_path / "maker")
    certificate = maker.certify("-subj", "/O=Sensor maker/CN=sensor")
    plant.clock.set(datetime.now(UTC))  # not before openssl made the certificate
    (device.folder / "factory.pem").write_bytes(certificate)
    (device.folder / "factory.key").write_bytes((maker.folder / "new.key").read_bytes())
    second = second_template(plant)
    trust_in(plant, maker, second)

    device.follow(0)
    first, chain = device.answer("device.json")
    fingerprint = x509.load_pem_x509_certificate(certificate).fingerprint(hashes.SHA256())
    known = only_device(plant)
    assert known.name == fingerprint.hex()
    assert first.subject.rfc4514_string() == f"O=Acme Controls,CN={known.name}"
    first.verify_directly_issued_by(chain[0])
    chain[0].verify_directly_issued_by(chain[1])

    told = json.loads(device.follow(1))
    assert (told["name"], told["mode"], told["device_type"]) == (
        known.name,
        "operational",
        "Sensor",
    )
    assert [one["serial_number"] for one in told["certificates"]] == [f"{first.serial_number:x}"]

    device.follow(2, **{": 12": f": {second.id}"})
    assert (days(first), days(device.answer("second.json")[0])) == (90, 30)

    device.follow(3)
    renewed, _chain = device.answer("renewed.json")
    assert renewed.subject.public_bytes() == first.subject.public_bytes()
    assert (days(renewed), renewed.public_key()) == (90, first.public_key())
    assert len(json.loads(device.follow(1))["certificates"]) == 3
    assert only_device(plant).id == known.id


def trust_in(plant: Plant, maker: Manufacturer, second: Template) -> None:
    """Devices of the maker register themselves at the first EST server."""
    workspace = plant.workspace
    ca = workspace.external_cas.register(
        ADMIN, "Maker", maker.certificate, plant.tenant_id, verified=True
    )
    kind = plant.add_type(
        "Sensor",
        factory_template_id=None,
        factory_mapping={},
        operational_template_ids=(plant.templates["Named"].id, second.id),
        external_ca_id=ca.id,
        auto_registration=True,
        sharing=Sharing(Access.TENANT, plant.tenant_id),
    )
    workspace.est_servers.edit(ADMIN, replace(plant.server, device_type_id=kind.id))


@pytest.mark.req("DT-17", "DTC-06")
@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_a_device_that_a_person_created(device: Told, version: str) -> None:
    """By its password, and by a factory certificate from here."""
    plant = device.station.plant
    certificate, key = plant.with_factory_certificate("pump-7")
    (device.folder / "factory.pem").write_bytes(certificate_to_pem(certificate))
    (device.folder / "factory.key").write_bytes(private_pem(key))
    tls = f"--cacert ca.pem --tlsv{version} --tls-max {version}"
    device.follow(0, **{"--cacert ca.pem": tls})
    by_password = {"--cert factory.pem --key factory.key": f"--user pump-7:{PASSWORD}"}
    device.follow(0, **{"--cacert ca.pem": tls}, **by_password)
    assert len(plant.workspace.certificates.of_device(ADMIN, only_device(plant).id)) == 3
    assert plant.monitor_line().tls == f"TLS {version}"
