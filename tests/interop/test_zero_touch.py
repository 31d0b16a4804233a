"""A device fresh from its maker, over real TLS: openssl is the maker, curl the device (DT-27)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.models.domain.access import Access, Scope, Sharing
from app.models.domain.devices import DeviceMode
from app.models.domain.external_cas import ExternalCa
from app.models.domain.issuing import IssueRequest
from app.models.services.devices.listed import DeviceQuery
from app.pki.certificates import certificate_to_pem
from app.pki.csr import parse_csr
from tests.interop.bench import Bench, ProgramError
from tests.listener.station import Station
from tests.manufacturer import P256, RSA, Manufacturer
from tests.plant import ADMIN, Plant

HOST = ("--header", "Host: zero.est.local")
SHOWN = ("--cert", "shown.pem", "--key", "factory.key", *HOST)


@pytest.fixture
def bench(station: Station, tmp_path: Path) -> Bench:
    folder = tmp_path / "device"
    folder.mkdir()
    return Bench(station, folder)


def trust(plant: Plant, maker: Manufacturer) -> ExternalCa:
    """Register the maker's CA, and let its devices register themselves at an EST server."""
    workspace = plant.workspace
    plant.clock.set(datetime.now(UTC))  # not before openssl made the certificate
    ca = workspace.external_cas.register(
        ADMIN, "Maker", maker.certificate, plant.tenant_id, verified=True
    )
    kind = plant.add_type(
        "Sensor",
        factory_template_id=None,
        factory_mapping={},
        external_ca_id=ca.id,
        auto_registration=True,
        sharing=Sharing(Access.TENANT, plant.tenant_id),
    )
    plant.add_server("zero", device_type_id=kind.id)
    return ca


def make_sensor(bench: Bench, maker: Manufacturer, *company: Manufacturer) -> str:
    """What the maker puts into a sensor; the fingerprint of its certificate, by openssl."""
    certificate = maker.certify("-subj", "/O=Sensor maker/serialNumber=S-1/CN=sensor")
    bench.station.plant.clock.set(datetime.now(UTC))
    (bench.folder / "factory.key").write_bytes((maker.folder / "new.key").read_bytes())
    (bench.folder / "factory.pem").write_bytes(certificate)
    shown = b"".join((certificate, *(one.certificate for one in company)))
    (bench.folder / "shown.pem").write_bytes(shown)
    said = bench.openssl("x509", "-in", "factory.pem", "-noout", "-fingerprint", "-sha256")
    return said.decode().partition("=")[2].strip().replace(":", "").lower()


@pytest.mark.req("DT-14", "DT-15", "DT-16", "DT-17", "DT-19", "DT-21", "DT-27", "DEC-10", "ECA-01")
@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize("kind", [P256, RSA])
def test_from_the_maker_to_operation(
    bench: Bench, tmp_path: Path, kind: tuple[str, ...], version: str
) -> None:
    maker = Manufacturer(tmp_path / "maker", kind=kind)
    plant = bench.station.plant
    trust(plant, maker)
    fingerprint = make_sensor(bench, maker)
    tls = (*SHOWN, f"--tlsv{version}", "--tls-max", version)
    serials = set()
    for key in ("first.key", "second.key"):
        bench.make_key("ec", key)
        bench.make_request(key, "sensor")
        issued = bench.check(bench.post("simpleenroll", *tls), key, fingerprint)
        serials.add(f"{issued.serial_number:x}")
    (row,) = plant.workspace.device_list.page(ADMIN, DeviceQuery(), 0, 9)
    device = plant.workspace.devices.get(ADMIN, row.id)
    assert (device.name, device.mode) == (fingerprint, DeviceMode.OPERATIONAL)
    kept = plant.workspace.certificates.of_device(ADMIN, device.id)
    assert {one.serial for one in kept} == serials


