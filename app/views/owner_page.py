"""What the pages of tenants and organizations have in common: the same is done to both."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QWidget

from app.core.language import _
from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.domain.events import EntityChanged
from app.models.domain.tenants import Consequences
from app.views.consequences import consequences_text
from app.views.jobs import Jobs
from app.views.widgets.column import Column
from app.views.widgets.entity_list_page import EntityListPage, ListService, active_badge
from app.views.widgets.field import TextField
from app.views.widgets.form_dialog import FormDialog
from app.views.widgets.life_cycle import LifeCycle, LifeCycleService, Switchable

_NAME_LENGTH = 100


class Owner(Switchable, Protocol):
    """A row of the list: a tenant or an organization."""

    @property
    def users(self) -> int:
        """How many people belong to it."""

    @property
    def devices(self) -> int:
        """How many devices belong to it."""


Row = TypeVar("Row", bound=Owner)
Owner_co = TypeVar("Owner_co", covariant=True)


class OwnerService(ListService[Owner_co], LifeCycleService, Protocol[Owner_co]):
    """Lists and changes tenants, or organizations."""

    def rename(self, actor: Actor, owner_id: int, name: str) -> None:
        """Give one another name."""

    def consequences(self, actor: Actor, owner_id: int) -> Consequences:
        """How many things stop working with one."""
        raise NotImplementedError


class OwnerPage(EntityListPage[Row]):
    """A list of owners, which who may carry out `manage` makes, renames and switches on and off.

    `new` and `first` are what making one is called. A subclass asks for it in `ask_new`.
    """

    def __init__(
        self,
        title: str,
        service: OwnerService[Row],
        actor: Actor,
        jobs: Jobs,
        *,
        columns: Sequence[Column[Row]],
        icon: str,
        none_yet: str,
        no_match: str,
        manage: Operation,
        new: str,
        first: str,
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
            refresh_on=(EntityChanged,),
            parent=parent,
        )
        self._service = service
        self._actor = actor
        may = reach(actor, manage) is not Reach.NONE
        self.add_new(new, first, self.ask_new, allowed=may)
        self.add_row_action(_("Rename…"), "pencil", self._ask_name, when=lambda _row: may)
        LifeCycle(
            self,
            service,
            actor,
            may=lambda _row: may,
            deactivating=lambda row: consequences_text(service.consequences(actor, row.id)),
            deleting=lambda _row: _("It is only deleted if nothing belongs to it."),
        )

    def ask_new(self) -> None:
        """Ask for what a new one needs, and make it."""
        raise NotImplementedError

    def _ask_name(self, row: Row) -> None:
        service, actor = self._service, self._actor
        form = FormDialog(
            _("Rename {name}").format(name=row.name),
            self.jobs,
            lambda values: service.rename(actor, row.id, values["name"]),
            self,
        )
        form.add(name_field(), "name").set_value(row.name)
        form.saved.connect(lambda _none: self.tell(_("{name} was renamed.").format(name=row.name)))
        form.open()


def name_field() -> TextField:
    """The field for the name of an owner."""
    return TextField(_("Name"), required=True, max_length=_NAME_LENGTH)


def owner_columns(*between: Column[Row]) -> tuple[Column[Row], ...]:
    """Name, what the page has `between`, users, devices and state."""
    return (
        Column("name", _("Name"), lambda row: row.name, width=210),
        *between,
        Column("users", _("Users"), lambda row: count_text(row.users), align="end", width=80),
        Column(
            "devices", _("Devices"), lambda row: count_text(row.devices), align="end", width=100
        ),
        Column("active", _("Status"), badge=lambda row: active_badge(row.active), width=110),
    )


def count_text(count: int) -> str:
    """A number as people of the language write it."""
    return QLocale().toString(count)
