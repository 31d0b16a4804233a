import os
import stat
from pathlib import Path

import pytest

from app.core.files import replace_file


def test_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    replace_file(path, "one")
    replace_file(path, "zw\u00f6lf")
    assert path.read_text("utf-8") == "zw\u00f6lf"
    assert list(tmp_path.iterdir()) == [path]


def test_failure_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "settings.json"
    replace_file(path, "one")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        replace_file(path, "two")
    assert path.read_text("utf-8") == "one"


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such modes")
def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    old = os.umask(0)
    try:
        replace_file(path, "{}")
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
