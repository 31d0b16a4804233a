"""A PKI engineer needs nothing but the window, and OpenSSL believes what comes of it."""

import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from pytestqt.qtbot import QtBot

from app.core.clock import SystemClock
from app.main import LateListener
from app.models.domain.access import SYSTEM, Channel
from app.models.domain.authorities import Authority, KeyStore
from app.models.domain.certificates import Certificate, CertificateStatus
from app.models.services.audit.log import AuditFilter
from app.models.services.certificates.listed import CertificateQuery
from app.models.services.setup.demo_data import DEMO_PASSWORD, make_demo
from app.models.services.workspace.opening import create_workspace
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import certificate_to_pem
from app.views.jobs import Jobs
from app.views.pages import page_entries
from app.views.shell.main_window import MainWindow
from tests.e2e.pki_walk import DEVICE, ISSUING, ROOT, TEMPLATE, PkiWalk, Token
from tests.pki.softhsm import SoftHsm
from tests.views.shell.signing import shown
from tests.workspace_fixtures import CHEAP, PASSPHRASE

POINTS = ("-ext", "crlDistributionPoints")
# What the log has of the walk, in this order.
EXPECTED = [
    "authority.create",
    "authority.create",
    "template.create",
    "certificate.issue",
    "certificate.revoke",
]


def openssl(folder: Path, *arguments: str) -> str:
    """What OpenSSL says, good or bad."""
    done = subprocess.run(
        ["openssl", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stdout + done.stderr


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """The demonstration data on the real clock, as OpenSSL has no other."""
    made = create_workspace(tmp_path / "workspace", PASSPHRASE, SystemClock(), CHEAP)
    make_demo(made, SYSTEM)
    yield made
    made.close()


@pytest.fixture
def walk(workspace: Workspace, jobs: Jobs, qtbot: QtBot) -> Iterator[PkiWalk]:
    """The program's window with its real listeners; nobody has signed in."""
    listener = LateListener(workspace, SystemClock())
    window = shown(MainWindow(workspace, listener, page_entries, jobs), qtbot)
    yield PkiWalk(window)
    listener.stop()
    window.close()
    shiboken6.delete(window)


@pytest.mark.skipif(sys.platform == "win32", reason="needs SoftHSM")
@pytest.mark.req("SYS-04")
def test_a_pki_from_a_root_on_a_token_to_a_published_revocation(
    walk: PkiWalk, workspace: Workspace, softhsm: SoftHsm, tmp_path: Path, port: int
) -> None:
    walk.sign_in("admin", DEMO_PASSWORD)
    walk.publish(port)
    walk.make_root(Token(softhsm.module, softhsm.token.token, softhsm.pin))
    assert authority(workspace, ROOT).key_store is KeyStore.TOKEN
    assert ROOT in softhsm.pkcs11_tool("--list-objects", "--type", "privkey")
    walk.make_issuing()
    issuing = authority(workspace, ISSUING)
    assert issuing.issuer_id == authority(workspace, ROOT).id
    walk.make_template()
    (template,) = (one for one in workspace.templates.all(SYSTEM) if one.name == TEMPLATE)
    assert (template.authority_id, template.revocation_urls) == (issuing.id, True)

    request = ("-subj", f"/CN={DEVICE}", "-keyout", "device.key", "-out", "device.csr")
    openssl(tmp_path, "req", "-new", "-newkey", "rsa:2048", "-nodes", *request)
    walk.issue(tmp_path / "device.csr", tmp_path / "device.pem")
    issued = certificate(workspace)
    assert issued.status is CertificateStatus.ISSUED
    for name, of in (("root", ROOT), ("issuing", ISSUING)):
        pem = certificate_to_pem(authority(workspace, of).certificate)
        (tmp_path / f"{name}.pem").write_bytes(pem)
    believed = ("verify", "-CAfile", "root.pem", "-untrusted", "issuing.pem")
    assert "device.pem: OK" in openssl(tmp_path, *believed, "device.pem")
    assert "device.pem: good" in ask_responder(tmp_path, port)

    walk.revoke()
    assert certificate(workspace).status is CertificateStatus.REVOKED
    assert "device.pem: revoked" in ask_responder(tmp_path, port)

    walk.save_crl(tmp_path / "saved.crl")
    said = openssl(tmp_path, "x509", "-in", "device.pem", "-noout", *POINTS)
    (url,) = re.findall(r"URI:(\S+)", said)
    with urllib.request.urlopen(url, timeout=60) as answer:
        (tmp_path / "fetched.crl").write_bytes(answer.read())
    for name in ("saved.crl", "fetched.crl"):
        text = openssl(tmp_path, "crl", "-inform", "DER", "-in", name, "-noout", "-text")
        assert f"{issued.serial.upper()}\n" in text
        openssl(tmp_path, "crl", "-inform", "DER", "-in", name, "-out", "crl.pem")
        checked = (*believed, "-crl_check", "-CRLfile", "crl.pem", "device.pem")
        assert "certificate revoked" in openssl(tmp_path, *checked)

    events = workspace.audit.page(SYSTEM, 0, 100, AuditFilter(actor="admin"))
    assert {event.channel for event in events} == {Channel.WINDOW}
    done = [event.action for event in reversed(events)]
    assert [action for action in done if action in EXPECTED] == EXPECTED, done


def authority(workspace: Workspace, name: str) -> Authority:
    (found,) = (one for one in workspace.authorities.all(SYSTEM) if one.name == name)
    return found


def certificate(workspace: Workspace) -> Certificate:
    """The certificate of the device, as the database has it."""
    (found,) = workspace.certificate_list.page(SYSTEM, CertificateQuery(text=DEVICE), 0, 10)
    return workspace.certificates.get(SYSTEM, found.id)


def ask_responder(folder: Path, port: int) -> str:
    """What OpenSSL makes of the answer of the responder that the certificate names."""
    url = openssl(folder, "x509", "-in", "device.pem", "-noout", "-ocsp_uri").strip()
    assert url.startswith(f"http://127.0.0.1:{port}/")
    asked = ("-issuer", "issuing.pem", "-cert", "device.pem", "-CAfile", "root.pem")
    said = openssl(folder, "ocsp", *asked, "-url", url)
    assert "Response verify OK" in said
    return said
