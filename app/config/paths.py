"""Where the program's own read-only files lie."""

import sys
from pathlib import Path

import platformdirs


def resources_folder() -> Path:
    """The `resources` folder, beside `app` in a source tree or unpacked by PyInstaller."""
    bundle = getattr(sys, "_MEIPASS", None)  # set by PyInstaller's start code only
    root = Path(bundle) if bundle else Path(__file__).parents[2]
    return root / "resources"


def default_workspace() -> Path:
    """The workspace used when none is named, in the user's data folder."""
    return platformdirs.user_data_path("birthmark", appauthor=False) / "workspace"


def demo_folder() -> Path:
    """Where the demonstration workspace lives, in the user's data folder."""
    return platformdirs.user_data_path("birthmark", appauthor=False) / "demo"
