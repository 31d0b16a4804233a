"""The PKI engineer's walk on the tour, on a workspace of its own."""

import socket
from contextlib import ExitStack, suppress
from pathlib import Path

from app.cli.demo import PASSPHRASE, make_workspace, sign_in_hint
from app.core.clock import SystemClock
from app.main import LateListener
from app.models.services.setup.demo_data import DEMO_PASSWORD
from app.models.services.workspace.opening import open_workspace
from app.pki.csr import build_csr
from app.pki.keys import KeyAlgorithm, generate
from app.pki.names import ATTRIBUTE_TYPES, Attribute
from app.pki.sign import SoftwareKey
from tests.e2e.pki_walk import DEVICE, PkiWalk, Token
from tests.pki.softhsm import PIN, softhsm_in
from tools.tour.visit import Camera, Visit


def walk_pki(folder: Path, camera: Camera) -> None:
    """From a root to a published revocation; the key is on a token if SoftHSM is installed."""
    folder.mkdir()
    request = folder / f"{DEVICE}.csr"
    key = SoftwareKey(generate(KeyAlgorithm.EC_P256))
    request.write_bytes(build_csr(key, (Attribute(ATTRIBUTE_TYPES["CN"].oid, DEVICE),)))
    make_workspace(folder / "workspace")
    with ExitStack() as stack:
        token = None
        with suppress(FileNotFoundError):
            hsm = stack.enter_context(softhsm_in(folder / "softhsm"))
            token = Token(hsm.module, hsm.token.token, PIN)
        workspace = open_workspace(folder / "workspace", SystemClock(), PASSPHRASE)
        workspace.settings.change(theme=camera.theme)
        stack.callback(workspace.close)
        listener = LateListener(workspace, SystemClock())
        visit = Visit(workspace, listener, camera, sign_in_hint())
        walk = PkiWalk(visit.window, visit.picture)
        walk.sign_in("admin", DEMO_PASSWORD)
        walk.publish(free_port())
        walk.make_root(token)
        walk.make_issuing()
        walk.make_template()
        walk.issue(request, folder / f"{DEVICE}.pem")
        walk.revoke()
        walk.save_crl(folder / "devices.crl")
        visit.leave()


def free_port() -> int:
    """A port of this computer that nobody listens on."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port
