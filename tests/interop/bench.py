"""Runs the programs that devices really use against the station."""

import base64
import email
import subprocess
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.pki.certificates import certificate_to_pem
from tests.listener.station import Station, private_pem
from tests.plant import DOMAIN, DeviceKey

TIMEOUT = 60


class ProgramError(AssertionError):
    """A program ended with an error; its own words are the message."""


@dataclass
class Bench:
    """A folder of a device's files, and commands that work in it."""

    station: Station
    folder: Path

    def run(self, *command: str, stdin: bytes = b"") -> bytes:
        """Standard output of a program; raises `ProgramError` when it fails."""
        done = subprocess.run(
            command, cwd=self.folder, input=stdin, capture_output=True, timeout=TIMEOUT, check=False
        )
        if done.returncode:
            raise ProgramError(done.stderr.decode(errors="replace"))
        return done.stdout

    def openssl(self, *command: str, stdin: bytes = b"") -> bytes:
        return self.run("openssl", *command, stdin=stdin)

    def make_key(self, kind: str, file: str) -> None:
        """An EC P-256 or RSA 2048 key, by openssl."""
        options = {"ec": "ec_paramgen_curve:P-256", "rsa": "rsa_keygen_bits:2048"}
        self.openssl("genpkey", "-algorithm", kind, "-pkeyopt", options[kind], "-out", file)

    def make_request(self, key: str, device: str, *options: str) -> None:
        """`device.p10`, the request as base64 of its DER."""
        subject = ("-subj", f"/CN={device}", "-sha256")
        der = self.openssl("req", "-new", "-key", key, *subject, *options, "-outform", "DER")
        (self.folder / "device.der").write_bytes(der)
        (self.folder / "device.p10").write_bytes(base64.encodebytes(der))

    def curl(self, operation: str, *options: str) -> bytes:
        """The body of a good answer."""
        port = self.station.listener.port
        return self.run(
            "curl",
            "--silent",
            "--show-error",
            "--fail-with-body",
            "--cacert",
            str(self.station.anchors),
            "--resolve",
            f"{DOMAIN}:{port}:127.0.0.1",
            *options,
            f"https://{DOMAIN}:{port}/.well-known/est/{operation}",
        )

    def post(self, operation: str, *options: str) -> bytes:
        """Send `device.p10` by curl; the certificate as PEM, by openssl."""
        return self.certificates_in(self.send(operation, *options))

    def send(self, operation: str, *options: str) -> bytes:
        """Send `device.p10` by curl; the body of a good answer."""
        return self.curl(
            operation,
            "--data-binary",
            "@device.p10",
            "--header",
            "Content-Type: application/pkcs10",
            "--header",
            "Content-Transfer-Encoding: base64",
            *options,
        )

    def parts(self, answer: bytes) -> list[bytes]:
        """The bodies of the parts of a multipart answer that came with its head."""
        message = email.message_from_bytes(answer.partition(b"\r\n")[2])
        return [str(part.get_payload()).encode() for part in message.walk()][1:]

    def certificates_in(self, body: bytes) -> bytes:
        """PEM of the certificates in an answer, decoded by openssl alone."""
        der = self.openssl("base64", "-d", stdin=body)
        return self.openssl("pkcs7", "-inform", "DER", "-print_certs", stdin=der)

    def save_identity(self, certificate: bytes, key: DeviceKey) -> None:
        """`factory.pem` and `factory.key`."""
        (self.folder / "factory.pem").write_bytes(certificate_to_pem(certificate))
        (self.folder / "factory.key").write_bytes(private_pem(key))

    def check(self, pem: bytes, key: str, device: str) -> x509.Certificate:
        """openssl verifies the chain by /cacerts alone, and the certificate is for our key."""
        (self.folder / "chain.pem").write_bytes(self.certificates_in(self.curl("cacerts")))
        (self.folder / "issued.pem").write_bytes(pem)
        trust = ("-CAfile", str(self.station.anchors), "-untrusted", "chain.pem")
        strict = ("-x509_strict", "-purpose", "sslclient", "-check_ss_sig")
        self.openssl("verify", *trust, *strict, "issued.pem")
        (issued,) = x509.load_pem_x509_certificates(pem)
        spki = issued.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        assert spki == self.openssl("pkey", "-in", key, "-pubout", "-outform", "DER")
        assert issued.subject.rfc4514_string() == f"O=Acme Controls,CN={device}"
        return issued
