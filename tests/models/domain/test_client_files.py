"""Files for clients: what is written is what a program reads, and only what can work is made."""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import InvalidInputError
from app.models.domain.client_files.making import client_files
from app.models.domain.client_files.quoting import sh_word, toml_table
from app.models.domain.client_files.setups import (
    KEYS,
    ClientCredential,
    ClientFiles,
    ClientSetup,
    EstClient,
)
from app.models.domain.est_servers import Base64Form, EstServer
from app.pki.keys import KeyAlgorithm

ROOTS = b"-----BEGIN CERTIFICATE-----\n"
SERVER = EstServer(1, "Bench", "bench.est.local", 1, 1, 1, enrol_others=True)
SETUP = ClientSetup(
    SERVER,
    8443,
    "pump-1",
    ClientCredential.PASSWORD,
    KeyAlgorithm.EC_P256,
    KEYS,
    ROOTS,
    applications=True,
)
NASTY = """it's "$(id)" `id` \\ \\n $device #! ü😀"""

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
needs_sh = pytest.mark.skipif(shutil.which("sh") is None, reason="this system has no sh")


def contents(made: ClientFiles) -> dict[str, str]:
    return {file.path: file.content.decode() for file in made.files}


def azure(setup: ClientSetup) -> dict[str, Any]:
    """What each TOML file says."""
    made = contents(client_files(EstClient.AZURE, setup))
    return {path: tomllib.loads(text) for path, text in made.items() if path.endswith(".toml")}


def setups() -> Iterator[ClientSetup]:
    """Every way to enrol, with and without a label and a device."""
    for credential, key, label, device in product(
        ClientCredential, KEYS, ("", "line4"), ("", "pump-1", NASTY)
    ):
        server = replace(SERVER, label=label)
        yield replace(SETUP, server=server, credential=credential, key=key, device=device)


@given(texts, st.lists(texts), st.integers(0, 2**31))
def test_toml_reads_back(text: str, several: list[str], number: int) -> None:
    written = toml_table("[some.table]", {"one": text, "several": several, "number": number})
    table = {"one": text, "several": several, "number": number}
    assert tomllib.loads(written) == {"some": {"table": table}}


@needs_sh
@settings(max_examples=30, deadline=None)
@given(texts)
def test_sh_reads_back(text: str) -> None:
    script = f"value={sh_word(text)}\nprintf '%s' \"$value\""
    done = subprocess.run(["sh"], input=script.encode(), capture_output=True, check=True)
    assert done.stdout == text.encode()


@needs_sh
@pytest.mark.req("AIS-04", "AIS-09")
@pytest.mark.parametrize("client", EstClient)
def test_every_script_is_shell(client: EstClient, tmp_path: Path) -> None:
    for number, setup in enumerate(setups()):
        if client is EstClient.STRONGSWAN and "," in setup.device:
            continue
        made = contents(client_files(client, setup))
        assert made["ca.pem"] == ROOTS.decode()
        (script,) = (text for path, text in made.items() if path.endswith(".sh"))
        file = tmp_path / f"{number}.sh"
        file.write_text(script, "utf-8", newline="")
        subprocess.run(["sh", "-n", file], check=True)
        assert script.startswith("#!/bin/sh\n")
        done = subprocess.run(
            ["sh", file], env={"EST_DEVICE": "pump-1"}, capture_output=True, check=False
        )
        assert (done.returncode, done.stderr[:6]) == (2, b"usage:")


