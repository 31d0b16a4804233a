"""Rows of `access_cases.py`: EST servers and their labels."""

from dataclasses import replace

from app.models.domain.client_files.setups import EstClient
from tests.models.services.access_cases import EVERYTHING, Act, At, Listing, ids
from tests.models.services.company import new_server

_MANAGE, _VIEW, _HERE = "est-server.manage", "est-server.view", ("est-server",)


def _edit(at: At) -> None:
    at.of.edit(at.actor, replace(new_server(at.spot, "new"), id=at["est-server"]))


ACTS: dict[str, Act] = {
    "est_servers.create": Act(
        _MANAGE, _HERE, lambda at: at.of.create(at.actor, new_server(at.spot, "new"))
    ),
    "est_servers.edit": Act(_MANAGE, _HERE, _edit),
    "est_servers.set_active": Act(
        _MANAGE, _HERE, lambda at: at.of.set_active(at.actor, at["est-server"], active=False)
    ),
    "est_servers.delete": Act(_MANAGE, _HERE, lambda at: at.of.delete(at.actor, at["est-server"])),
    "est_servers.get": Act(_VIEW, _HERE, lambda at: at.of.get(at.actor, at["est-server"])),
    "est_servers.labels": Act(_VIEW, _HERE, lambda at: at.of.labels(at.actor, at["est-server"])),
    "est_servers.add_label": Act(
        _MANAGE,
        _HERE,
        lambda at: at.of.add_label(at.actor, at["est-server"], "new", at["device-type"]),
    ),
    "est_servers.remove_label": Act(
        _MANAGE,
        ("est-label",),
        lambda at: at.of.remove_label(at.actor, at["est-server"], at["est-label"]),
    ),
    "client_files.make": Act(
        _VIEW, _HERE, lambda at: at.of.make(at.actor, at["est-server"], EstClient.CURL)
    ),
}

LISTS: dict[str, Listing] = {
    "est_servers.all": Listing(_VIEW, "est-server", lambda at: ids(at.of.all(at.actor))),
    "est_servers.page": Listing(
        _VIEW, "est-server", lambda at: ids(at.of.page(at.actor, *EVERYTHING))
    ),
    "est_servers.count": Listing(
        _VIEW, "est-server", lambda at: at.of.count(at.actor, EVERYTHING[0])
    ),
}
