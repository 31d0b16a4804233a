"""The Attributes step of the wizard with attributes of every kind."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtTest import QTest

from app.models.domain.access import SYSTEM, Actor
from app.models.domain.device_types import DeviceField, FieldKind
from app.models.services.workspace.workspace import Workspace
from app.models.wizards.steps import Step
from app.views.widgets.field import ChoiceField
from tests.models.services.gateways import device_type
from tests.views.wizard.conftest import Person, only_device

ATTRIBUTES = (
    DeviceField("line", "Line", required=True, kind=FieldKind.CHOICE, choices=("A", "B")),
    DeviceField("mac", "MAC address", required=True, kind=FieldKind.MAC),
    DeviceField("built", "Built on", kind=FieldKind.DATE),
    DeviceField("volts", "Volts", kind=FieldKind.NUMBER, default="24"),
    DeviceField("batch", "Batch", pattern="[A-Z]{2}-[0-9]{3}", max_length=6),
)


@pytest.mark.req("DTP-12", "DTP-13", "DTP-15", "DEV-05", "DEV-11", "DEV-12")
def test_each_kind_is_asked_for_and_checked_in_its_own_way(
    demo: Workspace, admin: Actor, open_wizard: Callable[..., Person]
) -> None:
    kind = device_type(demo)
    plain = replace(
        kind,
        fields=ATTRIBUTES,
        factory_template_id=None,
        factory_mapping={},
        operational_template_ids=(),
        operational_mapping={},
        password_enabled=False,
    )
    demo.device_types.edit(SYSTEM, plain)
    person = open_wizard()
    person.dialog.activateWindow()
    assert QTest.qWaitForWindowActive(person.dialog)
    person.fill_info("gw-1")
    person.press("Next")
    person.stands_at(Step.ATTRIBUTES)
    fields = person.dialog.page().fields
    assert fields["volts"].value() == "24"
    for key, text in (("mac", "001b44113a"), ("built", "31.3.2026"), ("volts", "many")):
        person.type(key, text)
    person.type("batch", "ab-12")
    assert not person.button("Next").isEnabled()
    assert fields["line"].required
    assert "A MAC address is expected" in person.message("mac")
    assert "A day is expected" in person.message("built")
    assert "A number is expected" in person.message("volts")
    assert "does not match the pattern" in person.message("batch")
    line = fields["line"]
    assert isinstance(line, ChoiceField)
    assert [line.input.itemText(row) for row in range(line.input.count())] == ["Choose…", "A", "B"]
    person.pick(line, "B")
    person.type("mac", "001b44113ab7")
    person.type("built", "2026-03-31")
    assert fields["mac"].value() == "00:1B:44:11:3A:B7"
    person.type("volts", "12.5")
    person.type("batch", "AB-1234")
    assert fields["batch"].value() == "AB-123"  # no more can be typed
    person.press("Next")
    person.stands_at(Step.OVERVIEW)
    person.save()
    made = only_device(demo, admin)
    assert made.type_version == 2
    assert {key: made.values[key] for key in ("line", "mac", "built", "volts", "batch")} == {
        "line": "B",
        "mac": "00:1B:44:11:3A:B7",
        "built": "2026-03-31",
        "volts": "12.5",
        "batch": "AB-123",
    }
