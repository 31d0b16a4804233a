"""The demo workspace with revocation addresses, and programs that look certificates up."""

import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from app.models.domain.access import SYSTEM
from app.models.domain.authorities import Authority
from app.models.domain.certificates import Certificate
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import certificate_to_pem
from app.pki.crl import CrlInfo, read_crl
from app.pki.keys import KeyAlgorithm, generate
from tests.models.services.gateways import gateway, new_csr, operational
from tests.pki.crl_material import crl_to_pem

BASE = "http://pki.example:8080"
_KEY = generate(KeyAlgorithm.EC_P256)


@dataclass
class Published:
    """An open workspace that publishes below `BASE`, and a folder for other programs."""

    workspace: Workspace
    folder: Path

    def __post_init__(self) -> None:
        self.workspace.settings.change(publication_url=BASE)
        for template in self.workspace.templates.all(SYSTEM):
            self.workspace.templates.edit(SYSTEM, replace(template, revocation_urls=True))
        self.root, self.issuer = self.authority("Root"), self.authority("Operational")
        self.device = gateway(self.workspace, "GW-1").device
        (self.folder / "root.pem").write_bytes(certificate_to_pem(self.root.certificate))
        (self.folder / "issuer.pem").write_bytes(certificate_to_pem(self.issuer.certificate))

    def authority(self, word: str) -> Authority:
        """The authority that has this word in its name."""
        return next(a for a in self.workspace.authorities.all(SYSTEM) if word in a.name)

    def issue(self) -> Certificate:
        """Another operational certificate for the device; they all have one key."""
        request = operational(self.workspace, csr=new_csr(_KEY))
        with self.workspace.store.change(SYSTEM) as change:
            return self.workspace.issuance.issue(change, self.device, request).certificate

    def split(self, size: int) -> None:
        """Let the issuing authority have parts of its list, each for so many certificates."""
        self.workspace.authorities.edit(
            SYSTEM,
            self.issuer.id,
            name=self.issuer.name,
            sharing=self.issuer.sharing,
            crl_hours=168,
            crl_partition_size=size,
        )

    def listed(self, partition: int = 0) -> CrlInfo:
        """The issuing authority's list as it is now."""
        return read_crl(self.workspace.crls.current(self.issuer.id, partition).der)

    def serials(self, partition: int = 0) -> set[str]:
        """The serial numbers in it."""
        return {f"{entry.serial:x}" for entry in self.listed(partition).revoked}

    def run(self, *command: str) -> tuple[int, str]:
        """Exit code and all output of a program that works in the folder."""
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False
        )
        return done.returncode, done.stdout + done.stderr

    def verify(self, certificate: Certificate, partition: int = 0) -> str:
        """What `openssl verify -crl_check` says of a certificate and a list."""
        der = self.workspace.crls.current(self.issuer.id, partition).der
        (self.folder / "list.pem").write_bytes(crl_to_pem(der))
        (self.folder / "leaf.pem").write_bytes(certificate_to_pem(certificate.der))
        at = int(self.workspace.store.clock.now().timestamp())
        trust = ("-CAfile", "root.pem", "-untrusted", "issuer.pem", "-CRLfile", "list.pem")
        options = ("-x509_strict", "-extended_crl", "-crl_check", "-attime", str(at))
        return self.run("openssl", "verify", *options, *trust, "leaf.pem")[1]

    def ask(self, certificate: Certificate, *options: str) -> str:
        """What `openssl ocsp` reads in the answer to its own question."""
        (self.folder / "leaf.pem").write_bytes(certificate_to_pem(certificate.der))
        about = ("-issuer", "issuer.pem", *options, "-cert", "leaf.pem")
        code, said = self.run("openssl", "ocsp", *about, "-reqout", "request.der")
        assert code == 0, said
        answer = self.workspace.ocsp_responder.respond((self.folder / "request.der").read_bytes())
        (self.folder / "answer.der").write_bytes(answer)
        at = int(self.workspace.store.clock.now().timestamp())
        # the times in the answer are judged by the computer's clock, whatever -attime says
        times = ("-attime", str(at), "-validity_period", "1000000000")
        files = ("-no_nonce", "-respin", "answer.der", "-CAfile", "root.pem")
        return self.run("openssl", "ocsp", *about, *times, *files)[1]
