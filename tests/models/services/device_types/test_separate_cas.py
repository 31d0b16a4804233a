"""Devices that register themselves: nothing lets one CA issue both kinds of certificate (DT-22)."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import update

from app.core.errors import ConflictError, InvalidInputError
from app.models.db import tables
from app.models.domain.access import SYSTEM, Actor
from app.models.domain.setup_files import Outcome
from app.models.domain.templates import Template
from app.models.services.workspace.workspace import Workspace
from tests.models.services.authority_material import IN_TEN_YEARS, KEY, new_root
from tests.models.services.gateways import device_type

pytestmark = pytest.mark.req("DT-22")
FACTORY, CLIENT = "Gateway IDevID", "Gateway mTLS client"
FACTORY_CA, CLIENT_CA = "Acme Factory CA 1", "Acme Operational CA 1"
SAME_CA = "operational certificates of Gateway 200 would come from the same CA"


@pytest.fixture
def registering(demo: Workspace) -> Workspace:
    """The demo, whose type Gateway 200 registers devices."""
    demo.device_types.edit(SYSTEM, replace(device_type(demo), auto_registration=True))
    return demo


def template(workspace: Workspace, name: str) -> Template:
    return next(one for one in workspace.templates.all(SYSTEM) if one.name == name)


def moved(workspace: Workspace, name: str, authority: str) -> Template:
    """A template of that name as it would be with another authority."""
    (id_,) = (one.id for one in workspace.authorities.all(SYSTEM) if one.name == authority)
    return replace(template(workspace, name), authority_id=id_)


@pytest.mark.parametrize(("name", "authority"), [(FACTORY, CLIENT_CA), (CLIENT, FACTORY_CA)])
def test_a_template_in_use_keeps_to_another_ca(
    registering: Workspace, admin: Actor, name: str, authority: str
) -> None:
    before = template(registering, name)
    with pytest.raises(ConflictError, match=SAME_CA) as caught:
        registering.templates.edit(admin, moved(registering, name, authority))
    assert caught.value.field == "authority_id"
    assert f"For Gateway 200, factory certificates would be issued by CN={authority}" in (
        caught.value.cause
    )
    assert caught.value.cause.count(authority) == 2
    assert template(registering, name) == before


def test_every_type_that_would_break_is_named_active_or_not(
    registering: Workspace, admin: Actor
) -> None:
    kind = device_type(registering)
    other = registering.device_types.create(admin, replace(kind, id=0, name="Gateway 100"))
    registering.device_types.set_active(admin, other.id, active=False)
    with pytest.raises(ConflictError, match=r"of Gateway 100, Gateway 200 would") as caught:
        registering.templates.edit(admin, moved(registering, CLIENT, FACTORY_CA))
    assert caught.value.cause.count("For Gateway") == 2


def test_without_auto_registration_it_is_allowed_until_that_is_switched_on(
    demo: Workspace, admin: Actor
) -> None:
    demo.templates.edit(admin, moved(demo, CLIENT, FACTORY_CA))
    with pytest.raises(InvalidInputError, match="from the same CA") as caught:
        demo.device_types.edit(admin, replace(device_type(demo), auto_registration=True))
    assert caught.value.field == "auto_registration"


def test_what_is_broken_already_holds_up_no_other_edit(demo: Workspace, admin: Actor) -> None:
    demo.templates.edit(admin, moved(demo, CLIENT, FACTORY_CA))
    with demo.store.change(SYSTEM) as change:
        change.connection.execute(update(tables.device_type).values(auto_registration=True))
    renamed = replace(template(demo, CLIENT), name="mTLS")
    assert demo.templates.edit(admin, renamed) == renamed
    mended = moved(demo, "mTLS", CLIENT_CA)
    assert demo.templates.edit(admin, mended) == mended


def test_a_predecessor_counts_as_its_successor(registering: Workspace, admin: Actor) -> None:
    (old,) = (one for one in registering.authorities.all(SYSTEM) if one.name == FACTORY_CA)
    registering.authority_making.roll_over(admin, old.id, "Next", KEY, not_after=IN_TEN_YEARS)
    for name in (FACTORY_CA, "Next"):
        with pytest.raises(ConflictError, match=SAME_CA):
            registering.templates.edit(admin, moved(registering, CLIENT, name))


def test_an_external_ca_may_not_be_above_the_new_authority(
    registering: Workspace, admin: Actor
) -> None:
    (top,) = (one for one in registering.authorities.all(admin) if one.issuer_id is None)
    own = registering.external_cas.register(admin, "Own root", top.certificate, 1, verified=True)
    new_root(registering, "Elsewhere")
    registering.templates.edit(admin, moved(registering, CLIENT, "Elsewhere"))
    bought = replace(device_type(registering), factory_template_id=None, factory_mapping={})
    registering.device_types.edit(admin, replace(bought, external_ca_id=own.id))
    with pytest.raises(ConflictError, match=SAME_CA) as caught:
        registering.templates.edit(admin, moved(registering, CLIENT, CLIENT_CA))
    assert "issued by Own root and" in caught.value.cause


def test_a_set_up_file_cannot_do_it_either(registering: Workspace, admin: Actor) -> None:
    file = json.loads(registering.setup_files.export(admin)) | {"signature": None}
    for one in file["templates"]:
        if one["name"] == CLIENT:
            one["authority"] = FACTORY_CA
    plan = registering.setup_files.plan(admin, json.dumps(file).encode())
    (refused,) = (item for item in plan.items if item.outcome is Outcome.IMPOSSIBLE)
    assert refused.name == CLIENT
    assert "Gateway 200" in refused.problem
    assert FACTORY_CA in refused.problem
