"""What a person does to the form of a device type."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.views.device_types.attributes_field import AttributesField
from app.views.device_types.ca_field import CaField
from app.views.device_types.form import DeviceTypeForm
from app.views.device_types.mapping_field import MappingField
from app.views.device_types.operational_field import OperationalField
from app.views.device_types.properties_field import PropertiesField
from tests.views.hands import click
from tests.views.soon import soon


def operational(form: DeviceTypeForm) -> OperationalField:
    field = form.fields["operational_template_ids"]
    assert isinstance(field, OperationalField)
    return field


def mapping(form: DeviceTypeForm, key: str = "operational_mapping") -> MappingField:
    field = form.fields[key]
    assert isinstance(field, MappingField)
    return field


def properties(form: DeviceTypeForm) -> PropertiesField:
    field = form.fields["properties"]
    assert isinstance(field, PropertiesField)
    return field


def attributes(form: DeviceTypeForm) -> AttributesField:
    field = form.fields["attributes"]
    assert isinstance(field, AttributesField)
    return field


def external(form: DeviceTypeForm) -> CaField:
    field = form.fields["external_ca_id"]
    assert isinstance(field, CaField)
    return field


def saved(form: DeviceTypeForm) -> None:
    """Press Save and wait until the form is gone."""
    gone: list[object] = []
    form.saved.connect(gone.append)
    click(form.save)
    soon(lambda: bool(gone))


def space(widget: object) -> None:
    QTest.keyClick(widget, Qt.Key.Key_Space)  # type: ignore[call-overload]  # any widget
