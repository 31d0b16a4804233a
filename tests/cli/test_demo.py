"""`birthmark demo`: a whole run in a process of its own, checked with other people's tools."""

import json
import re
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

CONNECT_KEYS = {
    "est_url",
    "ca_file",
    "device_id",
    "device_password",
    "factory_cert",
    "factory_key",
    "factory_rsa_cert",
    "factory_rsa_key",
    "operational_cert",
    "operational_key",
    "operational_rsa_cert",
    "operational_rsa_key",
}


def birthmark(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "app.main", *map(str, arguments)]


def run(*command: object) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one run without serving leaves behind."""
    folder = tmp_path_factory.mktemp("demo") / "out"
    done = run(*birthmark("demo", "--out", folder))
    assert done.returncode == 0, done.stderr
    assert "enrolled over EST" in done.stdout
    return folder


def summary(out: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((out / "summary.json").read_text("utf-8"))
    return content


def test_openssl_verifies_everything_that_was_issued(out: Path) -> None:
    devices = summary(out)["devices"]
    assert len(devices) == 5
    assert {device["kind"] for device in devices} == {"factory", "operational"}
    root_only = out / "root.pem"
    root_only.write_text(
        (out / "ca.pem").read_text("utf-8").partition("-----END CERTIFICATE-----")[0]
        + "-----END CERTIFICATE-----\n",
        "utf-8",
    )
    for device in devices:
        alone = run("openssl", "verify", "-CAfile", out / "ca.pem", device["certificate"])
        assert alone.returncode == 0, alone.stderr
        chained = run(
            *("openssl", "verify", "-x509_strict", "-CAfile", root_only),
            *("-untrusted", device["chain"], device["certificate"]),
        )
        assert chained.returncode == 0, chained.stderr


def test_each_key_belongs_to_its_certificate_and_to_its_owner_alone(out: Path) -> None:
    for device in summary(out)["devices"]:
        key = run("openssl", "pkey", "-in", device["key"], "-pubout").stdout
        certificate = run("openssl", "x509", "-in", device["certificate"], "-noout", "-pubkey")
        assert key == certificate.stdout != ""
        if sys.platform != "win32":
            assert Path(device["key"]).stat().st_mode & 0o077 == 0


def test_audit_log_of_the_run_verifies(out: Path) -> None:
    checked = run(*birthmark("audit", "verify", out / "audit.jsonl"))
    assert checked.returncode == 0, checked.stderr


def test_summary_tells_no_password(out: Path) -> None:
    password = json.loads((out / "connect.json").read_text("utf-8"))["device_password"]
    assert password not in (out / "summary.json").read_text("utf-8")
    assert password not in (out / "audit.jsonl").read_text("utf-8")


def test_a_folder_in_use_is_left_alone(out: Path) -> None:
    before = sorted(path.name for path in out.iterdir())
    again = run(*birthmark("demo", "--out", out))
    assert again.returncode == 1
    assert "not empty" in again.stderr
    assert sorted(path.name for path in out.iterdir()) == before


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    out = tmp_path / "out"
    process = subprocess.Popen(
        birthmark("demo", "--out", out, "--serve", "--port", 0),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("EST listener on"):
            break
    else:
        pytest.fail("".join(lines))
    yield process, json.loads((out / "connect.json").read_text("utf-8"))
    process.kill()
    process.wait()
    process.stdout.close()


def issuing(connect: dict[str, str]) -> Path:
    """The authority that issued the operational certificate, from where the certificate says."""
    told = run("openssl", "x509", "-in", connect["operational_cert"], "-noout", "-text").stdout
    (url,) = re.findall(r"CA Issuers - URI:(\S+)", told)
    assert url.startswith(connect["publication_url"])
    file = Path(connect["ca_file"]).with_name("issuing.pem")
    der = urlopen(url, timeout=20).read()
    file.write_text(ssl.DER_cert_to_PEM_cert(der), "utf-8")
    return file


def test_serving_demo_can_be_connected_to_until_sigterm(
    served: tuple[subprocess.Popen[str], dict[str, str]],
) -> None:
    process, connect = served
    assert set(connect) >= CONNECT_KEYS
    for key in CONNECT_KEYS - {"est_url", "device_id", "device_password"}:
        assert Path(connect[key]).is_absolute()
        assert Path(connect[key]).is_file()
    answer = run("curl", "-sS", "--cacert", connect["ca_file"], f"{connect['est_url']}/cacerts")
    assert answer.returncode == 0, answer.stderr
    request = ("-issuer", issuing(connect), "-cert", connect["operational_cert"])
    url = ("-url", f"{connect['publication_url']}/ocsp")
    said = run("openssl", "ocsp", *url, *request, "-CAfile", connect["ca_file"])
    assert "Response verify OK" in said.stderr
    assert ": good" in said.stdout
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0
    assert time.monotonic() - started < 20
