"""What a PKI engineer does in the window, from a root on a token to a published revocation.

Each step types and clicks as a person does and waits for what the window says then. The test
looks at what has come of it, the tour takes pictures on the way.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QListWidget, QWidget

from app.views.certificates.issue_form import IssueForm
from app.views.settings.settings_page import SettingsPage
from app.views.shell.desk import Desk
from app.views.shell.main_window import MainWindow
from app.views.templates.form import TemplateForm
from app.views.templates.gallery import PresetGallery
from app.views.widgets.drop_zone import DropZone
from app.views.widgets.field import NumberField, TextField
from app.views.widgets.form_dialog import FormDialog
from tests.views.hands import (
    AnyPage,
    cells,
    choose,
    click,
    dialog,
    fill,
    form,
    offered,
    press,
    texts,
)
from tests.views.soon import soon

ROOT = "Acme Root G2"
ISSUING = "Acme Devices G2"
TEMPLATE = "Acme LDevID G2"
DEVICE = "meter-0001"
COMPANY = "Acme Controls"

Picture = Callable[[str, QWidget | None], None]


@dataclass(frozen=True)
class Token:
    """A PKCS#11 token as it is chosen: its module, its label and its PIN."""

    module: str
    label: str
    pin: str


class PkiWalk:
    """The steps, in the order of the methods, in a window with the demonstration data."""

    def __init__(self, window: MainWindow, picture: Picture = lambda _name, _widget: None) -> None:
        self._window = window
        self._picture = picture

    def sign_in(self, name: str, password: str) -> None:
        """Type name and password, press Enter."""
        page = self._window.sign_in
        _type(page.name.input, name)
        _type(page.password.input, password)
        QTest.keyClick(page.password.input, Qt.Key.Key_Return)
        soon(lambda: self._window.desk is not None)

    def publish(self, port: int) -> None:
        """Say where revocation lists and answers are found, and start to serve them there."""
        page = cast("SettingsPage", self._open("Settings"))
        settings = page.publication
        _type(page.listener.host.input, "127.0.0.1")
        _type_number(page.listener.port, 0)
        _keep(settings.url, f"http://127.0.0.1:{port}")
        _keep(settings.host, "127.0.0.1")
        _type_number(settings.port, port)
        soon(lambda: settings.port.message().startswith("Saved."))
        press(page.listener, "Start listener")
        soon(lambda: f"published on 127.0.0.1:{port}" in texts(settings))
        self._picture("pki-publication", None)

    def make_root(self, token: Token | None) -> None:
        """Make a root whose key never leaves the token; without one, a key kept here."""
        new = self._begin_authority("Root…")
        fill(new, "name", ROOT)
        fill(new, "O", COMPANY)
        fill(new, "algorithm", "EC P-384")
        if token is not None:
            fill(new, "store", "On a PKCS#11 token, which never lets it out")
            fill(new, "module", token.module)
            QTest.keyClick(_line(new, "module"), Qt.Key.Key_Tab)
            soon(lambda: offered(new, "token")[0].startswith(token.label))
            fill(new, "pin", token.pin)
        self._picture("pki-root", new)
        click(new.save)
        self._ready(ROOT)

    def make_issuing(self) -> None:
        """Make an authority below the root, with a key of its own, that issues to devices."""
        new = self._begin_authority("Issuing authority…")
        fill(new, "name", ISSUING)
        fill(new, "issuer_id", ROOT)
        fill(new, "O", COMPANY)
        self._picture("pki-issuing", new)
        click(new.save)
        self._ready(ISSUING)
        choose(self._page(), ISSUING)
        self._picture("pki-authorities", None)

    def make_template(self) -> None:
        """Make a template from the preset for LDevIDs."""
        page = self._open("Templates")
        press(page, "New template")
        gallery = dialog(page)
        assert isinstance(gallery, PresetGallery)
        _choose_preset(gallery, "ldevid")
        self._picture("pki-presets", gallery)
        press(gallery, "Continue")
        soon(lambda: isinstance(dialog(page), TemplateForm))
        new = cast("TemplateForm", form(page))
        fill(new, "name", TEMPLATE)
        fill(new, "authority_id", ISSUING)
        soon(lambda: bool(new.sample.decoded.toPlainText()))
        self._picture("pki-template", new)
        click(new.save)
        soon(lambda: page.banner.text() == f"{TEMPLATE} is saved.")

    def issue(self, csr: Path, certificate: Path) -> None:
        """Issue a certificate for the request in a file, and save it as PEM with its chain."""
        page = self._open("Certificates")
        press(page, "Issue certificate…")
        soon(lambda: isinstance(dialog(page), IssueForm))
        new = cast("IssueForm", form(page))
        fill(new, "owner", "Whole workspace")
        fill(new, "template_id", TEMPLATE)
        drop = new.findChildren(DropZone)[0]
        press(drop, "Choose file…")
        self._give_file(drop, csr)
        soon(lambda: "signature good" in texts(drop))
        soon(lambda: DEVICE in " ".join(texts(new.preview)))
        self._picture("pki-issue", new)
        click(new.save)
        soon(lambda: page.banner.text() == f"The certificate of {DEVICE} is issued.")
        press(form(page), "Save as…")
        self._give_file(page, certificate)
        soon(lambda: page.banner.text() == f"Saved as {certificate}.")
        choose(page, DEVICE)
        self._picture("pki-certificate", None)

    def revoke(self) -> None:
        """Revoke the certificate, as its key has become known."""
        page = self._open("Certificates")
        choose(page, DEVICE)
        press(page.panel, "Revoke…")
        asked = form(page)
        fill(asked, "reason", "The key is lost or may be in wrong hands")
        self._picture("pki-revoke", asked)
        press(asked, "Revoke")
        soon(lambda: page.banner.text() == f"The certificate of {DEVICE} is revoked.")
        soon(lambda: cells(page, DEVICE)["Status"] == "Revoked")
        self._picture("pki-revoked", None)

    def save_crl(self, file: Path) -> None:
        """Save the revocation list of the issuing authority."""
        page = self._open("Authorities")
        choose(page, ISSUING)
        press(page.panel, "Save…")
        asked = form(page)
        fill(asked, "what", "The revocation list as it is now, DER")
        press(asked, "Save as…")
        self._give_file(page, file)
        soon(lambda: page.banner.text() == f"Saved as {file}.")
        self._picture("pki-crl", None)

    def _desk(self) -> Desk:
        assert self._window.desk is not None
        return self._window.desk

    def _page(self) -> AnyPage:
        return cast("AnyPage", self._desk().page())

    def _open(self, title: str) -> Any:
        """Click on a page in the navigation; the page, once what it lists is there."""
        navigation = self._desk().navigation
        (item,) = (
            item
            for item in navigation.findItems(title, Qt.MatchFlag.MatchExactly)
            if item.flags() & Qt.ItemFlag.ItemIsEnabled  # not the heading of a group
        )
        at = navigation.visualItemRect(item).center()
        QTest.mouseClick(navigation.viewport(), Qt.MouseButton.LeftButton, pos=at)
        page = self._desk().page()
        assert page.isVisible()
        return page

    def _begin_authority(self, way: str) -> FormDialog:
        page = self._open("Authorities")
        press(page, "New authority")
        press(dialog(page), way)
        soon(lambda: isinstance(dialog(page), FormDialog))
        return form(page)

    def _ready(self, name: str) -> None:
        page = self._page()
        soon(lambda: page.banner.text() == f"{name} is ready.")

    def _give_file(self, parent: QWidget, path: Path) -> None:
        """Paste a path into the file dialog and press Enter."""

        def asked() -> list[QFileDialog]:
            return [one for one in parent.findChildren(QFileDialog) if one.isVisible()]

        soon(lambda: len(asked()) == 1)
        (line,) = asked()[0].findChildren(QLineEdit, "fileNameEdit")
        QGuiApplication.clipboard().setText(str(path))
        line.selectAll()
        QTest.keySequence(line, QKeySequence(QKeySequence.StandardKey.Paste))
        QTest.keyClick(line, Qt.Key.Key_Return)
        soon(lambda: asked() == [])


def _choose_preset(gallery: PresetGallery, key: str) -> None:
    """Click on a preset, scrolled to as a person would."""
    row = [one.key if one else "" for one in gallery.presets].index(key)
    presets: QListWidget = gallery.list
    presets.scrollToItem(presets.item(row))
    at = presets.visualItemRect(presets.item(row)).center()
    QTest.mouseClick(presets.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert presets.currentRow() == row


def _line(shown: FormDialog, key: str) -> QLineEdit:
    return cast("TextField", shown.fields[key]).input


def _type(line: QLineEdit, text: str) -> None:
    """Type a text in place of what is there."""
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, text)


def _keep(field: TextField, text: str) -> None:
    """Type a setting, which is kept when its input is left."""
    _type(field.input, text)
    _leave(field)
    soon(lambda: field.message().startswith("Saved."))


def _type_number(field: NumberField, number: int) -> None:
    """Type a number in place of what is there, and go on with Tab."""
    field.input.setFocus()
    field.input.selectAll()
    QTest.keyClicks(field.input, str(number))
    _leave(field)


def _leave(field: TextField | NumberField) -> None:
    QTest.keyClick(field.input, Qt.Key.Key_Tab)