@pytest.mark.req("AIS-04", "AIS-05", "AIS-09")
@pytest.mark.parametrize(
    ("credential", "name"),
    [(ClientCredential.APPLICATION, "application"), (ClientCredential.FACTORY, "factory")],
)
def test_azure_by_certificate(credential: ClientCredential, name: str) -> None:
    files = azure(replace(SETUP, credential=credential, server=replace(SERVER, label="line4")))
    url = "https://bench.est.local:8443/.well-known/est/line4"
    certificate, key = (f"file:///etc/aziot/est/{name}.{end}" for end in ("pem", "key"))
    assert files["config.toml"] == {
        "provisioning": {
            "source": "dps",
            "global_endpoint": "https://global.azure-devices-provisioning.net",
            "id_scope": "REPLACE-WITH-ID-SCOPE",
            "attestation": {
                "method": "x509",
                "registration_id": "pump-1",
                "identity_cert": {"method": "est", "common_name": "pump-1"},
            },
        },
        "cert_issuance": {
            "est": {
                "trusted_certs": ["file:///etc/aziot/est/ca.pem"],
                "auth": {"identity_cert": certificate, "identity_pk": key},
                "urls": {"default": url},
            }
        },
    }
    certd, keyd = files["certd/est.toml"], files["keyd/est.toml"]
    est = certd["cert_issuance"]["est"]
    assert est["urls"] == {"default": url}
    assert certd["preloaded_certs"][est["identity_cert"]] == certificate
    assert [certd["preloaded_certs"][one] for one in est["trusted_certs"]] == [
        "file:///etc/aziot/est/ca.pem"
    ]
    asked = certd["cert_issuance"]["birthmark-device"]
    assert asked == {"method": "est", "common_name": "pump-1"}
    assert keyd["preloaded_keys"] == {est["identity_pk"]: key}
    assert keyd["principal"][0]["keys"] == [est["identity_pk"]]


@pytest.mark.req("AIS-05")
def test_azure_by_password() -> None:
    files = azure(replace(SETUP, device=NASTY))
    assert set(files) == {"config.toml", "certd/est.toml"}  # there is no key for keyd to hold
    est = files["certd/est.toml"]["cert_issuance"]["est"]
    assert (est["username"], est["password"]) == (NASTY, "REPLACE-WITH-PASSWORD")
    auth = files["config.toml"]["cert_issuance"]["est"]["auth"]
    assert auth == {"username": NASTY, "password": "REPLACE-WITH-PASSWORD"}


@pytest.mark.req("AIS-09")
def test_what_is_left_to_fill_in_is_marked_alike() -> None:
    made = contents(client_files(EstClient.AZURE, replace(SETUP, device="")))
    assert "REPLACE-WITH-DEVICE-NAME" in made["config.toml"]
    assert "REPLACE-WITH-DEVICE-NAME" in made["certd/est.toml"]
    assert "grep -n 'REPLACE-WITH-'" in made["request-certificate.sh"]
    assert "REPLACE-WITH-" in made["README.md"]


@pytest.mark.req("AIS-04")
def test_the_request_has_the_key_asked_for() -> None:
    for key, option in (
        (KeyAlgorithm.EC_P256, "-algorithm EC -pkeyopt ec_paramgen_curve:P-256"),
        (KeyAlgorithm.RSA_2048, "-algorithm RSA -pkeyopt rsa_keygen_bits:2048"),
    ):
        made = contents(client_files(EstClient.AZURE, replace(SETUP, key=key)))
        assert option in made["request-certificate.sh"]


@pytest.mark.req("DEC-21", "AIS-09")
def test_azure_is_told_what_the_est_server_refuses() -> None:
    strict = replace(SETUP, server=replace(SERVER, enrol_others=False))
    for credential, told in (
        (ClientCredential.PASSWORD, True),
        (ClientCredential.FACTORY, True),
        (ClientCredential.APPLICATION, False),  # it answers for the names it asks for
    ):
        made = client_files(EstClient.AZURE, replace(strict, credential=credential))
        assert bool(made.warnings) is told
        assert ("no certificate with another name" in contents(made)["README.md"]) is told
    assert client_files(EstClient.AZURE, SETUP).warnings == ()
    (warning,) = client_files(EstClient.AZURE, replace(SETUP, enforce_factory_mode=True)).warnings
    assert "factory mode" in warning
    only_ec = replace(SETUP, accepted_keys=(KeyAlgorithm.EC_P256,))
    (warning,) = client_files(EstClient.AZURE, only_ec).warnings
    assert "RSA 2048" in warning


@pytest.mark.parametrize(
    ("client", "changes", "word"),
    [
        (EstClient.STRONGSWAN, {"label": "line4"}, "--label"),
        (EstClient.STRONGSWAN, {"base64_form": Base64Form.WRAPPED}, "5.9.11"),
        (EstClient.LIBEST, {"base64_form": Base64Form.SINGLE_LINE}, "libest cannot"),
    ],
)
def test_other_limits_are_told(client: EstClient, changes: dict[str, Any], word: str) -> None:
    assert client_files(client, SETUP).warnings == ()
    (warning,) = client_files(client, replace(SETUP, server=replace(SERVER, **changes))).warnings
    assert word in warning


