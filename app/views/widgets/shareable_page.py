"""The page of a shareable entity (DEC-01): it is made, changed, switched off and deleted alike."""

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from app.core.language import _
from app.models.domain.access import Actor, Operation, Sharing
from app.models.domain.events import EntityChanged
from app.views.jobs import Jobs
from app.views.widgets.column import Column
from app.views.widgets.confirm import run_job
from app.views.widgets.entity_list_page import EntityListPage, ListService
from app.views.widgets.sharing_fields import may_change


class Named(Protocol):
    """What was saved."""

    @property
    def name(self) -> str:
        """What people call it."""


class Shareable(Named, Protocol):
    """A row of the list."""

    @property
    def id(self) -> int:
        """The number of the row in the database."""

    @property
    def active(self) -> bool:
        """Whether new things can be made with it."""

    @property
    def sharing(self) -> Sharing:
        """Whom it is offered to."""


Row = TypeVar("Row", bound=Shareable)
Shareable_co = TypeVar("Shareable_co", covariant=True)


class ShareableService(ListService[Shareable_co], Protocol[Shareable_co]):
    """Lists, switches and deletes the entity."""

    def set_active(self, actor: Actor, entity_id: int, /, *, active: bool) -> None:
        """Switch one on or off."""

    def delete(self, actor: Actor, entity_id: int, /) -> None:
        """Delete an inactive one that nothing refers to."""


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
        self._deactivating, self._deleting = deactivating, deleting
        self.deactivate = self._add(
            _("Deactivate…") if deactivating else _("Deactivate"), "ban", active=True
        )
        self.activate = self._add(_("Activate"), "check", active=False)
        self.delete = self.add_row_action(
            _("Delete…"),
            "trash-2",
            self._delete,
            when=lambda row: not row.active and self.may(row),
        )

    def tell_saved(self, saved: Named) -> None:
        """Say that a form was saved, and show what became of it."""
        self.tell(_("{name} is saved.").format(name=saved.name))

    def _add(self, text: str, icon: str, *, active: bool) -> QAction:
        """The action that switches rows that are `active`, or those that are not."""
        return self.add_row_action(
            text, icon, self._switch, when=lambda row: row.active is active and self.may(row)
        )

    def _switch(self, row: Row) -> None:
        if row.active and self._deactivating:
            self.ask(
                _("Deactivate {name}?").format(name=row.name),
                self._deactivating,
                _("Deactivate"),
                lambda: self._service.set_active(self._actor, row.id, active=False),
                _("{name} is inactive.").format(name=row.name),
            )
            return
        success = _("{name} is inactive.") if row.active else _("{name} is active.")
        run_job(
            self,
            self.jobs,
            work=lambda: self._service.set_active(self._actor, row.id, active=not row.active),
            success=success.format(name=row.name),
            done=lambda _result: self.renew(),
        )

    def _delete(self, row: Row) -> None:
        self.ask(
            _("Delete {name}?").format(name=row.name),
            self._deleting,
            _("Delete"),
            lambda: self._service.delete(self._actor, row.id),
            _("{name} is deleted.").format(name=row.name),
        )
