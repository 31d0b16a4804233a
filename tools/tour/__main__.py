"""Takes the tour in every theme.

Exits 0 only if everything happened: signing in, a device created in the wizard, an enrolment
over the real listener, a refusal seen in the monitor, each role with the pages it is to see and
no others, and a certificate issued below a root on a token and revoked. `make tour` runs it on
a screen of its own.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.cli.demo import PASSPHRASE, make_workspace, sign_in_hint
from app.core.clock import SystemClock
from app.main import LateListener
from app.models.domain.access import SYSTEM
from app.models.services.devices.listed import DeviceQuery
from app.models.services.setup.demo_data import DEMO_PASSWORD
from app.models.services.workspace.opening import open_workspace
from app.models.services.workspace.workspace import Workspace
from app.views.theme import ThemeMode, apply_theme
from tools.tour.pages import look_at_pages
from tools.tour.pki import walk_pki
from tools.tour.provisioning import NEIGHBOURS, provision
from tools.tour.roles import look_at_roles
from tools.tour.visit import Camera, Visit, type_text

FAILURES: list[str] = []
THEMES: tuple[ThemeMode, ...] = ("light", "dark")


def tour(workspace: Workspace, scratch: Path, camera: Camera) -> None:
    """Walk through everything; raises `AssertionError` where something did not happen."""
    visit = Visit(workspace, LateListener(workspace, SystemClock()), camera, sign_in_hint())
    _sign_in(visit)
    visit.picture("devices-before")
    provision(visit, scratch)
    look_at_pages(visit)
    _lock(visit)
    look_at_roles(visit)
    visit.leave()


def _sign_in(visit: Visit) -> None:
    page = visit.window.sign_in
    type_text(page.name.input, "admin")
    type_text(page.password.input, "not the password")
    QTest.keyClick(page.password.input, Qt.Key.Key_Return)
    visit.wait(lambda: page.password.message() != "", "a wrong password is told")
    visit.picture("sign-in-refused")
    type_text(page.password.input, DEMO_PASSWORD)
    visit.picture("sign-in")
    visit.sign_in("admin", DEMO_PASSWORD)


def _lock(visit: Visit) -> None:
    visit.command("account.lock")
    visit.wait(lambda: visit.workspace.locked, "the keys are locked")
    visit.picture("locked")
    visit.workspace.unlock(PASSPHRASE)


def _note_failure(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """An exception in a slot ends no event loop, but it ends the tour's good name."""
    FAILURES.append(repr(error))
    sys.__excepthook__(kind, error, trace)


def main() -> int:
    """Run the tour in every theme; the exit code is 0 when all of it happened."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    arguments.add_argument("--guide", type=Path, help="folder of the user guide's pictures")
    options = arguments.parse_args()
    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("*.png"):
        old.unlink()
    app = QApplication(["birthmark"])
    app.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    sys.excepthook = _note_failure
    folder = Path(tempfile.mkdtemp(prefix="birthmark-tour-"))
    try:
        make_workspace(folder / "demo")
        workspace = open_workspace(folder / "demo", SystemClock(), PASSPHRASE)
        for theme in THEMES:
            workspace.settings.change(theme=theme)
            apply_theme(app, theme)
            camera = Camera(out, theme, options.guide)
            tour(workspace, folder, camera)
            walk_pki(folder / f"pki-{theme}", camera)
        count = workspace.device_list.count(SYSTEM, DeviceQuery())
        workspace.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{count} devices created; pictures are in {out}")
    return 0 if count == len(THEMES) * (1 + NEIGHBOURS) and not FAILURES else 1


if __name__ == "__main__":
    sys.exit(main())
