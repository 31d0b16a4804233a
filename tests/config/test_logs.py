"""Log files in a workspace."""

import logging
from pathlib import Path

from app.config.logs import start_logging, stop_logging


def test_records_go_to_a_file_with_times_in_utc(tmp_path: Path) -> None:
    handler = start_logging(tmp_path / "logs")
    logging.getLogger("app.listener").info("EST listener on %s", "127.0.0.1:8443")
    stop_logging(handler)
    logging.getLogger("app.listener").info("not written any more")
    lines = (tmp_path / "logs" / "birthmark.log").read_text("utf-8").splitlines()
    assert len(lines) == 1
    assert lines[0].endswith("Z INFO app.listener: EST listener on 127.0.0.1:8443")
