"""The common name of a newly chosen template comes from the device's name, unless one says else."""

from dataclasses import replace

import pytest

from app.models.domain.access import SYSTEM
from app.models.domain.device_types import DEVICE_NAME, DeviceType
from app.models.domain.subjects import FieldRule
from app.models.domain.templates import Template
from app.models.services.workspace.workspace import Workspace
from app.views.device_types.form import DeviceTypeForm
from app.views.device_types.mapping_field import MappingField
from app.views.device_types.words import NOTHING, device_field_choices
from tests.views.device_types.acting import mapping, operational, saved
from tests.views.device_types.conftest import OpenForm, decoded, stored
from tests.views.hands import click, fill
from tests.views.soon import soon

NAME = "subject.CN"
BOTH = ("factory_mapping", "operational_mapping")
EMPTY = DeviceType(id=0, name="", fields=())


def template(demo: Workspace, name: str = "Gateway IDevID") -> Template:
    return next(one for one in demo.templates.all(SYSTEM) if one.name == name)


def another_template(demo: Workspace) -> str:
    """The name of a second factory template with the same fields."""
    second = replace(template(demo), id=0, name="Gateway IDevID 2027")
    return demo.templates.create(SYSTEM, second).name


def unmapped(demo: Workspace) -> DeviceType:
    """A stored type whose common names are left to whoever creates a device."""
    before = stored(demo)
    changed = replace(before, factory_mapping={}, operational_mapping={})
    return demo.device_types.edit(SYSTEM, changed)


def shown_name(form: DeviceTypeForm, key: str) -> str:
    return mapping(form, key).combos[NAME].currentText()


def add_operational(form: DeviceTypeForm, name: str) -> None:
    operational(form).offer.setCurrentText(name)
    click(operational(form).add)


@pytest.mark.req("DTC-13", "DTC-16")
def test_a_new_type_names_its_certificates_after_the_device(
    demo: Workspace, open_form: OpenForm
) -> None:
    form = open_form(EMPTY)
    fill(form, "name", "Cable")
    fill(form, "access", "Tenant")
    fill(form, "source", "Issued here, from a template")
    fill(form, "factory_template_id", "Gateway IDevID")
    add_operational(form, "Gateway mTLS client")
    assert [shown_name(form, key) for key in BOTH] == ["Device name"] * 2
    soon(lambda: decoded(form).count("device-0001") >= 2)
    saved(form)
    made = stored(demo, "Cable")
    assert made.factory_mapping == made.operational_mapping == {NAME: DEVICE_NAME}


def test_whoever_wants_no_mapping_is_not_asked_again(demo: Workspace, open_form: OpenForm) -> None:
    second = another_template(demo)
    form = open_form(EMPTY)
    fill(form, "access", "Tenant")
    fill(form, "source", "Issued here, from a template")
    fill(form, "factory_template_id", "Gateway IDevID")
    mapping(form, "factory_mapping").combos[NAME].setCurrentText(NOTHING)
    fill(form, "factory_template_id", second)
    assert shown_name(form, "factory_mapping") == NOTHING
    assert mapping(form, "factory_mapping").value() == {}


@pytest.mark.parametrize("cloned", [False, True])
def test_a_stored_type_stays_as_it_is(
    demo: Workspace, open_form: OpenForm, *, cloned: bool
) -> None:
    kind = unmapped(demo)
    form = open_form(replace(kind, id=0, name="Copy") if cloned else kind)
    fill(form, "source", "No factory certificates")
    fill(form, "source", "Issued here, from a template")
    click(operational(form).remove)
    add_operational(form, operational(form).offer.currentText())
    fill(form, "access", "Organization")
    fill(form, "organization_id", "North plant")
    assert [shown_name(form, key) for key in BOTH] == [NOTHING] * 2
    saved(form)
    after = stored(demo, "Copy" if cloned else kind.name)
    assert (after.factory_mapping, after.operational_mapping) == ({}, {})


def test_another_template_of_a_stored_type_is_named_after_the_device(
    demo: Workspace, open_form: OpenForm
) -> None:
    second = another_template(demo)
    form = open_form(unmapped(demo))
    fill(form, "factory_template_id", second)
    assert shown_name(form, "factory_mapping") == "Device name"
    assert shown_name(form, "operational_mapping") == NOTHING


def test_a_template_that_joins_others_changes_nothing_of_theirs(demo: Workspace) -> None:
    field, first = field_of_a_device(), template(demo)
    field.set_templates([first])
    field.set_value({})
    field.set_templates([first, replace(first, id=first.id + 1)])
    assert field.value() == {}


@pytest.mark.req("DTC-13")
def test_a_fixed_name_is_not_mapped_and_one_beside_it_is_proposed_later(demo: Workspace) -> None:
    open_name = template(demo)
    fixed = replace(
        open_name,
        id=open_name.id + 1,
        fields=tuple(
            replace(one, rule=FieldRule.FIXED, default="Fixed") if one.key == NAME else one
            for one in open_name.fields
        ),
    )
    field = field_of_a_device()
    field.set_templates([fixed])
    assert NAME not in field.combos
    assert field.value() == {}
    field.set_templates([open_name])
    assert field.value() == {NAME: DEVICE_NAME}


def test_templates_alike_in_their_fields_are_told_apart(demo: Workspace) -> None:
    field, first = field_of_a_device(), template(demo)
    field.set_templates([first])
    field.set_value({})
    told: list[None] = []
    field.changed.connect(lambda: told.append(None))
    field.set_templates([replace(first, id=first.id + 1)])
    assert field.combos[NAME].currentText() == "Device name"
    assert field.value() == {NAME: DEVICE_NAME}
    assert told == [None]


def field_of_a_device() -> MappingField:
    field = MappingField("Fields")
    field.set_device_fields(device_field_choices([]))
    return field
