"""Actors of the demo workspace, as if they had just signed in at the window."""

from app.models.domain.access import SYSTEM, Actor, Channel
from app.models.services.workspace.workspace import Workspace


def person(workspace: Workspace, name: str) -> Actor:
    """The user of this name as an actor."""
    (user,) = (user for user in workspace.users.users(SYSTEM) if user.name == name)
    return user.actor(Channel.WINDOW)