@pytest.mark.req("DEC-05")
@pytest.mark.parametrize(
    ("credential", "changes"),
    [
        (ClientCredential.PASSWORD, {"password_authentication": False}),
        (ClientCredential.FACTORY, {"certificate_authentication": False}),
        (ClientCredential.APPLICATION, {}),
    ],
)
def test_a_credential_that_is_refused(
    credential: ClientCredential, changes: dict[str, Any]
) -> None:
    server = replace(SERVER, **changes)
    setup = replace(SETUP, server=server, credential=credential, applications=False)
    with pytest.raises(InvalidInputError, match="does not accept this credential"):
        client_files(EstClient.CURL, setup)


def test_an_app_key_is_a_password() -> None:
    setup = replace(SETUP, server=replace(SERVER, password_authentication=False))
    assert client_files(EstClient.CURL, setup).files


def test_what_a_client_cannot_do() -> None:
    bound = replace(SETUP, server=replace(SERVER, require_pop=True))
    assert client_files(EstClient.LIBEST, bound).files
    for client in set(EstClient) - {EstClient.LIBEST}:
        with pytest.raises(InvalidInputError, match="cannot bind"):
            client_files(client, bound)
    with pytest.raises(InvalidInputError, match="comma"):
        client_files(EstClient.STRONGSWAN, replace(SETUP, device="a,b"))


def test_a_key_that_the_template_does_not_take() -> None:
    only_ec = (KeyAlgorithm.EC_P256,)
    setup = replace(SETUP, key=KeyAlgorithm.RSA_2048, accepted_keys=only_ec)
    with pytest.raises(InvalidInputError, match="rsa-2048 keys"):
        client_files(EstClient.CURL, setup)


STANDS_FOR_CERTD = """#!/bin/sh
# Signs the request in request.json, as certd answers it.
set -eu
python - <<'END'
import json, subprocess
asked = json.load(open("request.json"))
assert asked["certId"] == "birthmark-device", asked
sign = ["openssl", "x509", "-req", "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "7"]
pem = subprocess.run(sign, input=asked["csr"], capture_output=True, text=True, check=True).stdout
json.dump({"pem": pem}, open("answer.json", "w"), separators=(",", ":"))
END
"""


@needs_sh
@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")
@pytest.mark.req("AIS-04", "AIS-09")
@pytest.mark.parametrize("key", KEYS)
def test_what_certd_is_asked(key: KeyAlgorithm, tmp_path: Path) -> None:
    setup = replace(SETUP, credential=ClientCredential.FACTORY, key=key)
    for file in client_files(EstClient.AZURE, setup).files:
        (tmp_path / file.path).parent.mkdir(exist_ok=True)
        (tmp_path / file.path).write_bytes(file.content)
    root = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=Root"
    command = [*root.split(), "-keyout", "ca.key", "-out", "ca.pem"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    programs = {
        "curl": STANDS_FOR_CERTD,
        "install": '#!/bin/sh\necho "$@" >> installed\n',
        "aziotctl": "#!/bin/sh\n",
        "id": "#!/bin/sh\necho 4242\n",
    }
    for name, text in programs.items():
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(text)
        program.chmod(0o755)
    path = os.pathsep.join((str(tmp_path / "bin"), str(Path(sys.executable).parent), os.defpath))
    script = tmp_path / "request-certificate.sh"
    subprocess.run(["sh", script, "request"], env={"PATH": path}, check=True, capture_output=True)
    certificate = x509.load_pem_x509_certificate((tmp_path / "device.pem").read_bytes())
    assert certificate.subject.rfc4514_string() == "CN=pump-1"
    made = load_pem_private_key((tmp_path / "device.key").read_bytes(), None)
    assert certificate.public_key() == made.public_key()
    installed = (tmp_path / "installed").read_text()
    assert "aziotks -m 600 factory.key /etc/aziot/est/factory.key" in installed
    with pytest.raises(subprocess.CalledProcessError):  # the scope ID is still to be filled in
        subprocess.run(["sh", script, "apply"], env={"PATH": path}, check=True, capture_output=True)
    assert "config.toml" not in (tmp_path / "installed").read_text()
