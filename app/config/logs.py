"""Rotating log files in a workspace."""

import logging
import logging.handlers
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

_FORMAT = "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s"

log = logging.getLogger(__name__)


@contextmanager
def logging_to(folder: Path) -> Iterator[None]:
    """Write log records to `folder`/birthmark.log: five files of at most 2 MB, times in UTC.

    An error that nobody handles is logged with its traceback before it goes its usual way.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        folder / "birthmark.log", maxBytes=2_000_000, backupCount=4, encoding="utf-8", delay=True
    )
    formatter = logging.Formatter(_FORMAT, "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    usual = sys.excepthook

    def report(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        log.critical("Unhandled error", exc_info=(kind, error, trace))
        usual(kind, error, trace)

    sys.excepthook = report
    try:
        yield
    finally:
        sys.excepthook = usual
        root.removeHandler(handler)
        handler.close()
