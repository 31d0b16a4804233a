"""The form that makes or changes one thing, as a person fills it in."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import Event, current_thread, main_thread
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QPushButton,
    QScrollArea,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.core.errors import ConflictError, InvalidInputError, KnownError, UnavailableError
from app.views.jobs import Jobs
from app.views.theme import apply_theme
from app.views.theme.tokens import Tone
from app.views.widgets.field import CheckField, ChoiceField, MultilineField, NumberField, TextField
from app.views.widgets.form_dialog import FormDialog
from tests.views.soon import soon


@dataclass
class Register:
    """Takes what forms submit; refuses while there is an `error`."""

    error: KnownError | None = None
    taken: list[dict[str, Any]] = field(default_factory=list)
    on_window_thread: bool | None = None

    def __call__(self, values: Mapping[str, Any]) -> str:
        self.on_window_thread = current_thread() is main_thread()
        if self.error is not None:
            raise self.error
        self.taken.append(dict(values))
        return f"made {values['name']}"


@dataclass
class Form:
    """An open form, and its parts."""

    dialog: FormDialog
    name: TextField
    notes: MultilineField
    hours: NumberField
    saved: list[object] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)


@pytest.fixture
def register() -> Register:
    return Register()


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[QWidget]:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    yield made
    made.close()


@pytest.fixture
def open_form(window: QWidget, jobs: Jobs, register: Register) -> Callable[[], Form]:
    def make() -> Form:
        dialog = FormDialog("New device type", jobs, register, window)
        name = dialog.add(TextField("Name", required=True), "name")
        notes = dialog.add(MultilineField("Notes"), "notes")
        dialog.add(ChoiceField("Access", [("all", "Everybody"), ("own", "Own tenant")]), "access")
        hours = NumberField("Password kept (hours)", 0, 10_000)
        hours.set_value(48)
        dialog.add_section("Password", lambda: f"kept {hours.value()} hours")
        dialog.add(hours, "hours")
        dialog.add(CheckField("Device password"), "password")
        form = Form(dialog, name, notes, hours)
        dialog.saved.connect(form.saved.append)
        dialog.finished.connect(form.closed.append)
        dialog.open()
        dialog.activateWindow()
        assert QTest.qWaitForWindowActive(dialog)
        return form

    return make


@pytest.fixture
def form(open_form: Callable[[], Form]) -> Form:
    return open_form()


def press(key: Qt.Key) -> None:
    """Press a key where the focus is."""
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key)


def click(button: QWidget) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def header(form: Form) -> QToolButton:
    found = form.dialog.sections[0].findChild(QToolButton)
    assert isinstance(found, QToolButton)
    return found


def question(form: Form) -> QDialog:
    soon(lambda: form.dialog.findChild(QDialog) is not None)
    found = form.dialog.findChild(QDialog)
    assert isinstance(found, QDialog)
    return found


def answer(dialog: QDialog, text: str) -> None:
    click(next(b for b in dialog.findChildren(QPushButton) if b.text() == text))


@pytest.mark.req("SYS-08")
def test_required_fields_carry_a_mark_and_are_asked_for(form: Form, register: Register) -> None:
    assert form.name.editor.accessibleName() == "Name, required"
    form.notes.input.setFocus()
    click(form.dialog.save)
    assert form.name.message() == "Fill this in."
    assert form.name.input.hasFocus()
    assert register.taken == []
    QTest.keyClicks(form.name.input, "G")
    assert form.name.message() == ""


def test_a_hidden_field_is_not_asked_for(form: Form, register: Register) -> None:
    tenant = form.dialog.add(TextField("Tenant", required=True), "tenant")
    form.name.set_value("Gateway 200")
    tenant.hide()
    click(form.dialog.save)
    soon(lambda: form.saved == ["made Gateway 200"])
    assert register.taken[0]["tenant"] == ""


def test_a_collapsed_field_is_asked_for(form: Form, register: Register) -> None:
    tenant = form.dialog.add(TextField("Tenant", required=True), "tenant")
    form.name.set_value("Gateway 200")
    click(form.dialog.save)
    assert tenant.message() == "Fill this in."
    assert tenant.isVisible()
    assert tenant.input.hasFocus()
    assert register.taken == []


def test_nothing_can_be_changed_or_closed_while_it_is_saved(window: QWidget, jobs: Jobs) -> None:
    gate = Event()
    dialog = FormDialog("New tenant", jobs, lambda _values: gate.wait(), window)
    name = dialog.add(TextField("Name"), "name")
    closed: list[int] = []
    dialog.finished.connect(closed.append)
    dialog.open()
    click(dialog.save)
    dialog.reject()
    assert dialog.save.text() == "Saving…"
    assert not (name.isEnabled())
    assert not (dialog.save.isEnabled())
    assert not closed
    gate.set()
    soon(lambda: closed == [QDialog.DialogCode.Accepted])


def test_enter_saves_what_was_typed(form: Form, register: Register) -> None:
    assert form.name.input.hasFocus()
    QTest.keyClicks(form.name.input, "Gateway 200")
    press(Qt.Key.Key_Return)
    soon(lambda: form.saved == ["made Gateway 200"])
    values = {"name": "Gateway 200", "notes": "", "access": "all", "hours": 48, "password": False}
    assert register.taken == [values]
    assert register.on_window_thread is False
    assert form.closed == [QDialog.DialogCode.Accepted]


def test_enter_in_a_text_of_several_lines_begins_a_line(form: Form, register: Register) -> None:
    form.name.set_value("Gateway 200")
    form.notes.input.setFocus()
    QTest.keyClicks(form.notes.input, "one")
    press(Qt.Key.Key_Return)
    QTest.keyClicks(form.notes.input, "two")
    assert form.notes.value() == "one\ntwo"
    assert register.taken == []


def test_a_refused_value_is_marked_and_nothing_typed_is_lost(
    form: Form, register: Register
) -> None:
    register.error = ConflictError("The name is taken.", remedy="Choose another.", field="name")
    QTest.keyClicks(form.name.input, "Gateway 200")
    form.notes.set_value("from the north")
    form.notes.input.setFocus()
    click(form.dialog.save)
    soon(lambda: form.name.message() == "The name is taken. Choose another.")
    assert form.name.input.hasFocus()
    assert (form.name.value(), form.notes.value()) == ("Gateway 200", "from the north")
    register.error = None
    QTest.keyClicks(form.name.input, "0")
    press(Qt.Key.Key_Return)
    soon(lambda: form.saved == ["made Gateway 2000"])


@pytest.mark.req("SYS-08")
def test_a_section_says_what_it_holds_and_opens_by_keyboard(form: Form) -> None:
    section = form.dialog.sections[0]
    assert not section.is_open()
    assert header(form).accessibleName() == "Password, collapsed: kept 48 hours"
    assert not form.hours.isVisible()
    header(form).setFocus()
    press(Qt.Key.Key_Return)
    assert section.is_open()
    assert form.hours.isVisible()
    form.hours.set_value(12)
    press(Qt.Key.Key_Space)
    assert not form.hours.isVisible()
    assert header(form).accessibleName() == "Password, collapsed: kept 12 hours"
    assert form.closed == []


def test_a_mistake_in_a_collapsed_section_opens_it(form: Form, register: Register) -> None:
    register.error = InvalidInputError("This is too long.", field="hours")
    QTest.keyClicks(form.name.input, "Gateway 200")
    press(Qt.Key.Key_Return)
    soon(lambda: form.hours.message() == "This is too long.")
    assert form.dialog.sections[0].is_open()
    assert form.hours.input.hasFocus()


def test_other_errors_stand_in_the_banner(form: Form, register: Register) -> None:
    register.error = UnavailableError("The disk is full.", remedy="Make room.")
    QTest.keyClicks(form.name.input, "Gateway 200")
    press(Qt.Key.Key_Return)
    soon(lambda: form.dialog.banner.text() == "The disk is full. Make room.")
    assert form.dialog.save.hasFocus()
    register.error = ConflictError("It was changed by somebody else.", field="version")
    press(Qt.Key.Key_Return)
    soon(lambda: form.dialog.banner.text() == "It was changed by somebody else.")
    register.error = None
    press(Qt.Key.Key_Return)
    soon(lambda: len(form.saved) == 1)


def test_an_untouched_form_closes_at_once(form: Form, register: Register) -> None:
    press(Qt.Key.Key_Escape)
    assert form.closed == [QDialog.DialogCode.Rejected]
    assert form.saved == register.taken == []


@pytest.mark.parametrize("way", ["escape", "button", "cross"])
def test_closing_with_changes_asks_first(form: Form, register: Register, way: str) -> None:
    leave: dict[str, Callable[[], object]] = {
        "escape": lambda: QTest.keyClick(form.dialog, Qt.Key.Key_Escape),
        "button": lambda: click(form.dialog.cancel),
        "cross": form.dialog.close,
    }
    QTest.keyClicks(form.name.input, "Gateway")
    leave[way]()
    answer(question(form), "Cancel")
    assert form.closed == []
    assert form.name.value() == "Gateway"
    soon(lambda: form.dialog.findChild(QDialog) is None)
    leave[way]()
    answer(question(form), "Discard changes")
    assert form.closed == [QDialog.DialogCode.Rejected]
    assert form.saved == register.taken == []


def test_what_was_changed_back_is_no_change(form: Form) -> None:
    QTest.keyClicks(form.name.input, "x")
    press(Qt.Key.Key_Backspace)
    press(Qt.Key.Key_Escape)
    assert form.closed == [QDialog.DialogCode.Rejected]


def test_a_form_is_as_high_as_its_fields_need(open_form: Callable[[], Form]) -> None:
    form = open_form().dialog
    form.banner.show_message(Tone.NEUTRAL, "What happens then. " * 12)
    QApplication.processEvents()
    form.grow()
    QApplication.processEvents()
    assert form.height() < form.screen().availableGeometry().height() - 48
    bars = [one.verticalScrollBar() for one in form.findChildren(QScrollArea)]
    assert [bar.maximum() for bar in bars] == [0]


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_a_long_form_scrolls_to_the_field_at_fault(
    qapp: QApplication, window: QWidget, jobs: Jobs, register: Register, scale: float
) -> None:
    apply_theme(qapp, "light", scale)
    dialog = FormDialog("Long", jobs, register, window)
    for number in range(20):
        dialog.add(TextField(f"Field {number}"), f"field-{number}")
    dialog.open()
    room = dialog.screen().availableGeometry()
    assert dialog.height() <= room.height()
    assert dialog.width() <= room.width()
    assert dialog.save.visibleRegion().boundingRect().height() == dialog.save.height()
    last = dialog.fields["field-19"]
    assert last.visibleRegion().isEmpty()
    dialog.show_error(InvalidInputError("This is wrong.", field="field-19"))
    soon(lambda: last.visibleRegion().boundingRect().height() == last.height())
    dialog.reject()


@pytest.mark.parametrize("fields", [3, 30])
def test_a_section_that_is_opened_comes_into_sight(
    window: QWidget, jobs: Jobs, register: Register, fields: int
) -> None:
    dialog = FormDialog("Long", jobs, register, window)
    for number in range(20):
        dialog.add(TextField(f"Field {number}"), f"field-{number}")
    section = dialog.add_section("More", lambda: "nothing more")
    for number in range(fields):
        dialog.add(TextField(f"More {number}"), f"more-{number}")
    dialog.open()
    (head,) = section.findChildren(QToolButton)
    (area,) = dialog.findChildren(QScrollArea)
    area.ensureWidgetVisible(head)
    QTest.keyClick(head, Qt.Key.Key_Return)
    QApplication.processEvents()  # what was opened is laid out
    last = dialog.fields["more-2"]
    soon(lambda: last.visibleRegion().boundingRect().height() == last.height())
    assert head.visibleRegion().boundingRect().height() == head.height()
    dialog.reject()


def test_tab_reaches_everything(form: Form) -> None:
    form.dialog.sections[0].open()
    reached = []
    form.name.input.setFocus()
    for _step in range(8):
        focused = QApplication.focusWidget()
        assert focused is not None
        reached.append(focused.accessibleName() or getattr(focused, "text", str)())
        press(Qt.Key.Key_Tab)
    assert reached == [
        "Name, required",
        "Notes",
        "Access",
        "Password, expanded",
        "Password kept (hours)",
        "Device password",
        "Cancel",
        "Save",
    ]
