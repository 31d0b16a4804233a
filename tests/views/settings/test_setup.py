"""A set-up is exported, checked and imported on the settings page."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.config.paths import resources_folder
from app.models.domain.access import SYSTEM, Actor, Channel, Role
from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs
from app.views.settings.setup import SetupCard, sees_setup
from app.views.settings.setup_import import SetupImportForm
from tests.views.station import reached_by_tab, tab_stops


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "exported.json"


@pytest.fixture
def card(demo: Workspace, admin: Actor, jobs: Jobs, target: Path, qtbot: QtBot) -> SetupCard:
    def ask(_parent: QWidget, _title: str, _name: str, chosen: Callable[[Path], None]) -> None:
        chosen(target)

    card = SetupCard(demo, admin, jobs, ask)
    qtbot.addWidget(card)
    card.resize(700, 500)
    with qtbot.waitActive(card):
        card.show()
    return card


def example() -> Any:
    """The example of a gateway, for the tenant of the demo."""
    file = json.loads((resources_folder() / "setups" / "gateway.json").read_text("utf-8"))
    for one in (*file["extensions"], *file["templates"], *file["device_types"]):
        one["sharing"] = {"access": "tenant", "tenant": "Acme Controls"}
    return file


def opened(card: SetupCard, file: Path, qtbot: QtBot) -> SetupImportForm:
    """The form after a file was dropped."""
    card.file.input.take_file(file)
    qtbot.waitUntil(lambda: card.findChild(SetupImportForm) is not None)
    form = card.findChild(SetupImportForm)
    assert form is not None
    qtbot.waitUntil(form.isVisible)
    return form


def exported(card: SetupCard, target: Path, qtbot: QtBot) -> Any:
    QTest.mouseClick(card.export, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "was exported to" in card.banner.text())
    return json.loads(target.read_text("utf-8"))


def test_an_export_comes_back_unchanged(card: SetupCard, target: Path, qtbot: QtBot) -> None:
    assert exported(card, target, qtbot)["signature"]["signature"]
    form = opened(card, target, qtbot)
    assert "8 unchanged" in form.differences.toPlainText()
    assert form.banner.isHidden()
    assert form.leave_out.isHidden()
    assert not form.save.isEnabled()
    form.reject()
    qtbot.waitUntil(card.file.is_empty)


def test_authorities_are_chosen_then_it_is_imported(
    card: SetupCard, demo: Workspace, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "gateway.json"
    file.write_text(json.dumps(example()), "utf-8")
    form = opened(card, file, qtbot)
    assert "not signed" in form.banner.text()
    assert "Certificate template Gateway birth certificate: impossible" in (
        form.differences.toPlainText()
    )
    assert form.leave_out.isVisible()
    for name, own in (
        ("Factory CA", "Acme Factory CA 1"),
        ("Operational CA", "Acme Operational CA 1"),
    ):
        QTest.keyClicks(form.authorities[name].input, own)
    qtbot.waitUntil(lambda: "4 new" in form.differences.toPlainText())
    qtbot.waitUntil(form.save.isEnabled)
    assert form.leave_out.isHidden()
    QTest.mouseClick(form.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: card.banner.text() == "The set-up was imported.")
    assert "Example gateway" in {one.name for one in demo.device_types.all(SYSTEM)}


def test_what_changes_is_shown_and_what_is_impossible_left_out(
    card: SetupCard, demo: Workspace, target: Path, qtbot: QtBot
) -> None:
    file = exported(card, target, qtbot) | {"signature": None}
    (gateway,) = (one for one in file["templates"] if one["name"] == "Gateway mTLS client")
    gateway["validity_days"] = 90
    file["extensions"].append(
        {"name": "Odd", "oid": "1.2.3", "value": "05", "sharing": {"access": "global"}}
    )
    target.write_text(json.dumps(file), "utf-8")
    form = opened(card, target, qtbot)
    shown = form.differences.toPlainText()
    assert shown.index("Custom extension Odd: impossible") < shown.index("731 \N{RIGHTWARDS ARROW}")
    QTest.mouseClick(form.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Not everything" in form.banner.text())
    QTest.mouseClick(form.leave_out.input, Qt.MouseButton.LeftButton)
    form.leave_out.input.setChecked(True)
    QTest.mouseClick(form.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: card.banner.text() == "The set-up was imported.")
    (changed,) = (t for t in demo.templates.all(SYSTEM) if t.name == "Gateway mTLS client")
    assert changed.validity_days == 90


def test_a_file_that_is_none_is_refused_under_its_field(
    card: SetupCard, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "odd.json"
    file.write_text('{"format": "birthmark-setup", "version": 9}', "utf-8")
    card.file.input.take_file(file)
    qtbot.waitUntil(lambda: "version" in card.file.message())
    assert card.file.is_empty()


def test_locked_keys_are_told(card: SetupCard, demo: Workspace, qtbot: QtBot) -> None:
    demo.lock()
    QTest.mouseClick(card.export, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "locked" in card.banner.text())


def test_auditors_export_only_and_operators_see_none_of_it(
    demo: Workspace, jobs: Jobs, qtbot: QtBot
) -> None:
    auditor = Actor("ada", Channel.WINDOW, Role.AUDITOR)
    card = SetupCard(demo, auditor, jobs)
    qtbot.addWidget(card)
    assert sees_setup(auditor)
    assert card.file.isHidden()
    assert not sees_setup(Actor("olga", Channel.WINDOW, Role.TENANT_OPERATOR, tenant_id=1))


def test_tab_reaches_everything_in_the_form(card: SetupCard, tmp_path: Path, qtbot: QtBot) -> None:
    file = tmp_path / "gateway.json"
    file.write_text(json.dumps(example()), "utf-8")
    form = opened(card, file, qtbot)
    stops = tab_stops(form)
    assert stops <= reached_by_tab(qtbot, form)
    assert [one for one in stops if not (one.accessibleName() or one.property("text"))] == []
    assert {form.save, form.cancel, form.differences} <= stops
    form.reject()
