"""The Device types page and its form over a real workspace."""

from collections.abc import Callable, Iterator
from typing import Protocol

import pytest
import shiboken6
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.models.domain.access import SYSTEM
from app.models.domain.device_types import DeviceType
from app.models.services.workspace.workspace import Workspace
from app.views.device_types.form import DeviceTypeForm, read_choices
from app.views.device_types.page import DeviceTypesPage
from app.views.jobs import Jobs
from tests.models.services.people import person
from tests.views.hands import opened_pages
from tests.views.soon import soon


class OpenForm(Protocol):
    """Opens the form of a device type as somebody."""

    def __call__(self, device_type: DeviceType, who: str = "admin") -> DeviceTypeForm: ...


def stored(workspace: Workspace, name: str = "Gateway 200") -> DeviceType:
    """The device type of this name in the database."""
    return next(one for one in workspace.device_types.all(SYSTEM) if one.name == name)


def decoded(form: DeviceTypeForm) -> str:
    """What the preview says."""
    return form.preview.decoded.toPlainText()


@pytest.fixture
def open_page(
    qtbot: QtBot, demo: Workspace, jobs: Jobs
) -> Iterator[Callable[..., DeviceTypesPage]]:
    """Opens the page of a person, by name."""

    def make(name: str) -> DeviceTypesPage:
        return DeviceTypesPage(demo, person(demo, name), jobs)

    with opened_pages(qtbot, make) as open_one:
        yield open_one


@pytest.fixture
def open_form(qtbot: QtBot, demo: Workspace, jobs: Jobs) -> Iterator[OpenForm]:
    """Opens the form of a type with all of its sections."""
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    assert QTest.qWaitForWindowActive(window)

    def make(device_type: DeviceType, who: str = "admin") -> DeviceTypeForm:
        actor = person(demo, who)
        form = DeviceTypeForm(
            demo, actor, read_choices(demo, actor), device_type, jobs=jobs, parent=window
        )
        form.open()
        form.activateWindow()
        soon(lambda: QApplication.focusWidget() is form.fields["name"].editor)
        for section in form.sections:
            section.open()
        return form

    yield make
    shiboken6.delete(window)
