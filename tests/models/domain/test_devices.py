"""The life cycle of a device: every mode with every event."""

import itertools

import pytest

from app.core.errors import ConflictError
from app.models.domain.devices import DeviceEvent, DeviceMode, next_mode

# What each event (row) does in each mode (column); `!` is refused, `back` returns.
TABLE = """
-                               new          factory      operational  disabled
credential-set                  factory      factory      operational  !
factory-certificate-issued      factory      factory      operational  !
factory-certificate-accepted    factory      factory      operational  !
operational-certificate-issued  operational  operational  operational  !
set-as-factory                  !            !            factory      !
disabled                        disabled     disabled     disabled     !
enabled                         !            !            !            back
"""
HEAD, *ROWS = [line.split() for line in TABLE.strip().splitlines()]
CELLS = {(row[0], mode): row[1 + place] for row in ROWS for place, mode in enumerate(HEAD[1:])}


def test_the_table_is_whole() -> None:
    assert set(CELLS) == set(itertools.product(DeviceEvent, DeviceMode))


@pytest.mark.req(
    "MODE-01", "MODE-02", "MODE-03", "MODE-04", "DEV-83", "DEV-84", "DEV-85", "DEC-08", "DT-12"
)
@pytest.mark.parametrize(("event", "mode"), CELLS)
def test_every_event_in_every_mode(event: str, mode: str) -> None:
    outcome = CELLS[event, mode]
    for before in DeviceMode:
        if outcome == "!":
            with pytest.raises(ConflictError):
                next_mode(DeviceMode(mode), DeviceEvent(event), before)
        else:
            wanted = before if outcome == "back" else DeviceMode(outcome)
            assert next_mode(DeviceMode(mode), DeviceEvent(event), before) is wanted


def test_enabling_without_a_memory_starts_anew() -> None:
    assert next_mode(DeviceMode.DISABLED, DeviceEvent.ENABLED) is DeviceMode.NEW
