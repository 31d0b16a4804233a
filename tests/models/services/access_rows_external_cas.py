"""Rows of `access_cases.py`: external CAs and their verification."""

from tests.models.services.access_cases import EVERYTHING, Act, At, Listing, ids


def _owner(at: At) -> tuple[int | None, int | None]:
    return at.spot.sharing.tenant_id, at.spot.sharing.organization_id


ACTS: dict[str, Act] = {
    "external_cas.register": Act(
        "external-ca.manage",
        ("external-ca",),
        lambda at: at.of.register(at.actor, "new", at.certificate, *_owner(at)),
    ),
    "external_cas.rename": Act(
        "external-ca.manage",
        ("external-ca",),
        lambda at: at.of.rename(at.actor, at["external-ca"], "new"),
    ),
    "external_cas.set_active": Act(
        "external-ca.manage",
        ("external-ca",),
        lambda at: at.of.set_active(at.actor, at["external-ca"], active=False),
    ),
    "external_cas.delete": Act(
        "external-ca.manage", ("external-ca",), lambda at: at.of.delete(at.actor, at["external-ca"])
    ),
    "external_cas.get": Act(
        "external-ca.view", ("external-ca",), lambda at: at.of.get(at.actor, at["external-ca"])
    ),
    "external_cas.device_types": Act(
        "external-ca.view",
        ("external-ca",),
        lambda at: at.of.device_types(at.actor, at["external-ca"]) or None,
    ),
    "external_cas.offered": Act(
        "external-ca.view", ("external-ca",), lambda at: at.of.offered(at.actor, *_owner(at))
    ),
    # Refused for what it is: no type of the company has an external CA.
    "external_certificates.read": Act(
        "device.manage",
        ("device-type",),
        lambda at: at.of.read(at.actor, at["device-type"], at.certificate),
        seen=True,
    ),
    "external_certificates.of_device": Act(
        "device.view", ("device",), lambda at: [at.of.of_device(at.actor, at["device"])]
    ),
    "external_ca_proof.new_challenge": Act(
        "external-ca.manage",
        ("external-ca",),
        lambda at: at.of.new_challenge(at.actor, at["external-ca"]),
    ),
    "external_ca_proof.open_challenge": Act(
        "external-ca.manage",
        ("external-ca",),
        lambda at: at.of.open_challenge(at.actor, at["external-ca"]),
    ),
    "external_ca_proof.verify_by_possession": Act(
        "external-ca.manage",
        ("external-ca",),
        lambda at: at.of.verify_by_possession(at.actor, at["external-ca"], at.certificate),
    ),
    "external_ca_proof.verify_by_override": Act(
        "external-ca.manage",
        ("external-ca",),
        lambda at: at.of.verify_by_override(at.actor, at["external-ca"]),
    ),
}

LISTS: dict[str, Listing] = {
    "external_cas.page": Listing(
        "external-ca.view", "external-ca", lambda at: ids(at.of.page(at.actor, *EVERYTHING))
    ),
    "external_cas.count": Listing(
        "external-ca.view", "external-ca", lambda at: at.of.count(at.actor, EVERYTHING[0])
    ),
}
