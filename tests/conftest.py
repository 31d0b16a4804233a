"""What every test shares."""

import os

from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("BIRTHMARK_LANG", "en")

pytest_plugins = ["pytester", "tests.requirements_plugin", "tests.workspace_fixtures"]

# Other people's processors are busy too: no deadline, and the same examples each time.
settings.register_profile("ci", deadline=None, derandomize=True, max_examples=100)
settings.load_profile("ci")
