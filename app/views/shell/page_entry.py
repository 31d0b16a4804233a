"""How the window knows a page before it is made."""

from collections.abc import Callable
from dataclasses import dataclass

from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.services.workspace.workspace import Workspace
from app.views.commands import Commands
from app.views.event_bridge import EventBridge
from app.views.jobs import Jobs
from app.views.shell.listener_control import ListenerSwitch
from app.views.widgets.page import Page


@dataclass(frozen=True)
class PageContext:
    """What a page may be made from: for one signed-in person."""

    workspace: Workspace
    actor: Actor
    jobs: Jobs
    events: EventBridge
    commands: Commands
    listener: ListenerSwitch


@dataclass(frozen=True)
class PageEntry:
    """A page in the navigation; made when it is first opened.

    Only those who may carry out `operation`, and reach at least as far as `least` with it, see
    it; None is for everybody.
    """

    id: str
    group: str
    title: str
    icon: str
    operation: Operation | None
    make: Callable[[PageContext], Page]
    least: Reach = Reach.ORGANIZATION

    def is_for(self, actor: Actor) -> bool:
        """Whether this person sees the page."""
        return self.operation is None or reach(actor, self.operation) >= self.least
