"""What the window does without until it is painted: each of these takes time to import."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.architecture.sources import ROOT

LATER = {
    "alembic",
    "app.cli.serving",
    "app.est",
    "app.listener",
    "app.models.wizards",
    "app.views.certificates",
    "app.views.devices",
    "app.views.est_monitor",
    "app.views.settings",
    "app.views.wizard",
    "h11",
    "pkcs11",
    "pkilint",
}
START = """
import sys
from app.main import main

code = main(sys.argv[1:])
print("\\n".join(sys.modules))
sys.exit(code)
"""


def test_the_first_window_imports_only_what_it_shows(
    empty_workspace_folder: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(empty_workspace_folder, tmp_path / "workspace")
    options = ["--workspace", str(folder), "--quit-after-start"]
    imported = subprocess.run(
        [sys.executable, "-c", START, *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout.split()
    assert "app.views.signin.signin_page" in imported
    assert not LATER & set(imported)
