"""The whole window, as the tests of its parts have it."""

from tests.pki.softhsm import softhsm
from tests.views.conftest import _light_theme, _same_locale, jobs, pytest_itemcollected

__all__ = ["_light_theme", "_same_locale", "jobs", "pytest_itemcollected", "softhsm"]
