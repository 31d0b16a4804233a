"""Rows of `access_cases.py`: devices, their passwords and what is issued to them."""

from app.models.services.devices.listed import DeviceQuery
from tests.models.services.access_cases import Act, Listing, ids
from tests.models.services.company import PASSWORD, new_device

ACTS: dict[str, Act] = {
    "device_creation.create": Act(
        "device.manage",
        ("device",),
        lambda at: at.of.create(at.actor, new_device(at.spot, "new")),
    ),
    "device_creation.check_name_free": Act(
        "device-name.check",
        ("device",),
        lambda at: at.of.check_name_free(at.actor, at.spot.sharing.tenant_id, "new"),
    ),
    "devices.get": Act("device.view", ("device",), lambda at: at.of.get(at.actor, at["device"])),
    "devices.history": Act(
        "device.view", ("device",), lambda at: at.of.history(at.actor, at["device"])
    ),
    "devices.set_as_factory": Act(
        "device.manage", ("device",), lambda at: at.of.set_as_factory(at.actor, at["device"])
    ),
    "device_certificates.issue": Act(
        "device.manage",
        ("device",),
        lambda at: at.of.issue(at.actor, at["device"], at.request, pfx_passphrase=PASSWORD),
    ),
    "devices.disable": Act(
        "device.manage", ("device",), lambda at: at.of.disable(at.actor, at["device"])
    ),
    "devices.enable": Act(
        "device.manage", ("device",), lambda at: at.of.enable(at.actor, at["device"])
    ),
    "credentials.reset_password": Act(
        "device.manage",
        ("device",),
        lambda at: at.of.reset_password(at.actor, at["device"], None),
    ),
    "credentials.download": Act(
        "secret.download", ("device",), lambda at: at.of.download(at.actor, at["device"])
    ),
    "credentials.available_until": Act(
        "secret.download", ("device",), lambda at: at.of.available_until(at.actor, at["device"])
    ),
}

LISTS: dict[str, Listing] = {
    "device_list.page": Listing(
        "device.view", "device", lambda at: ids(at.of.page(at.actor, DeviceQuery(), 0, 1000))
    ),
    "device_list.count": Listing(
        "device.view", "device", lambda at: at.of.count(at.actor, DeviceQuery())
    ),
    "device_list.mode_counts": Listing(
        "device.view", "device", lambda at: sum(at.of.mode_counts(at.actor).values())
    ),
}
