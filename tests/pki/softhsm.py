"""Real PKCS#11 tokens for tests: SoftHSM 2, each test with tokens of its own.

Name the fixture in the imports of a test module, or of a folder's `conftest.py`.
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pkcs11
import pytest

from app.pki import tokens
from app.pki.token_calls import call
from app.pki.tokens import TokenAddress

PIN = "1234"
_FOLDERS = ("/usr/lib/softhsm", "/usr/lib/*/softhsm", "/usr/local/lib/softhsm")


@dataclass(frozen=True)
class SoftHsm:
    """A SoftHSM with its tokens in a folder; `module` is its library."""

    module: str
    folder: Path
    token: TokenAddress
    pin: str = PIN

    def new_token(self, label: str) -> TokenAddress:
        """Initialises another token."""
        pins = ["--pin", PIN, "--so-pin", "56785678"]
        _run(["softhsm2-util", "--init-token", "--free", "--label", label, *pins])
        return TokenAddress(self.module, label)

    def pkcs11_tool(self, *arguments: str) -> str:
        """Output of OpenSC's tool, logged in to the first token: another program's view of it."""
        chosen = ["--module", self.module, "--token-label", self.token.token]
        return _run(["pkcs11-tool", *chosen, "--login", "--pin", PIN, *arguments])

    def unplug(self) -> None:
        """Takes all tokens away."""
        shutil.move(self.folder / "tokens", self.folder / "unplugged")

    def plug_in(self) -> None:
        """Brings back what `unplug` took."""
        shutil.move(self.folder / "unplugged", self.folder / "tokens")


def _run(command: list[str]) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def softhsm(tmp_path: Path) -> Iterator[SoftHsm]:
    """A SoftHSM with one fresh token, which the program finds at its next start of the module."""
    with softhsm_in(tmp_path / "softhsm") as hsm:
        yield hsm


@contextmanager
def softhsm_in(folder: Path) -> Iterator[SoftHsm]:
    """A SoftHSM with one fresh token in a new folder, the only one of this process until left."""
    (folder / "tokens").mkdir(parents=True)
    configuration = folder / "softhsm2.conf"
    configuration.write_text(
        f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n"
        "log.level = ERROR\nslots.removable = false\n"
    )
    module = str(softhsm_library())
    hsm = SoftHsm(module, folder, TokenAddress(module, "birthmark"))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SOFTHSM2_CONF", str(configuration))
        hsm.new_token("birthmark")
        yield hsm
        call(_forget_sessions)


def _forget_sessions() -> None:
    """Drops what the test left open, so that the module reads the next test's configuration."""
    for library in tokens._driver()._sessions._libraries.values():
        with suppress(pkcs11.PKCS11Error):
            library.finalize()
    tokens._driver.cache_clear()


def softhsm_library() -> Path:
    """Where the package libsofthsm2 put the module."""
    for pattern in _FOLDERS:
        for found in sorted(Path("/").glob(f"{pattern[1:]}/libsofthsm2.so")):
            return found
    raise FileNotFoundError("libsofthsm2.so: install softhsm2 (packaging/debian-packages.txt)")
