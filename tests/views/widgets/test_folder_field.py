"""A folder that is typed or chosen."""

from pathlib import Path

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.views.widgets.folder_field import FolderField
from tests.views.hands import click
from tests.views.soon import soon


def test_a_folder_is_chosen_and_can_be_typed_over(qtbot: QtBot, tmp_path: Path) -> None:
    field = FolderField("Folder", required=True)
    qtbot.addWidget(field)
    field.show()
    click(field.browse)
    dialog = field.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.fileMode() is QFileDialog.FileMode.Directory
    dialog.selectFile(str(tmp_path))
    dialog.accept()
    soon(lambda: field.value() == str(tmp_path))
    soon(lambda: field.findChild(QFileDialog) is None)
    QTest.keyClicks(field.input, "-2")
    assert field.value() == f"{tmp_path}-2"
    assert field.editor.accessibleName() == "Folder, required"
