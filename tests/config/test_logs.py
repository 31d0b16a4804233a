"""Log files in a workspace."""

import logging
import sys
from pathlib import Path

import pytest

from app.config.logs import logging_to


def test_records_go_to_a_file_with_times_in_utc(tmp_path: Path) -> None:
    with logging_to(tmp_path / "logs"):
        logging.getLogger("app.listener").info("EST listener on %s", "127.0.0.1:8443")
    logging.getLogger("app.listener").info("not written any more")
    lines = (tmp_path / "logs" / "birthmark.log").read_text("utf-8").splitlines()
    assert len(lines) == 1
    assert lines[0].endswith("Z INFO app.listener: EST listener on 127.0.0.1:8443")


def fail() -> None:
    raise RuntimeError("a bug of ours")


def test_an_error_nobody_handles_leaves_its_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed_on: list[BaseException] = []
    monkeypatch.setattr(sys, "excepthook", lambda _kind, error, _trace: passed_on.append(error))
    usual = sys.excepthook
    with logging_to(tmp_path):
        with pytest.raises(RuntimeError) as caught:
            fail()
        sys.excepthook(caught.type, caught.value, caught.tb)
    assert sys.excepthook is usual
    assert [str(error) for error in passed_on] == ["a bug of ours"]
    text = (tmp_path / "birthmark.log").read_text("utf-8")
    assert "Traceback" in text
    assert "a bug of ours" in text
