"""What Azure IoT Identity Service would ask with the files made for it, asked by curl.

Its certd is not run here. By its source it asks for cacerts and simpleenroll at the URL in its
file, with the certificate and password named there, and for the name of the device.
"""

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from app.models.domain.client_files.setups import KEYS, ClientCredential, EstClient
from app.models.domain.issuing import IssueRequest
from app.models.domain.templates import CertificateKind
from app.pki.certificates import certificate_to_pem
from app.pki.csr import parse_csr
from app.pki.keys import KeyAlgorithm
from tests.interop.bench import Bench
from tests.listener.station import Station, private_pem
from tests.plant import ADMIN, PASSWORD, Plant, csr, ec_key


@dataclass
class Certd(Bench):
    """A computer where the files lie."""

    def install(self, credential: ClientCredential, key: KeyAlgorithm) -> None:
        """Have the files made, and fill in the password."""
        plant = self.station.plant
        plant.workspace.settings.change(listener_port=self.station.listener.port)
        made = plant.workspace.client_files.make(
            ADMIN, plant.server.id, EstClient.AZURE, device="pump-1", credential=credential, key=key
        )
        for file in made.files:
            (self.folder / file.path).parent.mkdir(exist_ok=True)
            content = file.content.replace(b"REPLACE-WITH-PASSWORD", PASSWORD.encode())
            (self.folder / file.path).write_bytes(content)

    def read(self, file: str) -> dict[str, Any]:
        return tomllib.loads((self.folder / file).read_text("utf-8"))

    def local(self, uri: str) -> str:
        """The file here that the script would have put where `uri` says."""
        return uri.removeprefix("file:///etc/aziot/est/")

    def options(self) -> list[str]:
        """How curl shows what certd would."""
        config = self.read("certd/est.toml")
        est, certs = config["cert_issuance"]["est"], config["preloaded_certs"]
        assert [self.local(certs[one]) for one in est["trusted_certs"]] == ["ca.pem"]
        if "username" in est:
            return ["--user", f"{est['username']}:{est['password']}"]
        keys = self.read("keyd/est.toml")["preloaded_keys"]
        shown, key = certs[est["identity_cert"]], keys[est["identity_pk"]]
        return ["--cert", self.local(shown), "--key", self.local(key)]


def application_certificate(plant: Plant) -> tuple[bytes, bytes]:
    """The TLS certificate of an application that the EST server lets in, and its key, as PEM."""
    made = plant.workspace.applications.create(ADMIN, "Identity service", plant.tenant_id)
    plant.workspace.applications.link(ADMIN, plant.server.id, made.application.id)
    like = plant.templates["Factory"]
    template = plant.workspace.templates.create(
        ADMIN, replace(like, name="Application", kind=CertificateKind.APPLICATION)
    )
    key = ec_key()
    request = IssueRequest(template.id, parse_csr(csr(key, "Identity service")))
    issued = plant.workspace.certificate_issuing.issue_for_application(
        ADMIN, made.application.id, request
    )
    return certificate_to_pem(issued.certificate.der), private_pem(key)


@pytest.mark.req("AIS-04", "AIS-09")
@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("credential", ClientCredential)
def test_the_files_lead_to_a_certificate(
    station: Station, tmp_path: Path, credential: ClientCredential, key: KeyAlgorithm
) -> None:
    folder = tmp_path / "aziot"
    folder.mkdir()
    certd, plant = Certd(station, folder), station.plant
    if credential is ClientCredential.FACTORY:
        certd.save_identity(*plant.with_factory_certificate("pump-1"))
    else:
        plant.device("pump-1")
    if credential is ClientCredential.APPLICATION:
        shown, private = application_certificate(plant)
        (folder / "application.pem").write_bytes(shown)
        (folder / "application.key").write_bytes(private)
    certd.install(credential, key)
    assert (folder / "ca.pem").read_bytes() == station.anchors.read_bytes()
    asked = certd.read("certd/est.toml")["cert_issuance"]
    url = f"https://bench.est.local:{station.listener.port}/.well-known/est"  # as curl is called
    assert asked["est"]["urls"] == {"default": url}
    name = asked["birthmark-device"]["common_name"]
    for again in range(2):  # it renews in the same way
        certd.make_key({"ec-p256": "ec", "rsa-2048": "rsa"}[key], f"{again}.key")
        certd.make_request(f"{again}.key", name)
        certd.curl("cacerts", *certd.options())
        certd.check(certd.post("simpleenroll", *certd.options()), f"{again}.key", "pump-1")
