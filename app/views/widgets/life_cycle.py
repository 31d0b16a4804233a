"""What is done alike in every list: a thing is switched off and on, and deleted once it is off."""

from collections.abc import Callable
from functools import partial
from typing import Generic, Protocol, TypeVar

from app.core.language import _
from app.models.domain.access import Actor
from app.models.services.listing import ListQuery
from app.views.widgets.confirm import confirm_job, run_job
from app.views.widgets.list_page import ListPage


class Switchable(Protocol):
    """A row of the list."""

    @property
    def id(self) -> int:
        """The number of the row in the database."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def active(self) -> bool:
        """Whether it works, or new things can be made with it."""


class LifeCycleService(Protocol):
    """Switches and deletes the entity."""

    def set_active(self, actor: Actor, entity_id: int, /, *, active: bool) -> None:
        """Switch one on or off."""

    def delete(self, actor: Actor, entity_id: int, /) -> None:
        """Delete an inactive one that nothing refers to."""


Row = TypeVar("Row", bound=Switchable)


class LifeCycle(Generic[Row]):
    """Adds to `page` the actions that switch a row and delete it, and carries them out.

    They are shown for the rows that the person `may` change. `deactivating` and `deleting` say
    what that leads to, the former on a worker thread; without it nobody is asked first.
    """

    def __init__(
        self,
        page: ListPage[Row, ListQuery],
        service: LifeCycleService,
        actor: Actor,
        *,
        may: Callable[[Row], bool],
        deactivating: Callable[[Row], str] | None,
        deleting: Callable[[Row], str],
    ) -> None:
        self._page, self._service, self._actor = page, service, actor
        self._deleting = deleting
        add = page.add_row_action
        if deactivating is None:
            text, deactivate = _("Deactivate"), self._switch
        else:
            text, deactivate = _("Deactivate…"), partial(self._read_consequences, deactivating)
        add(text, "ban", deactivate, when=lambda row: row.active and may(row))
        add(_("Activate"), "check", self._switch, when=lambda row: not row.active and may(row))
        add(_("Delete…"), "trash-2", self._delete, when=lambda row: not row.active and may(row))

    def _switch(self, row: Row) -> None:
        text = _("{name} is inactive.") if row.active else _("{name} is active.")
        run_job(
            self._page,
            self._page.jobs,
            work=lambda: self._service.set_active(self._actor, row.id, active=not row.active),
            success=text.format(name=row.name),
            done=lambda _none: self._page.renew(),
        )

    def _read_consequences(self, deactivating: Callable[[Row], str], row: Row) -> None:
        self._page.jobs.run(
            self._page,
            lambda: deactivating(row),
            lambda text: self._deactivate(row, text),
            self._page.banner.show_error,
        )

    def _deactivate(self, row: Row, text: str) -> None:
        self._page.ask(
            _("Deactivate {name}?").format(name=row.name),
            text,
            _("Deactivate"),
            lambda: self._service.set_active(self._actor, row.id, active=False),
            _("{name} is inactive.").format(name=row.name),
        )

    def _delete(self, row: Row) -> None:
        confirm_job(
            self._page,
            self._page.jobs,
            _("Delete {name}?").format(name=row.name),
            " ".join((_("This cannot be undone."), self._deleting(row))),
            _("Delete"),
            work=lambda: self._service.delete(self._actor, row.id),
            success=_("{name} is deleted.").format(name=row.name),
            done=lambda _none: self._page.refresh(),  # there are no details of it any more
            destructive=True,
        )
