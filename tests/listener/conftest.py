from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes import FakeClock
from tests.listener.station import Station
from tests.plant import make_plant, opened_plant


@pytest.fixture(scope="session")
def live_plant_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed plant made yesterday by the computer's clock, by which TLS clients judge."""
    folder = tmp_path_factory.mktemp("live") / "workspace"
    make_plant(folder, datetime.now(UTC) - timedelta(days=1))
    return folder


@pytest.fixture
def station(live_plant_folder: Path, tmp_path: Path) -> Iterator[Station]:
    """A plant with its listener running."""
    clock = FakeClock(datetime.now(UTC))
    with opened_plant(live_plant_folder, tmp_path / "plant", clock) as plant:
        station = Station(plant, tmp_path)
        yield station
        station.stop()
