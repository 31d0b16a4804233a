from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.fakes import FakeClock
from tests.plant import Plant, make_plant, opened_plant

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def plant_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed plant; copy it, never open it."""
    folder = tmp_path_factory.mktemp("plant") / "workspace"
    make_plant(folder, NOW)
    return folder


@pytest.fixture
def plant(plant_folder: Path, tmp_path: Path) -> Iterator[Plant]:
    """A plant of the test's own."""
    with opened_plant(plant_folder, tmp_path / "plant", FakeClock(NOW)) as opened:
        yield opened


@pytest.fixture(scope="module")
def shared_plant(plant_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """A plant for tests that only look at what changes; has a device `pump-1`."""
    folder = tmp_path_factory.mktemp("shared") / "plant"
    with opened_plant(plant_folder, folder, FakeClock(NOW)) as opened:
        opened.device("pump-1")
        opened.device("pump-2")
        yield opened