@pytest.mark.req("DT-21", "DT-27")
def test_first_contacts_at_the_same_time_make_one_device(bench: Bench, tmp_path: Path) -> None:
    maker = Manufacturer(tmp_path / "maker")
    plant = bench.station.plant
    trust(plant, maker)
    fingerprint = make_sensor(bench, maker)
    bench.make_key("ec", "device.key")
    bench.make_request("device.key", "sensor")
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(bench.post, "simpleenroll", *SHOWN) for _device in range(4)]
    assert all(b"BEGIN CERTIFICATE" in answer.result() for answer in answers)
    (row,) = plant.workspace.device_list.page(ADMIN, DeviceQuery(), 0, 9)
    assert row.name == fingerprint
    assert len(plant.workspace.certificates.of_device(ADMIN, row.id)) == 4


@pytest.mark.req("DT-14", "DT-27")
def test_a_sensor_of_an_intermediate_ca_renews_by_its_operational_certificate(
    bench: Bench, tmp_path: Path
) -> None:
    root = Manufacturer(tmp_path / "root", "Maker root")
    below = Manufacturer(tmp_path / "below", "Line 4", parent=root)
    trust(bench.station.plant, root)
    fingerprint = make_sensor(bench, below, below)
    bench.make_key("ec", "device.key")
    bench.make_request("device.key", "sensor")
    bench.check(bench.post("simpleenroll", *SHOWN), "device.key", fingerprint)
    (bench.folder / "current.pem").write_bytes((bench.folder / "issued.pem").read_bytes())
    bench.make_key("ec", "next.key")
    bench.make_request("next.key", f"{fingerprint}/O=Acme Controls", "-multivalue-rdn")
    shown = ("--cert", "current.pem", "--key", "device.key", *HOST)
    bench.check(bench.post("simplereenroll", *shown), "next.key", fingerprint)
    assert bench.station.plant.workspace.device_list.count(ADMIN, DeviceQuery()) == 1


@pytest.mark.req("DT-14", "ECA-14", "ECA-15", "POP-10")
def test_an_external_ca_that_is_deactivated_lets_nobody_in(bench: Bench, tmp_path: Path) -> None:
    maker = Manufacturer(tmp_path / "maker")
    plant = bench.station.plant
    ca = trust(plant, maker)
    make_sensor(bench, maker)
    bench.make_key("ec", "device.key")
    bench.make_request("device.key", "sensor")
    bench.post("simpleenroll", *SHOWN)
    plant.workspace.external_cas.set_active(ADMIN, ca.id, active=False)
    with pytest.raises(ProgramError, match="403"):
        bench.post("simpleenroll", *SHOWN)
    assert "external CA" in plant.monitor_line().problem
    plant.workspace.external_cas.set_active(ADMIN, ca.id, active=True)
    bench.post("simpleenroll", *SHOWN)


@pytest.mark.req("DT-14")
def test_a_sensor_of_somebody_else_makes_no_device(bench: Bench, tmp_path: Path) -> None:
    trust(bench.station.plant, Manufacturer(tmp_path / "maker"))
    make_sensor(bench, Manufacturer(tmp_path / "forger"))  # of the same name
    bench.make_key("ec", "device.key")
    bench.make_request("device.key", "sensor")
    with pytest.raises(ProgramError, match="403"):
        bench.post("simpleenroll", *SHOWN)
    assert bench.station.plant.workspace.device_list.count(ADMIN, DeviceQuery()) == 0


@pytest.mark.req("DT-20", "DT-24", "DT-27", "SYS-09")
def test_a_factory_certificate_from_here(bench: Bench) -> None:
    """What a gateway of the factory had issued makes the device on its first contact."""
    plant = bench.station.plant
    kind = plant.add_type("Pump", auto_registration=True, use_mapping=True)
    plant.add_server("zero", device_type_id=kind.id)
    bench.make_key("ec", "factory.key")
    bench.make_request("factory.key", "pump-7")
    request = IssueRequest(
        plant.templates["Factory"].id, parse_csr((bench.folder / "device.der").read_bytes())
    )
    owner = Scope(plant.tenant_id, plant.north)
    made = plant.workspace.certificate_issuing.issue(ADMIN, request, owner)
    (bench.folder / "shown.pem").write_bytes(certificate_to_pem(made.certificate.der))
    bench.make_key("ec", "device.key")
    bench.make_request("device.key", "pump-7")
    bench.check(bench.post("simpleenroll", *SHOWN), "device.key", "pump-7")
