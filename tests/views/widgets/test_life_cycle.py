"""Switching and deleting the rows of a list, over a service that keeps them in a list."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from app.core.errors import ConflictError, KnownError, UnavailableError
from app.models.domain.access import Actor
from app.models.services.listing import ListQuery
from app.views.jobs import Jobs
from app.views.widgets.column import Column
from app.views.widgets.entity_list_page import EntityListPage
from app.views.widgets.life_cycle import LifeCycle
from tests.views.hands import buttons, choose, dialog, names, opened_pages, press, texts
from tests.views.soon import soon


@dataclass(frozen=True)
class Plant:
    id: int
    name: str
    active: bool = True


class Plants:
    """The service; it refuses when `broken`."""

    def __init__(self) -> None:
        self.rows = [Plant(1, "North"), Plant(2, "Old mill", active=False), Plant(3, "South")]
        self.broken: KnownError | None = None

    def page(self, _actor: Actor, _query: ListQuery, offset: int, limit: int) -> tuple[Plant, ...]:
        return tuple(self.rows[offset : offset + limit])

    def count(self, _actor: Actor, _query: ListQuery) -> int:
        return len(self.rows)

    def set_active(self, _actor: Actor, plant_id: int, /, *, active: bool) -> None:
        self.check()
        self.rows = [replace(r, active=active) if r.id == plant_id else r for r in self.rows]

    def delete(self, _actor: Actor, plant_id: int, /) -> None:
        self.check()
        self.rows = [row for row in self.rows if row.id != plant_id]

    def check(self) -> None:
        if self.broken is not None:
            raise self.broken


class PlantsPage(EntityListPage[Plant]):
    def __init__(
        self, plants: Plants, actor: Actor, jobs: Jobs, deactivating: Callable[[Plant], str] | None
    ) -> None:
        super().__init__(
            "Plants",
            plants,
            actor,
            jobs,
            columns=[Column("name", "Name", lambda row: row.name)],
            icon="building",
            none_yet="No plants yet.",
            no_match="No plant matches.",
        )
        LifeCycle(
            self,
            plants,
            actor,
            may=lambda row: row.name != "South",
            deactivating=deactivating,
            deleting=lambda row: f"{row.name} is torn down.",
        )

    def describe(self, row: Plant) -> None:
        self.panel.set_heading(row.name)


@pytest.fixture
def plants() -> Plants:
    return Plants()


@pytest.fixture
def open_page(
    qtbot: QtBot, jobs: Jobs, admin: Actor, plants: Plants
) -> Iterator[Callable[[str], PlantsPage]]:
    """Opens a page on which plants are switched off "asked" or "unasked"."""

    def deactivating(row: Plant) -> str:
        plants.check()
        return f"{row.name} stands still."

    def make(how: str) -> PlantsPage:
        return PlantsPage(plants, admin, jobs, deactivating if how == "asked" else None)

    with opened_pages(qtbot, make) as opened:
        yield opened


@pytest.fixture
def page(open_page: Callable[[str], PlantsPage]) -> PlantsPage:
    return open_page("asked")


def test_each_row_offers_what_can_be_done_to_it(page: PlantsPage) -> None:
    for name, offered in (
        ("North", ["Deactivate…"]),
        ("Old mill", ["Activate", "Delete…"]),
        ("South", []),
    ):
        choose(page, name)
        assert buttons(page.panel) == offered


def test_what_stops_is_told_before_it_is_switched_off(page: PlantsPage, plants: Plants) -> None:
    choose(page, "North")
    press(page.panel, "Deactivate…")
    asked = dialog(page)
    assert {"Deactivate North?", "North stands still."} <= set(texts(asked))
    assert plants.rows[0].active
    press(asked, "Deactivate")
    soon(lambda: page.banner.text() == "North is inactive.")
    press(page.panel, "Activate")
    soon(lambda: page.banner.text() == "North is active.")
    assert plants.rows[0].active


def test_nobody_is_asked_when_it_is_not_known_what_stops(page: PlantsPage, plants: Plants) -> None:
    choose(page, "North")
    plants.broken = UnavailableError("The database is busy.")
    press(page.panel, "Deactivate…")
    soon(lambda: page.banner.text() == "The database is busy.")
    assert not [one for one in page.findChildren(QDialog) if one.isVisible()]


def test_without_consequences_nobody_is_asked(
    open_page: Callable[[str], PlantsPage], plants: Plants
) -> None:
    page = open_page("unasked")
    choose(page, "North")
    press(page.panel, "Deactivate")
    soon(lambda: page.banner.text() == "North is inactive.")
    assert not plants.rows[0].active


def test_a_deleted_row_leaves_no_details(page: PlantsPage, plants: Plants) -> None:
    choose(page, "Old mill")
    plants.broken = ConflictError("Old mill is still in use.")
    press(page.panel, "Delete…")
    press(dialog(page), "Delete")
    soon(lambda: page.banner.text() == "Old mill is still in use.")
    plants.broken = None
    press(page.panel, "Delete…")
    asked = dialog(page)
    assert "This cannot be undone. Old mill is torn down." in texts(asked)
    press(asked, "Delete")
    soon(lambda: names(page) == ["North", "South"])
    soon(lambda: not page.panel.isVisible())
    assert page.banner.text() == "Old mill is deleted."
