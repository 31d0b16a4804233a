"""The page of a small entity, such as tenants: by name, active or not."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Generic, Protocol, TypeVar

from PySide6.QtWidgets import QWidget

from app.core.language import _
from app.models.domain.access import Actor
from app.models.services.listing import ListQuery
from app.views.jobs import Jobs
from app.views.theme.tokens import Tone
from app.views.widgets.badge import BadgeText
from app.views.widgets.column import Column
from app.views.widgets.list_page import Identified, ListPage
from app.views.widgets.page import ActionRow
from app.views.widgets.side_panel import SidePanel

Row = TypeVar("Row", bound=Identified)
Listed_co = TypeVar("Listed_co", covariant=True)

_ACTIVE: dict[str, bool | None] = {"all": None, "active": True, "inactive": False}


class ListService(Protocol[Listed_co]):
    """A service that lists its entity."""

    def page(
        self, actor: Actor, query: ListQuery, offset: int, limit: int
    ) -> tuple[Listed_co, ...]:
        """The rows within the actor's reach from `offset` on, at most `limit` of them."""

    def count(self, actor: Actor, query: ListQuery) -> int:
        """How many rows match."""


class EntityListPage(ListPage[Row, ListQuery], Generic[Row]):
    """Everything that a service's `page` and `count` find; keys of columns are its sort keys.

    A subclass says in `describe` what is known of a row.
    """

    def __init__(
        self,
        title: str,
        service: ListService[Row],
        actor: Actor,
        jobs: Jobs,
        *,
        columns: Sequence[Column[Row]],
        icon: str,
        none_yet: str,
        no_match: str,
        refresh_on: tuple[type, ...] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            title,
            jobs,
            columns=columns,
            query=ListQuery(),
            fetch=lambda query, offset, limit: service.page(actor, query, offset, limit),
            count=lambda query: service.count(actor, query),
            panel=SidePanel(),
            icon=icon,
            none_yet=none_yet,
            no_match=no_match,
            refresh_on=refresh_on,
            parent=parent,
        )
        choices = [("all", _("All")), ("active", _("Active")), ("inactive", _("Inactive"))]
        self.add_chips(
            _("Status"),
            choices,
            lambda query, key: replace(query, active=_ACTIVE[key]),
            lambda: {
                key: service.count(actor, ListQuery(active=active))
                for key, active in _ACTIVE.items()
            },
        )

    def show_row(self, row: Row) -> None:
        """Show a row: what can be done to it, and what `describe` says."""
        self.show_details(lambda: row, self._fill)

    def describe(self, row: Row) -> None:
        """Give the panel its heading and its sections; it is empty but for the actions."""
        raise NotImplementedError

    def _fill(self, row: Row) -> None:
        self.panel.clear()
        if self.row_actions:
            self.panel.add_section("", ActionRow(self.row_actions))
        self.describe(row)


def active_badge(active: bool) -> BadgeText:
    """Whether the entity can be used."""
    return BadgeText(_("Active"), Tone.GOOD) if active else BadgeText(_("Inactive"))
