"""What a person does to a list page and its dialogs, and what they see there."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.views.widgets.field import ChoiceField
from app.views.widgets.form_dialog import FormDialog
from app.views.widgets.list_page import ListPage
from tests.views.soon import soon
from tests.views.station import reached_by_tab, tab_stops

AnyPage = ListPage[Any, Any]
P = TypeVar("P", bound=AnyPage)


@contextmanager
def opened_pages(qtbot: QtBot, make: Callable[[str], P]) -> Iterator[Callable[[str], P]]:
    """Opens the page of a person, by name; all are gone before their jobs are stopped."""
    pages: list[P] = []

    def open_page(name: str = "admin") -> P:
        page = make(name)
        qtbot.addWidget(page)
        page.resize(1200, 800)
        page.show()
        page.activateWindow()
        assert QTest.qWaitForWindowActive(page)
        pages.append(page)
        soon(lambda: page.model.rowCount() > 0)
        return page

    yield open_page
    for page in pages:
        shiboken6.delete(page)


def names(page: AnyPage) -> list[str]:
    """The first column."""
    return [page.model.index(row, 0).data() for row in range(page.model.rowCount())]


def cells(page: AnyPage, name: str) -> dict[str, str]:
    """What the row of this name says, by the titles of the columns."""
    row = page.model.row(names(page).index(name))
    return {column.title: column.words(row) for column in page.model.columns}


def titles(page: AnyPage) -> list[str]:
    """The titles of the columns."""
    return [column.title for column in page.model.columns]


def click(widget: QWidget) -> None:
    """Click in the middle."""
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def choose(page: AnyPage, name: str) -> None:
    """Click the row with this name and wait for its details."""
    soon(lambda: name in names(page))
    index = page.model.index(names(page).index(name), 0)
    at = page.table.visualRect(index).center()
    QTest.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    soon(lambda: page.panel.isVisible() and name in texts(page.panel))


def texts(widget: QWidget) -> list[str]:
    """What can be read."""
    labels = widget.findChildren(QLabel)
    return [label.text().rstrip(" *") for label in labels if label.isVisible()]


def buttons(widget: QWidget) -> list[str]:
    """What can be pressed, by its text."""
    found = widget.findChildren(QPushButton)
    return [button.text() for button in found if button.isVisible() and button.text()]


def press(widget: QWidget, text: str) -> None:
    """Press the button with this text."""
    soon(lambda: buttons(widget).count(text) == 1)
    found = widget.findChildren(QPushButton)
    click(next(button for button in found if button.text() == text and button.isVisible()))


def dialog(page: QWidget) -> QDialog:
    """The dialog over a page, once it is there."""

    def found() -> Sequence[QDialog]:
        return [one for one in page.findChildren(QDialog) if one.isVisible()]

    soon(lambda: len(found()) == 1)
    return found()[0]


def form(page: QWidget) -> FormDialog:
    """The form over a page, once it is there and has the focus."""
    shown = dialog(page)
    assert isinstance(shown, FormDialog)
    shown.activateWindow()
    assert QTest.qWaitForWindowActive(shown)
    return shown


def fill(shown: FormDialog, key: str, text: str) -> None:
    """Type a text into the field `key`, or choose what reads so."""
    field = shown.fields[key]
    assert field.isVisible()
    if isinstance(field, ChoiceField):
        number = field.input.findText(text)
        assert number >= 0, f"{text} is not offered"
        field.input.setCurrentIndex(number)
    else:
        assert isinstance(field.editor, QLineEdit)
        field.editor.setFocus()
        field.editor.selectAll()
        QTest.keyClicks(field.editor, text)


def offered(shown: FormDialog, key: str) -> list[str]:
    """What there is to choose from in the field `key`."""
    field = shown.fields[key]
    assert isinstance(field, ChoiceField)
    return [field.input.itemText(number) for number in range(field.input.count())]


def shown_fields(shown: FormDialog) -> list[str]:
    """The keys of the fields that are asked for."""
    return [key for key, field in shown.fields.items() if field.isVisible()]


def check_tab_order(qtbot: QtBot, page: AnyPage) -> None:
    """Tab comes by everything that can be used, and each says what it is.

    Of the chips it comes by the one that is chosen; arrows lead to the others.
    """
    others = {chip for chip in page.chips.buttons.values() if not chip.isChecked()}
    stops = tab_stops(page) - others
    assert {page.table, page.search} <= stops <= reached_by_tab(qtbot, page)
    assert all(widget.accessibleName() or getattr(widget, "text", str)() for widget in stops)
