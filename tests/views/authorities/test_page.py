"""The Authorities page as administrators and auditors use it."""

import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot

from app.models.domain.access import SYSTEM, Access, Sharing
from app.models.domain.authorities import Authority
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import certificate_to_pem, read_certificate
from app.pki.crl import read_crl
from app.pki.revocation import RevocationReason
from tests.models.services.authority_material import (
    IN_TEN_YEARS,
    KEY,
    named,
    new_issuing,
    new_root,
    openssl_verify,
)
from tests.models.services.gateways import gateway, operational
from tests.models.services.people import person
from tests.views.authorities.conftest import OpenPage
from tests.views.hands import (
    buttons,
    cells,
    check_tab_order,
    choose,
    click,
    dialog,
    fill,
    form,
    names,
    press,
    shown_fields,
    texts,
)
from tests.views.soon import soon
from tests.workspace_fixtures import NOW

ROOT, FACTORY, OPERATIONAL = (
    "Acme Controls Root CA",
    "Acme Factory CA 1",
    "Acme Operational CA 1",
)


def stored(workspace: Workspace, name: str) -> Authority:
    return next(one for one in workspace.authorities.all(SYSTEM) if one.name == name)


def test_the_list_says_who_certifies_whom(open_page: OpenPage) -> None:
    page = open_page()
    tester = QAbstractItemModelTester(
        page.model, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    assert {ROOT, FACTORY, OPERATIONAL} <= set(names(page))
    assert cells(page, ROOT) == {
        "Name": ROOT,
        "Subject": f"CN={ROOT},O=Acme Controls",
        "Issuer": "itself",
        "Key": "EC P-256",
        "Key store": "Workspace",
        "Ends": "never ends",
        "Access": "Global",
        "Status": "Active",
    }
    assert cells(page, FACTORY)["Issuer"] == f"CN={ROOT},O=Acme Controls"
    assert page.ending.isHidden()
    assert page.waiting.isHidden()
    assert tester.model() is page.model


def test_what_ends_soon_is_told_above_the_list(demo: Workspace, open_page: OpenPage) -> None:
    new_root(demo, "Short", not_after=NOW + timedelta(days=40))
    new_root(demo, "Longer", not_after=NOW + timedelta(days=60))
    page = open_page()
    soon(page.ending.isVisible)
    assert "Short ends on 11 Apr 2026." in page.ending.text()
    assert "1 more authority ends within 90 days." in page.ending.text()


def test_details_show_the_chain_and_what_can_be_copied(
    demo: Workspace, open_page: OpenPage
) -> None:
    page = open_page()
    choose(page, FACTORY)
    info = read_certificate(stored(demo, FACTORY).certificate)
    seen = set(texts(page.panel))
    assert f"CN={ROOT},O=Acme Controls" in seen
    assert "none, it issues to devices only" in seen
    read = {text.replace("\u200b", "") for text in seen}
    assert {info.serial_hex, info.fingerprint} <= read
    soon(lambda: "Created" in texts(page.panel))


def test_signing_is_tried_and_a_locked_workspace_says_so(
    demo: Workspace, open_page: OpenPage
) -> None:
    page = open_page()
    choose(page, ROOT)
    press(page.panel, "Test signing")
    soon(lambda: f"{ROOT} signed in " in page.banner.text())
    demo.lock()
    press(page.panel, "Test signing")
    soon(lambda: "locked" in page.banner.text())


def test_switched_off_and_on_and_deleted(demo: Workspace, open_page: OpenPage) -> None:
    new_root(demo, "Spare")
    page = open_page()
    choose(page, "Spare")
    assert "Delete…" not in buttons(page.panel)
    press(page.panel, "Deactivate…")
    assert "revocation lists are signed as before" in "\n".join(texts(dialog(page)))
    press(dialog(page), "Deactivate")
    soon(lambda: page.banner.text() == "Spare is inactive.")
    assert not stored(demo, "Spare").active
    press(page.panel, "Activate")
    soon(lambda: page.banner.text() == "Spare is active.")
    press(page.panel, "Deactivate…")
    press(dialog(page), "Deactivate")
    press(page.panel, "Delete…")
    assert "Its private key is destroyed" in "\n".join(texts(dialog(page)))
    press(dialog(page), "Delete")
    soon(lambda: "Spare" not in names(page))
    assert page.banner.text() == "Spare is deleted."


def test_name_and_revocation_lists_are_changed(demo: Workspace, open_page: OpenPage) -> None:
    page = open_page()
    choose(page, FACTORY)
    press(page.panel, "Edit…")
    edit = form(page)
    assert "crl_partition_size" not in shown_fields(edit)
    fill(edit, "name", "Factory")
    edit.fields["crl_hours"].set_value(24)
    QTest.keyClick(edit.fields["in_parts"].editor, Qt.Key.Key_Space)
    assert "crl_partition_size" in shown_fields(edit)
    edit.fields["crl_partition_size"].set_value(500)
    click(edit.save)
    soon(lambda: "Factory" in names(page))
    changed = stored(demo, "Factory")
    assert (changed.crl_hours, changed.crl_partition_size) == (24, 500)


def test_a_root_is_rolled_over(demo: Workspace, open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page()
    choose(page, ROOT)
    press(page.panel, "Roll over…")
    successor = form(page)
    assert "certify each other" in successor.banner.text()
    fill(successor, "name", "Acme Root 2")
    click(successor.save)
    soon(lambda: page.banner.text() == f"Acme Root 2 has taken the place of {ROOT}.")
    new, old = stored(demo, "Acme Root 2"), stored(demo, ROOT)
    assert new.predecessor_id == old.id
    with demo.store.database.read() as connection:
        told = demo.authorities.ca_certificates(connection, new.id)
    below = new_issuing(demo, new)
    openssl_verify(tmp_path, below.certificate, [old.certificate], told)


def test_an_authority_is_revoked(demo: Workspace, open_page: OpenPage) -> None:
    gateway(demo, "GW-1", operational=(operational(demo),))
    page = open_page()
    choose(page, ROOT)
    assert "Revoke…" not in buttons(page.panel)  # nobody is above a root
    choose(page, OPERATIONAL)
    soon(lambda: "Revoke…" in buttons(page.panel))
    press(page.panel, "Revoke…")
    asked = form(page)
    assert "1 device has a certificate from it" in asked.banner.text()
    assert shown_fields(asked) == ["reason"]
    asked.fields["reason"].set_value(RevocationReason.CA_COMPROMISE)
    asked.fields["known"].set_value(True)
    assert shown_fields(asked) == ["reason", "known", "invalid_since"]
    asked.fields["invalid_since"].set_value(date(2026, 2, 1))
    click(asked.save)
    soon(lambda: page.banner.text() == f"{OPERATIONAL} is revoked.")
    soon(lambda: cells(page, OPERATIONAL)["Status"] == "Revoked")
    revoked = stored(demo, OPERATIONAL)
    assert revoked.revocation_reason is RevocationReason.CA_COMPROMISE
    assert revoked.invalid_since == datetime(2026, 2, 1, tzinfo=UTC)
    soon(lambda: "The key is lost or may be in wrong hands" in texts(page.panel))
    offered = buttons(page.panel)
    assert "Roll over…" in offered
    assert not {"Revoke…", "Activate", "Delete…"} & set(offered)
    press(page.panel, "Roll over…")
    assert "stays valid" not in form(page).banner.text()


def test_what_is_below_a_revoked_one_says_so(demo: Workspace, open_page: OpenPage) -> None:
    root = new_root(demo, "Deep root", path_length=2)
    policy = new_issuing(demo, root, "Policy", path_length=1)
    new_issuing(demo, policy, "Below")
    page = open_page()
    choose(page, "Policy")
    press(page.panel, "Revoke…")
    asked = form(page)
    assert "nor do those below it: Below." in asked.banner.text()
    assert "No device has a valid certificate" in asked.banner.text()
    click(asked.save)
    soon(lambda: page.banner.text() == "Policy is revoked.")
    choose(page, "Below")
    soon(lambda: "An authority above it is revoked" in texts(page.panel))
    press(page.panel, "Activate")
    soon(lambda: "An authority above Below is revoked." in page.banner.text())


@pytest.mark.req("AIS-06")
@pytest.mark.parametrize("what", ["certificate", "chain", "der", "crl"])
def test_what_is_saved(demo: Workspace, open_page: OpenPage, saved: Path, what: str) -> None:
    page = open_page()
    choose(page, FACTORY)
    press(page.panel, "Save…")
    asked = form(page)
    asked.fields["what"].set_value(what)
    click(asked.save)
    soon(lambda: "Saved as" in page.banner.text())
    (path,) = saved.iterdir()
    content = path.read_bytes()
    factory = stored(demo, FACTORY).certificate
    pems = certificate_to_pem(factory), certificate_to_pem(stored(demo, ROOT).certificate)
    if what == "crl":
        assert read_crl(content).number == 1
    else:
        assert content == {"certificate": pems[0], "chain": b"".join(pems), "der": factory}[what]


def test_a_request_waits_until_its_certificate_is_accepted(
    demo: Workspace, open_page: OpenPage, tmp_path: Path
) -> None:
    request = demo.authority_imports.request(SYSTEM, "Second", named("Second"), KEY)
    page = open_page()
    soon(page.waiting.isVisible)
    assert {"Waiting for a certificate", "Second"} <= set(texts(page.waiting))
    press(page.waiting, "Accept certificate…")
    accept = form(page)
    drop = accept.fields["certificate"]
    drop.set_value(stored(demo, ROOT).certificate)
    click(accept.save)
    soon(lambda: "None of these certificates is for the key of Second." in drop.message())
    drop.set_value(_certified(request.csr_pem, tmp_path))
    click(accept.save)
    soon(lambda: page.banner.text() == "Second is ready.")
    soon(lambda: "Second" in names(page))
    soon(page.waiting.isHidden)
    assert demo.authorities.test_sign(SYSTEM, stored(demo, "Second").id) > 0


def _certified(csr: bytes, folder: Path) -> bytes:
    """What a CA of OpenSSL's makes of a request, and its own certificate."""
    (folder / "csr.pem").write_bytes(csr)
    (folder / "ext").write_text("basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign\n")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key"]
    root = ["req", "-x509", *key, "-subj", "/CN=Other", "-days", "9000", "-out", "ca.pem"]
    own = ["x509", "-req", "-in", "csr.pem", "-CA", "ca.pem", "-CAkey", "key", "-days", "8000"]
    for command in (root, [*own, "-extfile", "ext", "-out", "made.pem"]):
        subprocess.run(["openssl", *command], cwd=folder, check=True, capture_output=True)
    return (folder / "made.pem").read_bytes() + (folder / "ca.pem").read_bytes()


def test_a_request_is_saved_again_and_withdrawn(
    demo: Workspace, open_page: OpenPage, saved: Path
) -> None:
    request = demo.authority_imports.request(SYSTEM, "Second", named("Second"), KEY)
    page = open_page()
    soon(page.waiting.isVisible)
    press(page.waiting, "Save request…")
    soon(lambda: "Saved as" in page.banner.text())
    assert (saved / "Second.csr").read_bytes() == request.csr_pem
    press(page.waiting, "Withdraw…")
    assert "Its private key is destroyed" in "\n".join(texts(dialog(page)))
    press(dialog(page), "Withdraw")
    soon(page.waiting.isHidden)
    assert demo.authority_imports.requests(SYSTEM) == ()


@pytest.mark.req("ROLE-08")
def test_an_auditor_saves_and_changes_nothing(demo: Workspace, open_page: OpenPage) -> None:
    demo.authority_imports.request(SYSTEM, "Second", named("Second"), KEY)
    page = open_page("ivan.petrov")
    choose(page, ROOT)
    assert [action.text() for action in page.row_actions if action.isVisible()] == ["Save…"]
    assert not page.new_action.isVisible()
    soon(page.waiting.isVisible)
    assert buttons(page.waiting) == ["Save request…"]


@pytest.mark.req("ROLE-05", "DEC-01")
def test_a_tenant_admin_changes_what_is_the_tenants(demo: Workspace, open_page: OpenPage) -> None:
    ruth = person(demo, "ruth.keller")
    own = Sharing(Access.TENANT, ruth.tenant_id)
    demo.authority_making.create_root(
        ruth, "Ours", named("Ours"), KEY, sharing=own, not_after=IN_TEN_YEARS
    )
    page = open_page("ruth.keller")
    choose(page, ROOT)
    assert buttons(page.panel) == ["Save…"]
    choose(page, "Ours")
    soon(lambda: "Roll over…" in buttons(page.panel))
    press(page.panel, "Roll over…")
    successor = form(page)
    assert "store" not in shown_fields(successor)  # no module may be named
    fill(successor, "name", "Ours 2")
    click(successor.save)
    soon(lambda: "Ours 2" in names(page))
    assert stored(demo, "Ours 2").sharing == own


def test_tab_comes_by_everything(qtbot: QtBot, demo: Workspace, open_page: OpenPage) -> None:
    demo.authority_imports.request(SYSTEM, "Second", named("Second"), KEY)
    page = open_page()
    choose(page, ROOT)
    soon(page.waiting.isVisible)
    check_tab_order(qtbot, page)
