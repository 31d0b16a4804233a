"""What is done to a certificate by hand: exported, renewed, put on hold, revoked."""

from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.models.domain.access import SYSTEM
from app.models.domain.certificates import Certificate, CertificateStatus
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import read_certificate
from app.pki.revocation import RevocationReason
from app.views.certificates.chain_tree import ChainTree
from app.views.certificates.page import CertificatesPage
from app.views.widgets.certificate_dialog import CertificateDialog
from app.views.widgets.field import CheckField
from app.views.widgets.file_field import FileField
from tests.models.services.gateways import PASSPHRASE, new_csr
from tests.pki.material import openssl
from tests.views.certificates.conftest import Give, OpenAs
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
    titles,
)
from tests.views.soon import soon

ACTS = ["Show content…", "Export…", "Renew…", "Rekey…", "Put on hold…", "Revoke…"]
PKCS12 = "PKCS #12: with its private key"
LEGACY = "PKCS #12 for old devices: with its private key"


def read(demo: Workspace, certificate: Certificate) -> Certificate:
    return demo.certificates.get(SYSTEM, certificate.id)


def selected(page: CertificatesPage, name: str = "GW-1") -> None:
    choose(page, name)
    soon(lambda: "Revoke…" in buttons(page.panel) or "Show content…" in buttons(page.panel))


def save_as(page: CertificatesPage, kind: str) -> None:
    """Export the selected certificate as this kind of file, with its chain."""
    press(page.panel, "Export…")
    shown = form(page)
    fill(shown, "kind", kind)
    if "passphrase" in shown_fields(shown):
        fill(shown, "passphrase", PASSPHRASE)
    press(shown, "Save as…")
    soon(lambda: "Saved as" in page.banner.text())


def test_files_of_every_kind_are_saved(give: Give, open_as: OpenAs, saved: Path) -> None:
    give("GW-1")
    page = open_as()
    selected(page)
    for kind, command in (
        ("PEM: for servers and OpenSSL", ("x509", "-noout", "-subject", "-in", saved)),
        (
            "PKCS #7: for Windows and Java",
            ("pkcs7", "-inform", "DER", "-print_certs", "-in", saved),
        ),
        ("DER: one certificate, binary", ("x509", "-inform", "DER", "-subject", "-in", saved)),
        (PKCS12, ("pkcs12", "-nodes", "-passin", f"pass:{PASSPHRASE}", "-in", saved)),
        (LEGACY, ("pkcs12", "-legacy", "-nodes", "-passin", f"pass:{PASSPHRASE}", "-in", saved)),
    ):
        page.banner.clear()
        save_as(page, kind)
        assert "GW-1" in openssl(*command)
    saved.unlink()
    page.banner.clear()
    press(page.panel, "Export…")
    shown = form(page)
    chain = shown.fields["chain"]
    assert isinstance(chain, CheckField)
    QTest.keyClick(chain.input, Qt.Key.Key_Space)
    press(shown, "Save as…")
    soon(saved.exists)
    soon(lambda: "Saved as" in page.banner.text())
    assert saved.read_bytes().count(b"BEGIN CERTIFICATE") == 1


@pytest.mark.req("DEV-87")
def test_a_wrong_passphrase_is_said_under_its_field(
    give: Give, open_as: OpenAs, saved: Path
) -> None:
    give("GW-1")
    page = open_as()
    selected(page)
    press(page.panel, "Export…")
    shown = form(page)
    fill(shown, "kind", LEGACY)
    fill(shown, "passphrase", "not this one")
    press(shown, "Save as…")
    soon(lambda: "cannot be opened" in shown.fields["passphrase"].message())
    assert not saved.exists()


