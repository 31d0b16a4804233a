"""The keys of a workspace at rest and in memory."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import AuthenticationError, InvalidInputError, KnownError, LockedError
from app.models.services.vault import Sealed, Vault
from app.pki.sealing import SealError
from tests.workspace_fixtures import CHEAP, PASSPHRASE


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault.create(tmp_path / "keys.json", PASSPHRASE, CHEAP)


def test_secrets_come_back_after_locking_and_unlocking(vault: Vault) -> None:
    sealed = vault.seal(b"private key", "authority-key")
    assert b"private key" not in sealed.ciphertext
    vault.lock()
    with pytest.raises(LockedError):
        vault.unseal(sealed, "authority-key")
    vault.unlock(PASSPHRASE)
    assert vault.unseal(sealed, "authority-key") == b"private key"


def test_wrong_passphrase_leaves_the_vault_locked(vault: Vault) -> None:
    vault.lock()
    with pytest.raises(AuthenticationError):
        vault.unlock(PASSPHRASE + "!")
    assert vault.locked


def test_a_secret_opens_only_for_its_purpose_and_untouched(vault: Vault) -> None:
    sealed = vault.seal(b"private key", "authority-key")
    with pytest.raises(SealError):
        vault.unseal(sealed, "tls-key")
    flipped = bytes([sealed.ciphertext[0] ^ 1]) + sealed.ciphertext[1:]
    with pytest.raises(SealError):
        vault.unseal(Sealed(sealed.wrapped_key, flipped), "authority-key")


def test_changed_passphrase_opens_the_same_secrets(vault: Vault, tmp_path: Path) -> None:
    sealed = vault.seal(b"private key", "authority-key")
    with pytest.raises(AuthenticationError):
        vault.change_passphrase("not it at all", "another passphrase", CHEAP)
    with pytest.raises(InvalidInputError):
        vault.change_passphrase(PASSPHRASE, "short", CHEAP)
    vault.change_passphrase(PASSPHRASE, "another passphrase", CHEAP)
    again = Vault(tmp_path / "keys.json")
    with pytest.raises(AuthenticationError):
        again.unlock(PASSPHRASE)
    again.unlock("another passphrase")
    assert again.unseal(sealed, "authority-key") == b"private key"


def test_locking_makes_others_forget(vault: Vault) -> None:
    forgotten: list[bool] = []
    vault.on_lock(lambda: forgotten.append(True))
    vault.lock()
    assert forgotten == [True]


def test_nothing_readable_is_on_disk(vault: Vault, tmp_path: Path) -> None:
    content = (tmp_path / "keys.json").read_text("utf-8")
    assert PASSPHRASE not in content
    assert vault._key is not None
    assert vault._key.hex() not in content
    assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]


@given(content=st.text(max_size=300))
def test_a_damaged_key_file_is_said_plainly(
    content: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("vault") / "keys.json"
    path.write_text(content, "utf-8")
    with pytest.raises(KnownError):
        Vault(path).unlock(PASSPHRASE)
