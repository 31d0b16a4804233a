"""New authorities from the window: here, on a token, requested and imported."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.models.domain.access import SYSTEM, Access
from app.models.domain.authorities import Authority, KeyChoice, KeyStore, TokenChoice
from app.models.services.workspace.workspace import Workspace
from app.pki import pkcs12
from app.pki.certificates import NEVER, read_certificate
from app.pki.csr import parse_csr
from app.pki.formats import csr_in
from app.pki.keys import KeyAlgorithm
from app.pki.sign import SoftwareKey
from app.pki.subjects import subject_text
from app.views.authorities.making_form import MakingForm
from app.views.authorities.page import AuthoritiesPage
from app.views.authorities.start import Start, StartDialog
from app.views.widgets.form_dialog import FormDialog
from tests.models.services.authority_material import new_root, openssl_verify
from tests.pki.softhsm import SoftHsm
from tests.views.authorities.conftest import OpenPage
from tests.views.hands import (
    buttons,
    choose,
    click,
    dialog,
    fill,
    form,
    names,
    offered,
    press,
    shown_fields,
    texts,
)
from tests.views.soon import soon
from tests.views.station import reached_by_tab, tab_stops
from tests.workspace_fixtures import NOW


def stored(workspace: Workspace, name: str) -> Authority:
    return next(one for one in workspace.authorities.all(SYSTEM) if one.name == name)


def begin(page: AuthoritiesPage, way: str) -> FormDialog:
    """Ctrl+N, then one of the four ways."""
    QTest.keyClick(page, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    start = dialog(page)
    assert isinstance(start, StartDialog)
    press(start, way)
    soon(lambda: isinstance(dialog(page), FormDialog))
    return form(page)


def fill_token(shown: FormDialog, softhsm: SoftHsm, pin: str) -> None:
    """Choose the token store, name the module and wait for its token."""
    fill(shown, "store", "On a PKCS#11 token, which never lets it out")
    fill(shown, "module", softhsm.module)
    shown.fields["pin"].setFocus()
    soon(lambda: offered(shown, "token")[0].startswith("birthmark"))
    fill(shown, "pin", pin)


@pytest.mark.req("SYS-04")
def test_a_root_is_made_by_typing(demo: Workspace, open_page: OpenPage) -> None:
    page = open_page()
    new = begin(page, "Root…")
    click(new.save)
    assert new.fields["name"].message() == "Fill this in."
    fill(new, "name", "Acme Root G2")
    assert new.fields["CN"].value() == "Acme Root G2"  # follows
    fill(new, "O", "Acme Controls")
    fill(new, "algorithm", "ML-DSA-65")
    assert "Few programs understand it yet" in new.fields["algorithm"].message()
    fill(new, "algorithm", "EC P-384")
    assert new.fields["algorithm"].message() == ""
    click(new.save)
    assert "The key is being made" in new.banner.text()
    soon(lambda: page.banner.text() == "Acme Root G2 is ready.")
    soon(lambda: "Acme Root G2" in names(page))
    made = stored(demo, "Acme Root G2")
    info = read_certificate(made.certificate)
    assert subject_text(info.subject) == "CN=Acme Root G2,O=Acme Controls"
    assert (info.path_length, info.algorithm) == (1, KeyAlgorithm.EC_P384)
    assert info.not_after.year - info.not_before.year == 30
    assert (made.key_store, made.sharing.access) == (KeyStore.SOFTWARE, Access.GLOBAL)


def test_a_matter_pai_names_its_vendor(
    demo: Workspace, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page()
    new = begin(page, "Issuing authority…")
    assert offered(new, "issuer_id") == ["Acme Controls Root CA"]  # the others have no room
    assert offered(new, "path_length") == ["none, it issues to devices only"]
    fill(new, "preset", "Matter product attestation intermediate (PAI)")
    fill(new, "name", "Acme PAI")
    click(new.save)
    assert new.fields["VID"].message() == "Fill this in."
    fill(new, "VID", "xyz")
    click(new.save)
    soon(lambda: "Matter" in new.fields["VID"].message())
    fill(new, "VID", "FFF1")
    click(new.save)
    soon(lambda: "Acme PAI" in names(page))
    made = stored(demo, "Acme PAI")
    assert "VID=FFF1" in subject_text(read_certificate(made.certificate).subject)
    root = stored(demo, "Acme Controls Root CA")
    openssl_verify(tmp_path, made.certificate, [root.certificate])


def test_levels_and_end_are_chosen_in_words(demo: Workspace, open_page: OpenPage) -> None:
    page = open_page()
    new = begin(page, "Root…")
    fill(new, "preset", "Wi-SUN root")
    assert isinstance(new, MakingForm)
    assert new.fields["path_length"].editor.property("currentText").startswith("2 levels")
    fill(new, "name", "Mesh root")
    click(new.save)
    soon(lambda: "Mesh root" in names(page))
    info = read_certificate(stored(demo, "Mesh root").certificate)
    assert (info.path_length, info.not_after) == (2, NEVER)


def test_the_issuer_says_how_deep_and_how_long(demo: Workspace, open_page: OpenPage) -> None:
    new_root(demo, "Deep", path_length=2, not_after=NOW.replace(year=2029))
    page = open_page()
    new = begin(page, "Issuing authority…")
    fill(new, "issuer_id", "Deep")
    fill(new, "years", "20 years")
    assert new.fields["years"].message() == "At most until 2 Mar 2029, when its issuer ends."
    assert len(offered(new, "path_length")) == 2
    fill(new, "path_length", "1 level")
    fill(new, "name", "Middle")
    click(new.save)
    soon(lambda: "Middle" in names(page))
    info = read_certificate(stored(demo, "Middle").certificate)
    assert (info.path_length, info.not_after) == (1, NOW.replace(year=2029))


def test_an_end_is_a_day_of_the_calendar(demo: Workspace, open_page: OpenPage) -> None:
    page = open_page()
    new = begin(page, "Root…")
    assert "until" not in shown_fields(new)
    fill(new, "years", "Until a day…")
    assert "until" in shown_fields(new)
    new.fields["until"].set_value(date(2031, 5, 6))
    fill(new, "name", "Short root")
    click(new.save)
    soon(lambda: "Short root" in names(page))
    end = read_certificate(stored(demo, "Short root").certificate).not_after
    assert end == datetime(2031, 5, 6, 23, 59, 59, tzinfo=UTC)


def test_a_root_on_a_token(demo: Workspace, open_page: OpenPage, softhsm: SoftHsm) -> None:
    page = open_page()
    new = begin(page, "Root…")
    assert "module" not in shown_fields(new)
    fill(new, "name", "Token root")
    fill_token(new, softhsm, "0000")
    click(new.save)
    soon(lambda: new.fields["pin"].message().startswith("The PIN is wrong."))
    assert stored_names(demo).isdisjoint({"Token root"})
    fill(new, "pin", softhsm.pin)
    click(new.save)
    soon(lambda: "Token root" in names(page))
    made = stored(demo, "Token root")
    assert made.key_store is KeyStore.TOKEN
    page.table.selectRow(names(page).index("Token root"))
    soon(lambda: "Token birthmark" in texts(page.panel))
    press(page.panel, "Test signing")
    soon(lambda: "Token root signed in " in page.banner.text())


def test_a_pin_that_was_changed_is_given_again(
    demo: Workspace, open_page: OpenPage, softhsm: SoftHsm
) -> None:
    token = TokenChoice(softhsm.token, softhsm.pin)
    new_root(demo, "Token root", KeyChoice(KeyAlgorithm.EC_P256, token))
    softhsm.pkcs11_tool("--change-pin", "--new-pin", "98765432")
    page = open_page()
    choose(page, "Acme Controls Root CA")
    assert "Token PIN…" not in buttons(page.panel)
    choose(page, "Token root")
    press(page.panel, "Token PIN…")
    asked = form(page)
    fill(asked, "pin", "5555")
    click(asked.save)
    soon(lambda: asked.fields["pin"].message().startswith("The PIN is wrong."))
    fill(asked, "pin", "98765432")
    click(asked.save)
    soon(lambda: page.banner.text() == "The PIN opened the token of Token root, and is kept.")
    press(page.panel, "Test signing")
    soon(lambda: "Token root signed in " in page.banner.text())


def stored_names(workspace: Workspace) -> set[str]:
    return {one.name for one in workspace.authorities.all(SYSTEM)}


def test_a_key_that_is_on_the_token_is_offered(
    demo: Workspace, open_page: OpenPage, softhsm: SoftHsm
) -> None:
    softhsm.pkcs11_tool(
        *("--keypairgen", "--key-type", "EC:secp384r1", "--id", "0a", "--label", "ceremony")
    )
    page = open_page()
    new = begin(page, "Root…")
    fill(new, "name", "Ceremony root")
    fill_token(new, softhsm, softhsm.pin)
    press(new, "Look for keys")
    soon(lambda: "Use “ceremony”, EC P-384" in offered(new, "key"))
    fill(new, "key", "Use “ceremony”, EC P-384")
    assert "algorithm" not in shown_fields(new)
    click(new.save)
    soon(lambda: "Ceremony root" in names(page))
    info = read_certificate(stored(demo, "Ceremony root").certificate)
    assert info.algorithm is KeyAlgorithm.EC_P384


def test_a_file_that_is_no_module_is_told_under_its_field(open_page: OpenPage) -> None:
    page = open_page()
    new = begin(page, "Root…")
    fill(new, "store", "On a PKCS#11 token, which never lets it out")
    fill(new, "module", __file__)
    new.fields["pin"].setFocus()
    soon(lambda: bool(new.fields["module"].editor.property("invalid")))
    assert offered(new, "token") == ["Choose a module first"]
    click(new.save)
    assert new.fields["token"].message() == "Fill this in."


def test_a_request_is_made_and_saved(demo: Workspace, open_page: OpenPage, saved: Path) -> None:
    page = open_page()
    new = begin(page, "Request from another CA…")
    assert {"years", "path_length", "issuer_id"}.isdisjoint(shown_fields(new))
    fill(new, "name", "Plant CA")
    click(new.save)
    soon((saved / "Plant CA.csr").exists)
    soon(page.waiting.isVisible)
    request = parse_csr(csr_in((saved / "Plant CA.csr").read_bytes()), tuple(KeyAlgorithm))
    assert subject_text(request.subject) == "CN=Plant CA"
    (waiting,) = demo.authority_imports.requests(SYSTEM)
    assert waiting.name == "Plant CA"


def test_a_bundle_is_imported_with_its_passphrase(
    demo: Workspace, open_page: OpenPage, workspace: Workspace
) -> None:
    root = new_root(workspace, "Elsewhere")
    with workspace.store.database.read() as connection:
        key = workspace.authorities.signer(connection, root.id).key
    assert isinstance(key, SoftwareKey)
    content = pkcs12.pack(key.private_key, root.certificate, (), "a passphrase", "root")
    page = open_page()
    new = begin(page, "Import…")
    fill(new, "name", "Brought along")
    new.fields["certificate"].set_value(content)
    fill(new, "passphrase", "wrong")
    click(new.save)
    soon(lambda: "cannot be opened" in new.fields["passphrase"].message())
    fill(new, "passphrase", "a passphrase")
    click(new.save)
    soon(lambda: "Brought along" in names(page))
    made = stored(demo, "Brought along")
    assert made.certificate == root.certificate
    assert demo.authorities.test_sign(SYSTEM, made.id) > 0


def test_a_certificate_alone_is_imported(
    demo: Workspace, open_page: OpenPage, workspace: Workspace
) -> None:
    root = new_root(workspace, "Elsewhere")
    page = open_page()
    new = begin(page, "Import…")
    fill(new, "with_key", "A certificate alone, to complete chains")
    assert "passphrase" not in shown_fields(new)
    fill(new, "name", "Corporate")
    new.fields["certificate"].set_value(root.certificate)
    click(new.save)
    soon(lambda: "Corporate" in names(page))
    assert stored(demo, "Corporate").key_store is KeyStore.ELSEWHERE


@pytest.mark.req("ROLE-05", "DEC-02")
def test_a_tenant_admin_makes_one_for_the_tenant(demo: Workspace, open_page: OpenPage) -> None:
    page = open_page("ruth.keller")
    QTest.keyClick(page, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    start = dialog(page)
    assert isinstance(start, StartDialog)
    assert not start.buttons[Start.ISSUING].isEnabled()  # the only root is everybody's
    press(start, "Root…")
    soon(lambda: isinstance(dialog(page), FormDialog))
    new = form(page)
    assert "store" not in shown_fields(new)
    assert offered(new, "access") == ["Tenant", "Organization"]
    fill(new, "name", "Our root")
    click(new.save)
    soon(lambda: "Our root" in names(page))
    assert stored(demo, "Our root").sharing.access is Access.TENANT


def test_tab_comes_by_every_field(qtbot: QtBot, open_page: OpenPage) -> None:
    page = open_page()
    new = begin(page, "Root…")
    fill(new, "store", "On a PKCS#11 token, which never lets it out")
    for section in new.sections:
        section.open()
    stops = tab_stops(new)
    assert stops <= reached_by_tab(qtbot, new)
    assert all(widget.accessibleName() or getattr(widget, "text", str)() for widget in stops)