def test_a_certificate_is_revoked_for_a_reason_and_a_day(
    demo: Workspace, give: Give, open_as: OpenAs
) -> None:
    certificate = give("GW-1")
    page = open_as("nora.lind")
    selected(page)
    press(page.panel, "Revoke…")
    shown = form(page)
    assert any("cannot be undone" in text for text in texts(shown))
    assert shown.cancel.isDefault()
    assert not shown.save.isDefault()
    assert shown_fields(shown) == ["reason"]
    fill(shown, "reason", "The key is lost or may be in wrong hands")
    known = shown.fields["known"]
    assert isinstance(known, CheckField)
    QTest.keyClick(known.input, Qt.Key.Key_Space)
    assert shown_fields(shown) == ["reason", "known", "invalid_since"]
    press(shown, "Revoke")
    soon(lambda: page.banner.text() == "The certificate of GW-1 is revoked.")
    found = read(demo, certificate)
    assert found.status is CertificateStatus.REVOKED
    assert found.revocation_reason is RevocationReason.KEY_COMPROMISE
    assert found.invalid_since == datetime.combine(demo.store.clock.now().date(), time(), UTC)
    soon(lambda: "The key is lost or may be in wrong hands" in texts(page.panel))
    soon(lambda: buttons(page.panel) == ["Show content…", "Export…"])
    soon(lambda: cells(page, "GW-1")["Status"] == "Revoked")


def test_a_certificate_is_put_on_hold_and_released(
    demo: Workspace, give: Give, open_as: OpenAs
) -> None:
    certificate = give("GW-1")
    page = open_as()
    selected(page)
    press(page.panel, "Put on hold…")
    press(dialog(page), "Put on hold")
    soon(lambda: page.banner.text() == "The certificate of GW-1 is on hold.")
    assert read(demo, certificate).status is CertificateStatus.ON_HOLD
    soon(lambda: buttons(page.panel) == ["Show content…", "Export…", "Release", "Revoke…"])
    press(page.panel, "Release")
    soon(lambda: page.banner.text() == "The certificate of GW-1 is good again.")
    assert read(demo, certificate).status is CertificateStatus.ISSUED
    soon(lambda: buttons(page.panel) == ACTS)


@pytest.mark.req("DEC-18")
def test_renewing_offers_the_new_certificate(
    demo: Workspace, give: Give, open_as: OpenAs, saved: Path
) -> None:
    old = give("GW-1")
    page = open_as()
    selected(page)
    press(page.panel, "Renew…")
    press(dialog(page), "Renew")
    shown = form(page)
    assert shown.windowTitle() == "Save the new certificate of GW-1"
    press(shown, "Save as…")
    soon(saved.exists)
    (new,) = demo.certificates.details(SYSTEM, old.id).renewed_by
    fingerprint = openssl("x509", "-noout", "-fingerprint", "-sha256", "-in", saved)
    assert new.fingerprint in fingerprint.replace(":", "").lower()
    soon(lambda: names(page) == ["GW-1", "GW-1"])


@pytest.mark.req("DEC-18")
def test_a_new_key_comes_from_a_csr(demo: Workspace, give: Give, open_as: OpenAs) -> None:
    old = give("GW-1")
    page = open_as()
    selected(page)
    press(page.panel, "Rekey…")
    shown = form(page)
    press(shown, "Issue certificate")
    csr = shown.fields["csr"]
    assert isinstance(csr, FileField)
    assert csr.message() == "Fill this in."
    csr.input.received.emit(b"rubbish", "notes.txt")
    assert "neither PEM nor DER" in csr.message()
    request = new_csr()
    csr.input.received.emit(request.der, "device.csr")
    assert {"device.csr", "EC P-256", "signature good"} <= set(texts(shown))
    press(shown, "Issue certificate")
    soon(lambda: page.banner.text() == "The certificate of GW-1 is issued.")
    (new,) = demo.certificates.details(SYSTEM, old.id).renewed_by
    assert read_certificate(read(demo, new).der).public_key == request.public_key
    assert new.subject == old.subject


