"""What the tests of the EST servers page look at, and what they need in the workspace."""

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QPlainTextEdit, QToolButton

from app.models.domain.access import SYSTEM, Access, Sharing
from app.models.domain.device_types import DeviceType
from app.models.domain.est_servers import EstServer
from app.models.services.workspace.workspace import Workspace
from app.views.est_servers.form import EstServerForm
from app.views.est_servers.page import EstServersPage
from app.views.widgets.copy_label import CopyLabel
from app.views.widgets.form_dialog import FormDialog
from tests.views.hands import click, form, press

NAME = "North plant bench"
NO_TEMPLATE = "Bare board"


def stored(workspace: Workspace, name: str = NAME) -> EstServer:
    """The EST server of this name in the database."""
    return next(one for one in workspace.est_servers.all(SYSTEM) if one.name == name)


def device_type(workspace: Workspace, name: str) -> DeviceType:
    """The device type of this name in the database."""
    return next(one for one in workspace.device_types.all(SYSTEM) if one.name == name)


def label_names(workspace: Workspace, server: str = NAME) -> list[str]:
    """The labels of an EST server, by name."""
    rows = workspace.est_servers.labels(SYSTEM, stored(workspace, server).id)
    return [row.label.name for row in rows]


def empty_type(workspace: Workspace) -> None:
    """Make a type of the tenant without an operational template."""
    shared = Sharing(Access.TENANT, 1)
    workspace.device_types.create(SYSTEM, DeviceType(0, NO_TEMPLATE, sharing=shared))


def add_tenant(workspace: Workspace) -> None:
    """Make another tenant, with an organization and a device type."""
    rival = workspace.tenants.create_tenant(SYSTEM, "Rival")
    workspace.tenants.create_organization(SYSTEM, rival.id, "Rival plant")
    shared = Sharing(Access.TENANT, rival.id)
    bare = device_type(workspace, NO_TEMPLATE)
    workspace.device_types.create(SYSTEM, replace(bare, name="Rival board", sharing=shared))


def new_form(page: EstServersPage) -> EstServerForm:
    """The form that Ctrl+N opens."""
    QTest.keyClick(page, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    return _est_form(page)


def est_form(page: EstServersPage, text: str) -> EstServerForm:
    """The form that the button in the details opens."""
    press(page.panel, text)
    return _est_form(page)


def _est_form(page: EstServersPage) -> EstServerForm:
    shown = form(page)
    assert isinstance(shown, EstServerForm)
    return shown


def tick(shown: FormDialog, key: str) -> None:
    """Click the box of the field `key`."""
    box = shown.fields[key].editor
    assert isinstance(box, QCheckBox)
    assert box.isVisible()
    box.click()


def type_lines(shown: FormDialog, key: str, text: str) -> None:
    """Type lines into the field `key` in place of what is there."""
    editor = shown.fields[key].editor
    assert isinstance(editor, QPlainTextEdit)
    editor.setFocus()
    editor.selectAll()
    for number, line in enumerate(text.split("\n")):
        if number:
            QTest.keyClick(editor, Qt.Key.Key_Return)
        QTest.keyClicks(editor, line)


def copied(page: EstServersPage, name: str) -> str:
    """What is in the clipboard after the button beside it was pressed."""
    found = (one for one in page.panel.findChildren(CopyLabel) if one.isVisible())
    for label in found:
        button = label.findChildren(QToolButton)[0]
        if button.accessibleName() == f"Copy {name}":
            click(button)
    return QGuiApplication.clipboard().text()
