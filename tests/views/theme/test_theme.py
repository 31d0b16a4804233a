import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontInfo, QIcon
from PySide6.QtWidgets import QApplication, QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from app.config.paths import resources_folder
from app.views.theme import apply_theme
from app.views.theme.fonts import mono_font, scaled, text_font
from app.views.theme.icons import pixmap, set_icon
from app.views.theme.style import style_sheet
from app.views.theme.tokens import DARK, LIGHT, Tokens, tokens_of


def dark_pixels(icon: QIcon) -> int:
    image = icon.pixmap(20, 20).toImage()
    return sum(
        image.pixelColor(x, y).alpha() > 128 and image.pixelColor(x, y).lightness() < 128
        for x in range(20)
        for y in range(20)
    )


def test_the_theme_switches_while_windows_are_open(qapp: QApplication, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    button = QToolButton(window)
    set_icon(button, "search")
    window.show()
    assert dark_pixels(button.icon()) > 0

    apply_theme(qapp, "dark")

    assert tokens_of(window.palette()) is DARK
    assert dark_pixels(button.icon()) == 0


def test_system_follows_the_desktop(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")
    apply_theme(qapp, "system")
    dark = qapp.styleHints().colorScheme() == Qt.ColorScheme.Dark
    assert tokens_of(qapp.palette()) is (DARK if dark else LIGHT)


def test_a_change_of_the_desktop_matters_only_to_system(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert tokens_of(qapp.palette()) is DARK


def test_sizes_grow_with_the_text(qapp: QApplication) -> None:
    assert scaled(34) == 34
    apply_theme(qapp, "light", 1.5)
    assert qapp.font().pixelSize() == 21
    assert scaled(34) == 51
    assert text_font(12).pixelSize() == 18


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda tokens: tokens.name)
def test_the_style_sheet_leaves_nothing_unfilled(tokens: Tokens) -> None:
    sheet = style_sheet(tokens, resources_folder() / "styles" / tokens.name)
    assert "@" not in sheet
    assert not re.search(r"<\w+>", sheet)
    for path in re.findall(r'url\("(.*?)"\)', sheet):
        assert (resources_folder() / path).is_file()


def test_the_shipped_typefaces_are_used(qapp: QApplication) -> None:
    assert QFontInfo(qapp.font()).family() == "Inter"
    assert QFontInfo(mono_font()).family() == "JetBrains Mono"
    assert QFontInfo(mono_font()).fixedPitch()


def test_every_icon_draws_something_and_names_its_licence() -> None:
    folder = resources_folder() / "icons"
    assert (folder / "LICENSE").is_file()
    for path in folder.glob("*.svg"):
        image = pixmap(path.stem, "#000000", 24).toImage()
        assert any(image.pixelColor(x, y).alpha() for x in range(24) for y in range(24)), path.stem


def test_a_role_changes_the_look(qtbot: QtBot) -> None:
    title, plain = QLabel("Title"), QLabel("Title")
    title.setProperty("role", "title")
    for label in (title, plain):
        qtbot.addWidget(label)
        label.show()
    assert title.sizeHint().height() > plain.sizeHint().height()
