"""A manufacturer with a CA of its own, who has the openssl command and nothing of this program."""

import shlex
import subprocess
from pathlib import Path

from app.models.domain.external_cas import PROOF_FILE, REQUEST_FILE, Challenge

RSA = ("-newkey", "rsa:2048")
P256 = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
P384 = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384")
_FIELDS = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"


class Manufacturer:
    """A CA in a folder: `ca.pem` and `ca.key`; a root, or an intermediate one of `parent`."""

    def __init__(
        self,
        folder: Path,
        name: str = "Sensor maker CA",
        *,
        kind: tuple[str, ...] = P256,
        parent: "Manufacturer | None" = None,
    ) -> None:
        folder.mkdir()
        self.folder = folder
        subject = ("-subj", f"/O=Sensor maker/CN={name}")
        if parent is None:
            extensions = [part for line in _FIELDS.split() for part in ("-addext", line)]
            made = ("-x509", "-days", "3650", "-config", "/dev/null", *extensions, "-out", "ca.pem")
            self.openssl("req", *kind, "-nodes", "-keyout", "ca.key", *subject, *made)
        else:
            self.openssl("req", "-new", *kind, "-nodes", "-keyout", "ca.key", *subject, "-out", "c")
            answer = parent.sign((folder / "c").read_text(), _FIELDS, days=3000)
            (folder / "ca.pem").write_text(answer)

    @property
    def certificate(self) -> bytes:
        """The CA certificate, PEM."""
        return (self.folder / "ca.pem").read_bytes()

    def openssl(self, *arguments: str) -> None:
        """Run the openssl command in the folder; a failure fails the test with what it said."""
        done = subprocess.run(
            ["openssl", *arguments], cwd=self.folder, capture_output=True, check=False, text=True
        )
        assert done.returncode == 0, done.stderr

    def sign(self, request: str, extensions: str = "", *, days: int = 30) -> str:
        """A certificate (PEM) for a request (PEM), with lines of openssl's extensions."""
        (self.folder / "request").write_text(request)
        (self.folder / "extensions").write_text(extensions)
        self.openssl(
            *("x509", "-req", "-in", "request", "-CA", "ca.pem", "-CAkey", "ca.key"),
            *("-CAcreateserial", "-days", str(days), "-extfile", "extensions", "-out", "answer"),
        )
        return (self.folder / "answer").read_text()

    def certify(self, *subject: str, extensions: str = "", days: int = 30) -> bytes:
        """A certificate (PEM) for a new key and a subject such as `/CN=device`."""
        self.openssl("req", "-new", *P256, "-nodes", "-keyout", "new.key", "-out", "new", *subject)
        return self.sign((self.folder / "new").read_text(), extensions, days=days).encode()

    def answer(self, challenge: Challenge, *, own_request: bool = False) -> bytes:
        """Do what the program says: sign its request, or one made by its command."""
        commands = [challenge.signing_command]
        if own_request:
            commands.insert(0, challenge.request_command)
        else:
            (self.folder / REQUEST_FILE).write_bytes(challenge.request)
        for command in commands:
            program, *arguments = shlex.split(command)
            assert program == "openssl"
            self.openssl(*arguments)
        return (self.folder / PROOF_FILE).read_bytes()
