"""Rows of `access_cases.py`: set-up files."""

import json
from typing import Any

from app.models.domain.access import SYSTEM
from app.models.domain.setup_files import Outcome
from app.models.services.listing import ListQuery
from tests.models.services.access_cases import Act, At, Listing
from tests.models.services.company import TENANTS, Spot


def _sharing(spot: Spot) -> dict[str, str | None]:
    """Whom things of the spot are offered to, by names."""
    tenant = next((t for t, plants in TENANTS.items() if spot.name in (t, *plants)), None)
    organization = spot.name if tenant not in (None, spot.name) else None
    access = spot.sharing.access.value
    return {"access": access, "tenant": tenant, "organization": organization}


def _file(spot: Spot) -> bytes:
    """A file that gives the extension of the spot another value."""
    extension = {
        "name": f"{spot.name} extension",
        "oid": "1.3.6.1.4.1.32473.1.8",
        "value": "0101ff",
        "sharing": _sharing(spot),
    }
    file = {"format": "birthmark-setup", "version": 1, "extensions": [extension]}
    return json.dumps(file).encode()


def _planned(at: At, *, apply: bool = False) -> list[Any]:
    """What of the file is possible."""
    plan = at.of.plan(at.actor, _file(at.spot))
    if apply:
        at.of.apply(at.actor, plan, leave_out=True)
    return [item for item in plan.items if item.outcome is not Outcome.IMPOSSIBLE]


def _exported(at: At) -> set[int]:
    """The extensions in an export, by their ids."""
    names = {one["name"] for one in json.loads(at.of.export(at.actor))["extensions"]}
    every = at.workspace.extensions.page(SYSTEM, ListQuery(), 0, 1000)
    return {one.id for one in every if one.name in names}


def _device_type(spot: Spot) -> bytes:
    content = {"name": "new", "operational_templates": [f"{spot.name} template"]}
    return json.dumps(content).encode()


ACTS: dict[str, Act] = {
    "setup_files.plan": Act("extension.manage", ("extension",), _planned),
    "setup_files.apply": Act(
        "extension.manage", ("extension",), lambda at: _planned(at, apply=True)
    ),
    "setup_files.device_type_content": Act(
        "device-type.view",
        ("device-type",),
        lambda at: at.of.device_type_content(at.actor, at["device-type"]),
        seen=True,
    ),
    "setup_files.device_type": Act(
        "device-type.manage",
        ("template",),
        lambda at: at.of.device_type(at.actor, _device_type(at.spot)),
        seen=True,
    ),
}

LISTS: dict[str, Listing] = {
    "setup_files.export": Listing("extension.view", "extension", _exported, seen=True),
}
