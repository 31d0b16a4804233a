"""The page of a small entity, over a service that keeps its rows in a list."""

from dataclasses import dataclass, field, replace

from PySide6.QtWidgets import QLabel

from app.core.errors import KnownError
from app.models.domain.access import Actor
from app.models.services.listing import ListQuery
from app.views.jobs import Jobs
from app.views.widgets.column import Column
from app.views.widgets.confirm import confirm_job
from app.views.widgets.entity_list_page import EntityListPage, active_badge


@dataclass(frozen=True)
class Plant:
    id: int
    name: str
    active: bool = True


class PlantChanged:
    """An event after which the list is read again."""


@dataclass
class Plants:
    """The service: what it is asked for last is in `asked`; it refuses when `broken`."""

    rows: list[Plant] = field(default_factory=list)
    asked: list[ListQuery] = field(default_factory=list)
    broken: KnownError | None = None

    def page(self, _actor: Actor, query: ListQuery, offset: int, limit: int) -> tuple[Plant, ...]:
        if self.broken is not None:
            raise self.broken
        self.asked.append(query)
        found = sorted(self._found(query), key=lambda row: str(getattr(row, query.sort)))
        return tuple((found[::-1] if query.descending else found)[offset : offset + limit])

    def count(self, _actor: Actor, query: ListQuery) -> int:
        return len(self._found(query))

    def deactivate(self, plant_id: int) -> None:
        if self.broken is not None:
            raise self.broken
        self.rows = [replace(r, active=r.active and r.id != plant_id) for r in self.rows]

    def _found(self, query: ListQuery) -> list[Plant]:
        return [
            row
            for row in self.rows
            if query.text.lower() in row.name.lower() and query.active in (None, row.active)
        ]


class PlantsPage(EntityListPage[Plant]):
    def __init__(self, plants: Plants, actor: Actor, jobs: Jobs, *, allowed: bool) -> None:
        super().__init__(
            "Plants",
            plants,
            actor,
            jobs,
            columns=(
                Column("name", "Name", lambda row: row.name),
                Column("active", "Status", badge=lambda row: active_badge(row.active)),
            ),
            icon="building",
            none_yet="No plants yet.",
            no_match="No plant matches.",
            refresh_on=(PlantChanged,),
        )
        self.plants = plants
        self.made = 0
        self.described: list[str] = []
        self.new_action = self.add_new(
            "New plant", "Create the first plant", self._new, allowed=allowed
        )
        self.deactivate = self.add_row_action(
            "Deactivate…", "ban", self._ask, when=lambda row: allowed and row.active
        )

    def describe(self, row: Plant) -> None:
        self.described.append(row.name)
        self.panel.set_heading(row.name, badge=active_badge(row.active))
        self.panel.add_section("Number", QLabel(f"Plant {row.id}"))

    def _new(self) -> None:
        self.made += 1

    def _ask(self, row: Plant) -> None:
        confirm_job(
            self,
            self.jobs,
            f"Deactivate {row.name}?",
            "Nothing is made there any more.",
            "Deactivate",
            work=lambda: self.plants.deactivate(row.id),
            success=f"{row.name} is inactive.",
            done=lambda _result: self.renew(),
            destructive=True,
        )
