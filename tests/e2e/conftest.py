"""The whole window, as the tests of its parts have it, and what they need around it."""

import socket

import pytest

from tests.pki.softhsm import softhsm
from tests.views.conftest import (
    _garbage_stays_here,
    _light_theme,
    _same_locale,
    jobs,
    pytest_itemcollected,
)

__all__ = [
    "_garbage_stays_here",
    "_light_theme",
    "_same_locale",
    "jobs",
    "pytest_itemcollected",
    "softhsm",
]


@pytest.fixture
def port() -> int:
    """Where nobody listens."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        free: int = trial.getsockname()[1]
        return free
