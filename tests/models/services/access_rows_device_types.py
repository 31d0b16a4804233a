"""Rows of `access_cases.py`: device types, beside those of what they are made of."""

from dataclasses import replace

from tests.models.services.access_cases import EVERYTHING, Act, Listing, ids
from tests.models.services.company import new_device_type

ACTS: dict[str, Act] = {
    "device_types.edit": Act(
        "device-type.manage",
        ("device-type",),
        lambda at: at.of.edit(
            at.actor, replace(new_device_type(at.spot, "new"), id=at["device-type"])
        ),
    ),
    "device_types.set_active": Act(
        "device-type.manage",
        ("device-type",),
        lambda at: at.of.set_active(at.actor, at["device-type"], active=False),
    ),
    "device_types.delete": Act(
        "device-type.manage",
        ("device-type",),
        lambda at: at.of.delete(at.actor, at["device-type"]),
    ),
    "device_types.read": Act(
        "device-type.view",
        ("device-type",),
        lambda at: at.of.read(at.actor, at["device-type"]),
        seen=True,
    ),
    # Who sees a type may ask, and is told of the devices within reach alone.
    "device_types.followers": Act(
        "device-type.view",
        ("device-type",),
        lambda at: [at.of.followers(at.actor, at["device-type"])],
        seen=True,
    ),
}

LISTS: dict[str, Listing] = {
    "device_types.page": Listing(
        "device-type.view",
        "device-type",
        lambda at: ids(at.of.page(at.actor, *EVERYTHING)),
        seen=True,
    ),
    "device_types.count": Listing(
        "device-type.view",
        "device-type",
        lambda at: at.of.count(at.actor, EVERYTHING[0]),
        seen=True,
    ),
}
