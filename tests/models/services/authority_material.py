"""What the tests of authorities make, and OpenSSL's word on it."""

import subprocess
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from app.models.domain.access import SYSTEM
from app.models.domain.authorities import Authority, KeyChoice
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import NEVER, certificate_to_pem
from app.pki.keys import KeyAlgorithm
from app.pki.subjects import ATTRIBUTE_TYPES, Attribute, Subject
from tests.workspace_fixtures import NOW

KEY = KeyChoice(KeyAlgorithm.EC_P256)
IN_TEN_YEARS = NOW + timedelta(days=3653)


def named(name: str) -> Subject:
    """A subject with a common name."""
    return (Attribute(ATTRIBUTE_TYPES["CN"].oid, name),)


def new_root(
    workspace: Workspace,
    name: str = "Root",
    key: KeyChoice = KEY,
    path_length: int | None = 1,
    not_after: datetime = NEVER,
) -> Authority:
    """A root."""
    return workspace.authority_making.create_root(
        SYSTEM, name, named(name), key, not_after=not_after, path_length=path_length
    )


def new_issuing(
    workspace: Workspace,
    above: Authority,
    name: str = "Issuing",
    key: KeyChoice = KEY,
    path_length: int | None = 0,
) -> Authority:
    """An authority below another one."""
    return workspace.authority_making.create_issuing(
        SYSTEM,
        above.id,
        name,
        named(name),
        key,
        not_after=IN_TEN_YEARS,
        path_length=path_length,
    )


def openssl_verify(
    folder: Path,
    certificate: bytes,
    trusted: Sequence[bytes],
    untrusted: Sequence[bytes] = (),
) -> None:
    """Have `openssl verify` say that a certificate (DER) is good; all arguments are DER."""
    files = {"leaf": [certificate], "trusted": trusted, "untrusted": untrusted}
    for name, ders in files.items():
        (folder / f"{name}.pem").write_bytes(b"".join(map(certificate_to_pem, ders)))
    moment = str(int(NOW.timestamp()) + 1)
    command = ["openssl", "verify", "-x509_strict", "-attime", moment]
    command += ["-CAfile", "trusted.pem", *(["-untrusted", "untrusted.pem"] if untrusted else [])]
    command.append("leaf.pem")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