def test_a_new_key_is_made_here_under_a_passphrase_typed_twice(
    demo: Workspace, give: Give, open_as: OpenAs
) -> None:
    old = give("GW-1")
    page = open_as()
    selected(page)
    press(page.panel, "Rekey…")
    shown = form(page)
    fill(shown, "source", "Make the key here and keep it as PKCS #12 for a while")
    assert shown_fields(shown) == ["source", "pfx_passphrase", "repeated"]
    fill(shown, "pfx_passphrase", PASSPHRASE)
    fill(shown, "repeated", "something else")
    press(shown, "Issue certificate")
    soon(lambda: shown.fields["repeated"].message() == "The two passphrases differ.")
    fill(shown, "repeated", PASSPHRASE)
    press(shown, "Issue certificate")
    soon(lambda: page.banner.text() == "The certificate of GW-1 is issued.")
    (new,) = demo.certificates.details(SYSTEM, old.id).renewed_by
    assert new.key_until is not None
    assert demo.certificates.download_legacy_pfx(SYSTEM, new.id, PASSPHRASE)


def test_the_content_is_shown_decoded_as_pem_and_in_bytes(give: Give, open_as: OpenAs) -> None:
    certificate = give("GW-1")
    page = open_as()
    selected(page)
    press(page.panel, "Show content…")
    shown = dialog(page)
    assert isinstance(shown, CertificateDialog)
    assert "Acme Operational CA 1" in shown.decoded.toPlainText()
    click(shown.parts.buttons["bytes"])
    assert shown.bytes.isVisible()
    first = shown.bytes.toPlainText().splitlines()[1]
    assert first.startswith(f"000010  {certificate.der[16:20].hex(' ')}")
    click(shown.parts.buttons["pem"])
    assert shown.pem.toPlainText().startswith("-----BEGIN CERTIFICATE-----")
    press(shown, "Close")
    soon(lambda: not page.findChildren(CertificateDialog))


@pytest.mark.parametrize("by", ["mouse", "keyboard"])
def test_the_chain_leads_to_what_each_authority_says(give: Give, open_as: OpenAs, by: str) -> None:
    give("GW-1")
    page = open_as("nora.lind")  # who sees no authorities otherwise
    selected(page)
    tree = page.panel.findChild(ChainTree)
    assert isinstance(tree, ChainTree)
    shown = [tree.item(row).text() for row in range(tree.count())]
    assert "Acme Controls Root CA" in shown[0]
    assert shown[2].endswith("GW-1")
    if by == "mouse":
        at = tree.visualItemRect(tree.item(1)).center()
        QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=at)
    else:
        tree.setFocus()
        QTest.keyClick(tree, Qt.Key.Key_Down)
        QTest.keyClick(tree, Qt.Key.Key_Return)
    opened = dialog(page)
    assert isinstance(opened, CertificateDialog)
    assert "Acme Operational CA 1" in opened.windowTitle()
    press(opened, "Close")


def test_an_auditor_looks_and_changes_nothing(give: Give, open_as: OpenAs) -> None:
    give("GW-1")
    page = open_as("paul.jensen")
    selected(page)
    assert buttons(page.panel) == ["Show content…", "Export…"]
    assert not page.issue.isVisible()
    press(page.panel, "Export…")
    kinds = form(page).fields["kind"]
    assert "PKCS #12" not in str([kinds.editor.itemText(n) for n in range(kinds.editor.count())])  # type: ignore[attr-defined]


def test_columns_tell_where_a_certificate_came_from(give: Give, open_as: OpenAs) -> None:
    give("GW-1")
    page = open_as()
    said = cells(page, "GW-1")
    assert {"Template", "Issuing authority", "Held by", "Issued by"} <= set(titles(page))
    assert said["Template"] == "Gateway mTLS client"
    assert said["Issuing authority"] == "Acme Operational CA 1"
    assert said["Held by"] == "Device"


def test_tab_comes_by_everything(qtbot: QtBot, give: Give, open_as: OpenAs) -> None:
    give("GW-1")
    page = open_as()
    selected(page)
    check_tab_order(qtbot, page)
