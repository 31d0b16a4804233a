"""Creates devices one after the other, as Save in the wizard does, until it is killed.

`python -m tests.crash.saving WORKSPACE` prints the name of each device once it is created.
"""

import sys
import time
from itertools import count
from pathlib import Path
from uuid import uuid4

from app.core.clock import SystemClock
from app.models.domain.access import SYSTEM
from app.models.services.workspace.opening import open_workspace
from tests.benchmarks.station import PASSPHRASE, new_gateway
from tests.crash.checks import CHEAP, SAVED

PAUSE = 0.02  # seconds in which devices get their turn at the database


def main(folder: Path) -> None:
    """Create devices for ever."""
    workspace = open_workspace(folder, SystemClock(), PASSPHRASE, exclusive=False, cost=CHEAP)
    run = uuid4().hex[:8]
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for number in count():
        new = new_gateway(workspace, f"{SAVED}{run}-{number}", operational=True)
        workspace.device_creation.create(SYSTEM, new)
        sys.stdout.write(f"{new.name}\n")
        sys.stdout.flush()
        time.sleep(PAUSE)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
