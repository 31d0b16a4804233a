"""The page of a shareable entity (DEC-01): it is made, changed, switched off and deleted alike."""

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

from PySide6.QtWidgets import QWidget

from app.core.language import _
from app.models.domain.access import Actor, Operation, Sharing
from app.models.domain.events import EntityChanged
from app.views.jobs import Jobs
from app.views.widgets.column import Column
from app.views.widgets.entity_list_page import EntityListPage, ListService
from app.views.widgets.life_cycle import LifeCycle, LifeCycleService, Switchable
from app.views.widgets.sharing_fields import may_change


class Named(Protocol):
    """What was saved."""

    @property
    def name(self) -> str:
        """What people call it."""


class Shareable(Switchable, Protocol):
    """A row of the list."""

    @property
    def sharing(self) -> Sharing:
        """Whom it is offered to."""


Row = TypeVar("Row", bound=Shareable)
Shareable_co = TypeVar("Shareable_co", covariant=True)


class ShareableService(ListService[Shareable_co], LifeCycleService, Protocol[Shareable_co]):
    """Lists, switches and deletes the entity."""


class ShareablePage(EntityListPage[Row], Generic[Row]):
    """A list of shareable entities, changed by those who may carry out `manage` where they are."""

    def __init__(
        self,
        title: str,
        service: ShareableService[Row],
        actor: Actor,
        jobs: Jobs,
        *,
        manage: Operation,
        columns: Sequence[Column[Row]],
        icon: str,
        none_yet: str,
        no_match: str,
        refresh_on: tuple[type, ...] = (EntityChanged,),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            title,
            service,
            actor,
            jobs,
            columns=columns,
            icon=icon,
            none_yet=none_yet,
            no_match=no_match,
            refresh_on=refresh_on,
            parent=parent,
        )
        self._service, self._actor, self._manage = service, actor, manage

    def may(self, row: Row) -> bool:
        """Whether the person may change what is in the row."""
        return may_change(self._actor, self._manage, row.sharing)

    def add_life_cycle(self, *, deactivating: str, deleting: str) -> None:
        """Add the actions that switch a row and delete it.

        `deactivating` and `deleting` tell what that leads to; without the former nobody is
        asked first.
        """
        LifeCycle(
            self,
            self._service,
            self._actor,
            may=self.may,
            deactivating=(lambda _row: deactivating) if deactivating else None,
            deleting=lambda _row: deleting,
        )

    def tell_saved(self, saved: Named) -> None:
        """Say that a form was saved, and show what became of it."""
        self.tell(_("{name} is saved.").format(name=saved.name))
