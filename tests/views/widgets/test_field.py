from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDateEdit, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.core.errors import InvalidInputError
from app.views.theme.tokens import Tone
from app.views.widgets.field import (
    CheckField,
    ChoiceField,
    DateField,
    Field,
    MultilineField,
    NumberField,
    PasswordField,
    ReadOnlyField,
    TextField,
)

Show = Callable[..., QWidget]


@pytest.fixture
def show(qtbot: QtBot) -> Iterator[Show]:
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)

    def shown(*fields: QWidget) -> QWidget:
        for field in fields:
            layout.addWidget(field)
        window.show()
        window.activateWindow()
        assert QTest.qWaitForWindowActive(window)
        return window

    yield shown
    window.close()


def test_a_label_and_its_star_are_told_to_a_screen_reader(show: Show) -> None:
    field = TextField("R&D site", required=True)
    show(field)
    assert field.input.accessibleName() == "R&D site, required"
    field.set_label("Site")
    assert field.input.accessibleName() == "Site"
    assert not field.required


def test_a_message_stands_under_its_field_and_is_its_description(show: Show) -> None:
    field = TextField("Locality", hint="A town.")
    show(field)
    assert field.message() == "A town."

    field.set_error(InvalidInputError("A locality is required.", remedy="Type one."))

    assert field.message() == "A locality is required. Type one."
    assert field.input.accessibleDescription() == field.message()
    assert field.input.property("invalid") is True

    field.clear_message()
    assert field.message() == "A town."
    assert field.input.property("invalid") is False


def test_a_warning_does_not_mark_the_value_as_wrong(show: Show) -> None:
    field = TextField("Name")
    show(field)
    field.set_message("This name is long.", Tone.WARNING)
    assert field.input.property("invalid") is False


def test_a_field_without_message_takes_no_room_for_one(show: Show) -> None:
    field = TextField("Name")
    show(field)
    before = field.sizeHint().height()
    field.set_message("Wrong.")
    assert field.sizeHint().height() > before


def test_typing_tells_each_change(show: Show) -> None:
    field = TextField("Name")
    show(field)
    seen: list[str] = []
    field.changed.connect(lambda: seen.append(field.value()))
    QTest.keyClicks(field.input, " ab ")
    assert seen == ["", "a", "ab", "ab"]


def test_a_password_is_hidden_until_asked_for_and_keeps_its_blanks(show: Show) -> None:
    field = PasswordField("Password")
    show(field)
    field.setFocus()
    QTest.keyClicks(field.input, " secret ")
    assert field.value() == " secret "
    assert field.input.echoMode() is QLineEdit.EchoMode.Password
    QTest.keyClick(field.input, Qt.Key.Key_R, Qt.KeyboardModifier.AltModifier)
    assert field.input.echoMode() is QLineEdit.EchoMode.Normal
    QTest.keyClick(field.input, Qt.Key.Key_R, Qt.KeyboardModifier.AltModifier)
    assert field.input.echoMode() is QLineEdit.EchoMode.Password


def test_a_choice_gives_the_value_not_the_text(show: Show) -> None:
    field = ChoiceField("Type", [(7, "Gateway"), (9, "Sensor")])
    show(field)
    QTest.keyClick(field.input, Qt.Key.Key_Down)
    assert field.value() == 9
    field.set_choices([(5, "Meter"), (9, "Sensor")])
    assert field.value() == 9
    field.set_choices([(5, "Meter")])
    assert field.value() == 5
    with pytest.raises(ValueError, match="9"):
        field.set_value(9)


@pytest.mark.req("FAC-22")
@pytest.mark.parametrize("typed", ["12/31/2027", "12312027"])
def test_a_date_is_typed_month_first(show: Show, typed: str) -> None:
    field = DateField("Valid from")
    show(field)
    field.set_value(date(2026, 11, 24))
    assert field.input.text() == "11/24/2026"
    field.input.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClicks(field.input, typed)
    assert field.value() == date(2027, 12, 31)


def test_a_number_stays_within_its_bounds(show: Show) -> None:
    field = NumberField("Days", 1, 1000)
    show(field)
    field.set_value(5000)
    assert field.value() == 1000
    QTest.keyClick(field.input, Qt.Key.Key_Down)
    assert field.value() == 999


def test_a_box_is_ticked_by_its_label_and_by_keyboard(show: Show, qtbot: QtBot) -> None:
    field = CheckField("R&D only", hint="Nobody else sees it.")
    show(field)
    assert field.input.text() == "R&&D only"
    assert field.input.accessibleName() == "R&D only"
    assert field.message() == "Nobody else sees it."
    with qtbot.waitSignal(field.changed):
        QTest.mouseClick(field.input, Qt.MouseButton.LeftButton, pos=QPoint(40, 10))
    assert field.value()
    QTest.keyClick(field.input, Qt.Key.Key_Space)
    assert not field.value()
    assert not field.is_empty()
    field.set_value(value=True)
    assert field.input.isChecked()


def test_what_is_empty(show: Show) -> None:
    text, number = TextField("Name", required=True), NumberField("Days", 0, 9)
    choice: ChoiceField[int | None] = ChoiceField("Owner", [])
    show(text, number, choice)
    assert text.is_empty()
    assert choice.is_empty()
    choice.set_choices([(None, "Nobody"), (1, "Acme")])
    assert choice.is_empty()
    choice.set_value(1)
    text.set_value("x")
    assert not any(field.is_empty() for field in (text, number, choice))


def test_several_lines_are_left_by_tab(show: Show) -> None:
    field, after = MultilineField("Notes"), TextField("After")
    window = show(field, after)
    field.setFocus()
    QTest.keyClicks(field.input, "one")
    QTest.keyClick(field.input, Qt.Key.Key_Return)
    QTest.keyClicks(field.input, "two")
    QTest.keyClick(field.input, Qt.Key.Key_Tab)
    assert field.value() == "one\ntwo"
    assert window.focusWidget() is after.input


def test_a_fixed_value_can_be_reached_and_copied_but_not_changed(show: Show) -> None:
    field = ReadOnlyField("Organization", "Acme")
    show(field)
    field.setFocus()
    QTest.keyClicks(field.input, "x")
    assert field.value() == "Acme"
    assert field.input.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_tab_reaches_every_field(show: Show) -> None:
    fields: list[Field[Any]] = [
        TextField("A"),
        PasswordField("B"),
        ChoiceField("C", [(1, "one")]),
        DateField("D"),
        NumberField("E", 1, 2),
        ReadOnlyField("F"),
        MultilineField("G"),
        CheckField("H"),
    ]
    window = show(*fields)
    fields[0].setFocus()
    for field in fields[1:]:
        left = window.focusWidget()
        assert left is not None
        # In a date, Tab goes from the month over the day to the year first.
        for _section in range(3 if isinstance(left, QDateEdit) else 1):
            QTest.keyClick(left, Qt.Key.Key_Tab)
        now = window.focusWidget()
        assert now is field.editor
        assert now.accessibleName()
