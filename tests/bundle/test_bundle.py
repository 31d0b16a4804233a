"""The stand-alone program, as a station without Python gets it."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from app.models.services.setup.demo_data import DEMO_PASSWORD
from tests.pki.softhsm import SoftHsm, softhsm

__all__ = ["softhsm"]

ROOT = Path(__file__).parents[2]
SUFFIX = ".exe" if sys.platform == "win32" else ""
PROGRAM = ROOT / "build" / "bundle" / "birthmark" / f"birthmark{SUFFIX}"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def program() -> Path:
    """The program, built anew so that it is this source's."""
    subprocess.run(["make", "bundle"], cwd=ROOT, check=True, timeout=600)
    return PROGRAM


def run(program: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program with a home folder of its own and none of this Python's variables."""
    environment = {key: value for key, value in os.environ.items() if "PYTHON" not in key}
    environment |= {"QT_QPA_PLATFORM": "offscreen", "HOME": str(home)}
    return subprocess.run(
        [program, *arguments],
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_bundle_tells_its_version(program: Path, tmp_path: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    result = run(program, tmp_path, "--version")
    assert result.returncode == 0, result.stderr
    assert project["version"] in result.stdout


def test_bundle_makes_a_workspace_and_opens_its_window(program: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    made = run(program, tmp_path, "demo", "--out", str(out))
    assert made.returncode == 0, made.stderr

    opened = run(
        program,
        tmp_path,
        *("--workspace", str(out / "workspace")),
        *("--passphrase-file", str(out / "passphrase")),
        "--quit-after-start",
    )
    assert opened.returncode == 0, opened.stderr


def test_bundle_leaves_out_what_no_window_loads(program: Path) -> None:
    names = {path.name for path in program.parent.rglob("*")}
    qt = [name for name in names if name.startswith(("libQt6", "Qt6"))]
    assert qt
    assert not [name for name in qt if "Qml" in name or "Quick" in name or "Pdf" in name]
    assert "pytest" not in names


def test_bundle_has_qts_own_texts_in_german(program: Path) -> None:
    assert list(program.parent.rglob("qtbase_de.qm"))


def test_bundle_lints_certificates(program: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run(program, tmp_path, "demo", "--out", str(out)).returncode == 0
    certificate = out / "GW-204-000188" / "operational.pem"
    checked = run(program, tmp_path, "certificate", "check", str(certificate), "--json")
    assert checked.returncode == 0, checked.stderr
    assert json.loads(checked.stdout)[0]["findings"] == []


def test_bundle_looks_for_tokens(program: Path, softhsm: SoftHsm, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run(program, tmp_path, "demo", "--out", str(out)).returncode == 0
    password = tmp_path / "password"
    password.write_text(DEMO_PASSWORD, "utf-8")
    listed = run(
        program,
        tmp_path,
        *("ca", "tokens", "--token", softhsm.module, "--json", "--user", "admin"),
        *("--workspace", str(out / "workspace"), "--password-file", str(password)),
    )
    assert listed.returncode == 0, listed.stderr
    assert softhsm.token.token in listed.stdout
