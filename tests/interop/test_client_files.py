"""The scripts made for clients are run against the listener: enrol, then renew."""

import os
import shutil
import stat
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from app.models.domain.client_files.making import client_files
from app.models.domain.client_files.setups import (
    KEYS,
    ClientCredential,
    ClientSetup,
    EstClient,
)
from app.models.services.devices.creation import NewDevice
from app.pki.keys import KeyAlgorithm
from tests.interop.bench import Bench, ProgramError
from tests.listener.station import Station, private_pem
from tests.plant import ADMIN, DOMAIN, PASSWORD, basic, certificates_of, csr, ec_key

SCRIPTS = {EstClient.CURL: "est-curl.sh", EstClient.STRONGSWAN: "est-strongswan.sh"}
PROGRAMS = {EstClient.CURL: "curl", EstClient.STRONGSWAN: "pki"}
NASTY = 'k"7 \\m$(id)q'

needs_ctty = pytest.mark.skipif(shutil.which("setsid") is None, reason="no setsid here")


class Device(Bench):
    """A device with the files made for a client, which logs the arguments of its programs."""

    def prepare(self, client: EstClient, **changes: object) -> None:
        """Have the files made, as `birthmark est-server client-files` would."""
        plant = self.station.plant
        plant.workspace.settings.change(listener_port=self.station.listener.port)
        # The scripts call the server by its domain. curl is told where that is by the file it
        # reads at each start; pki cannot be told, so it calls this computer by its own name.
        setup = ClientSetup(
            plant.server if client is EstClient.CURL else replace(plant.server, domain="localhost"),
            self.station.listener.port,
            "pump-1",
            ClientCredential.PASSWORD,
            KeyAlgorithm.EC_P256,
            KEYS,
            self.station.anchors.read_bytes(),
        )
        for file in client_files(client, replace(setup, **changes)).files:  # type: ignore[arg-type]  # names checked by dataclasses
            (self.folder / file.path).write_bytes(file.content)
        port = self.station.listener.port
        (self.folder / ".curlrc").write_text(f'resolve = "{DOMAIN}:{port}:127.0.0.1"\n')
        self.log_arguments(PROGRAMS[client])

    def log_arguments(self, program: str) -> None:
        """Put a program of the same name first in the path that writes down how it is called."""
        real = shutil.which(program)
        wrapper = self.folder / "bin" / program
        wrapper.parent.mkdir()
        log = self.folder / "arguments"
        wrapper.write_text(f'#!/bin/sh\necho "$@" >> "{log}"\nexec {real} "$@"\n')
        wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)

    def environment(self, **variables: str) -> dict[str, str]:
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        return {"PATH": path, "CURL_HOME": str(self.folder), **variables}

    def run_script(self, client: EstClient, action: str, **variables: str) -> None:
        """Run a script without a terminal; raises `ProgramError` when it fails."""
        done = subprocess.run(
            ["sh", self.folder / SCRIPTS[client], action],
            env=self.environment(**variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise ProgramError(done.stderr.decode(errors="replace"))

    def script(self, client: EstClient, action: str, **variables: str) -> x509.Certificate:
        """The certificate that a script makes, checked by openssl."""
        self.run_script(client, action, **variables)
        return self.check((self.folder / "device.pem").read_bytes(), "device.key", "pump-1")

    def operations(self) -> list[str]:
        """What was asked, but for the certificates of authorities."""
        entries = self.station.plant.workspace.est_monitor.entries()
        return [line.operation for line in entries if line.operation != "cacerts"]

    @property
    def arguments(self) -> str:
        """Everything that the client was called with."""
        return (self.folder / "arguments").read_text()


@pytest.fixture
def device(station: Station, tmp_path: Path) -> Device:
    folder = tmp_path / "the device"
    folder.mkdir()
    return Device(station, folder)


@pytest.mark.req("AIS-09", "EST-REN-20")
@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("client", SCRIPTS)
def test_enrol_by_password_and_renew(device: Device, client: EstClient, key: KeyAlgorithm) -> None:
    device.station.plant.device("pump-1")
    device.prepare(client, key=key)
    secret = device.folder / "secret"
    secret.write_text(PASSWORD)
    first = device.script(client, "enroll", EST_PASSWORD_FILE=str(secret))
    assert PASSWORD not in device.arguments
    second = device.script(client, "renew")
    assert first.public_key() != second.public_key()
    assert device.operations() == ["simpleenroll", "simplereenroll"]
    left = {path.name for path in device.folder.iterdir()}
    assert not left & {"new.key", "new.pem", "credentials", "request.der", "answer"}
    assert stat.S_IMODE((device.folder / "device.key").stat().st_mode) == 0o600


@pytest.mark.req("AIS-09")
@pytest.mark.parametrize("client", SCRIPTS)
def test_enrol_by_the_factory_certificate(device: Device, client: EstClient) -> None:
    device.save_identity(*device.station.plant.with_factory_certificate("pump-1"))
    device.prepare(client, credential=ClientCredential.FACTORY)
    device.script(client, "enroll")
    device.script(client, "renew")
    assert device.station.plant.monitor_line().status == 200
    assert device.station.plant.count() == 3


@pytest.mark.req("AIS-09")
@pytest.mark.parametrize("client", SCRIPTS)
def test_a_password_that_a_shell_might_read(device: Device, client: EstClient) -> None:
    plant = device.station.plant
    new = NewDevice("pump-1", plant.tenant_id, plant.north, plant.types["Gateway"].id)
    plant.workspace.device_creation.create(ADMIN, replace(new, password=NASTY))
    device.prepare(client, device="")
    device.script(client, "enroll", EST_PASSWORD=NASTY, EST_DEVICE="pump-1")
    with pytest.raises(ProgramError, match="401"):
        device.script(client, "enroll", EST_PASSWORD=f"{NASTY}x", EST_DEVICE="pump-1")
    with pytest.raises(ProgramError, match="name of the device"):
        device.script(client, "enroll", EST_PASSWORD=NASTY)


@pytest.mark.req("AIS-09")
@pytest.mark.parametrize("client", SCRIPTS)
def test_a_refusal_leaves_what_is_there(device: Device, client: EstClient) -> None:
    device.station.plant.device("pump-1")
    device.prepare(client)
    certificate = device.script(client, "enroll", EST_PASSWORD=PASSWORD)
    before = (device.folder / "device.key").read_bytes()
    with pytest.raises(ProgramError):
        device.script(client, "enroll", EST_PASSWORD="wrong password")
    assert (device.folder / "device.key").read_bytes() == before
    assert device.check((device.folder / "device.pem").read_bytes(), "device.key", "pump-1") == (
        certificate
    )


@pytest.mark.req("AIS-09")
@pytest.mark.parametrize("name", ["pump/1+2", "a\\b, c=d", "it's ü “1”"])
def test_a_name_that_openssl_might_read(device: Device, name: str) -> None:
    device.station.plant.device(name)
    device.prepare(EstClient.CURL, device=name)
    device.run_script(EstClient.CURL, "enroll", EST_PASSWORD=PASSWORD)
    issued = x509.load_pem_x509_certificate((device.folder / "device.pem").read_bytes())
    (common_name,) = issued.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    assert common_name.value == name


@pytest.mark.req("AIS-09", "EST-REN-20", "DEC-18")
@pytest.mark.parametrize("client", SCRIPTS)
def test_renewal_keeps_every_name(device: Device, client: EstClient) -> None:
    device.station.plant.device("pump-1")
    key = ec_key()
    answer = device.station.plant.ask(
        "simpleenroll", csr(key, "pump-1", ["pump-1.local"]), headers=basic("pump-1")
    )
    (current,) = certificates_of(answer)
    (device.folder / "device.key").write_bytes(private_pem(key))
    (device.folder / "device.pem").write_bytes(current.public_bytes(Encoding.PEM))
    device.prepare(client)
    renewed = device.script(client, "renew")
    for certificate in (current, renewed):
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.DNSName) == ["pump-1.local"]


@needs_ctty
@pytest.mark.req("AIS-09")
def test_the_password_is_asked_for(device: Device) -> None:
    device.station.plant.device("pump-1")
    device.prepare(EstClient.CURL)
    ours, theirs = os.openpty()
    command = [
        "setsid",
        "--ctty",
        "--wait",
        "sh",
        str(device.folder / SCRIPTS[EstClient.CURL]),
        "enroll",
    ]
    with subprocess.Popen(
        command,
        env=device.environment(),
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as running:
        os.close(theirs)
        asked = b""
        while not asked.endswith(b"pump-1: "):
            asked += os.read(ours, 1024)
        os.write(ours, f"{PASSWORD}\n".encode())
        assert running.wait(60) == 0
    shown = os.read(ours, 1024)
    os.close(ours)
    assert PASSWORD.encode() not in shown
    device.check((device.folder / "device.pem").read_bytes(), "device.key", "pump-1")
