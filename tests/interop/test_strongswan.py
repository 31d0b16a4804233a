"""strongSwan's `pki` against the listener (est-clients.md section 4)."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.interop.bench import Bench, ProgramError
from tests.listener.station import Station
from tests.plant import PASSWORD, ec_key, rsa_key

TYPES = {"ec": ("ecdsa", "256"), "rsa": ("rsa", "2048")}


class Pki(Bench):
    """A device that has strongSwan."""

    def pki(self, *command: str) -> bytes:
        return self.run("pki", *command)

    def est(self, *options: str, path: str = "") -> bytes:
        """Enrol `device.der`; the certificate as PEM."""
        url = f"https://127.0.0.1:{self.station.listener.port}{path}"
        trust = [part for file in ("ca.pem", "ca-1.pem") for part in ("--cacert", file)]
        request = ("--in", "device.der", "--outform", "pem")
        return self.pki("--est", "--url", url, *request, *trust, *options)

    def get_authorities(self) -> list[x509.Certificate]:
        """Fetch `ca.pem` (the root) and `ca-1.pem`."""
        self.pki(
            "--estca",
            "--url",
            f"https://127.0.0.1:{self.station.listener.port}",
            "--cacert",
            str(self.station.anchors),
            "--caout",
            "ca",
            "--outform",
            "pem",
            "--force",
        )
        return [
            x509.load_pem_x509_certificate(file.read_bytes())
            for file in sorted(self.folder.glob("ca*.pem"))
        ]

    def prepare(self, kind: str, key: str, *options: str) -> None:
        """A key and the request `device.der` for pump-1."""
        type_, size = TYPES[kind]
        made = self.pki("--gen", "--type", type_, "--size", size, "--outform", "pem")
        (self.folder / key).write_bytes(made)
        subject = options or ("--dn", "CN=pump-1")
        request = self.pki("--req", "--type", "priv", "--in", key, *subject, "--outform", "der")
        (self.folder / "device.der").write_bytes(request)


@pytest.fixture
def device(station: Station, tmp_path: Path) -> Pki:
    folder = tmp_path / "device"
    folder.mkdir()
    return Pki(station, folder)


@pytest.mark.req("EST-CAC-04", "EST-CAC-05", "TC-11", "DEC-17")
def test_ca_certificates(device: Pki) -> None:
    found = {item.subject.rfc4514_string() for item in device.get_authorities()}
    assert found == {"CN=Acme Root CA", "CN=Acme Operational CA"}


@pytest.mark.req("EST-REN-20", "DEC-17", "EST-ENC-07")
@pytest.mark.parametrize("kind", TYPES)
def test_from_password_to_renewal(device: Pki, kind: str) -> None:
    device.station.plant.device("pump-1")
    device.get_authorities()
    device.prepare(kind, "first.key")
    first = device.est("--userpass", f"pump-1:{PASSWORD}")
    device.check(first, "first.key", "pump-1")
    (device.folder / "current.pem").write_bytes(first)

    device.prepare(kind, "second.key", "--dn", "CN=pump-1, O=Acme Controls")
    second = device.est("--cert", "current.pem", "--key", "first.key")
    device.check(second, "second.key", "pump-1")
    assert device.station.plant.count() == 2
    operations = [line.operation for line in device.station.plant.workspace.est_monitor.entries()]
    assert operations == ["cacerts", "simpleenroll", "cacerts", "simplereenroll", "cacerts"]


@pytest.mark.req("EST-REN-20", "EST-04")
@pytest.mark.parametrize("kind", TYPES)
def test_from_the_factory_certificate(device: Pki, kind: str) -> None:
    factory_key = ec_key() if kind == "ec" else rsa_key()
    identity = device.station.plant.with_factory_certificate("pump-1", factory_key=factory_key)
    device.save_identity(*identity)
    device.get_authorities()
    device.prepare(kind, "device.key")
    issued = device.est("--cert", "factory.pem", "--key", "factory.key")
    certificate = device.check(issued, "device.key", "pump-1")
    assert certificate.public_bytes(Encoding.DER) != identity[0]
    assert device.station.plant.workspace.est_monitor.entries()[-2].showed == "factory certificate"


@pytest.mark.req("EST-ERR-02")
def test_a_wrong_password(device: Pki) -> None:
    device.station.plant.device("pump-1")
    device.get_authorities()
    device.prepare("ec", "device.key")
    with pytest.raises(ProgramError, match="401"):
        device.est("--userpass", "pump-1:wrong")
    assert device.station.plant.count() == 0


@pytest.mark.req("EST-URI-05")
def test_a_path_in_its_url_is_no_label(device: Pki) -> None:
    """It stands before `/.well-known`, where nothing is looked for (RFC 8615 section 3)."""
    device.station.plant.add_label("free", device.station.plant.types["Free"])
    device.get_authorities()
    device.prepare("ec", "device.key")
    with pytest.raises(ProgramError, match="404"):
        device.est("--userpass", f"pump-1:{PASSWORD}", path="/free")
    line = device.station.plant.monitor_line()
    assert line.operation == "/free/.well-known/est/simpleenroll"
