"""The Device types page: what families of devices there are."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.core.language import _
from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.domain.device_types import DeviceField, DeviceProperty, DeviceType, property_title
from app.models.domain.events import DeviceChanged, EntityChanged
from app.models.services.device_types.rows import DeviceTypeRow
from app.models.services.workspace.workspace import Workspace
from app.views.device_types.form import Choices, DeviceTypeForm, read_choices
from app.views.device_types.panel import (
    DeviceTypeDetails,
    factory_section,
    fields_section,
    general_section,
    operational_section,
    read_details,
    versions_section,
)
from app.views.device_types.words import NOTHING
from app.views.jobs import Jobs
from app.views.widgets.column import Column
from app.views.widgets.entity_list_page import active_badge
from app.views.widgets.history_view import add_object_history
from app.views.widgets.page import ActionRow
from app.views.widgets.shareable_page import ShareablePage
from app.views.widgets.sharing_fields import access_text

_MANAGE = Operation.DEVICE_TYPE_MANAGE


class DeviceTypesPage(ShareablePage[DeviceTypeRow]):
    """All device types within reach; made and changed by administrators.

    Signals: `register_ca_requested(DeviceTypeForm)` when an external CA is to be registered
    for a form; tell its `registered`.
    """

    register_ca_requested = Signal(object)

    def __init__(
        self, workspace: Workspace, actor: Actor, jobs: Jobs, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            _("Device types"),
            workspace.device_types,
            actor,
            jobs,
            manage=_MANAGE,
            columns=_columns(),
            icon="package",
            none_yet=_(
                "No device types yet. A type says what a family of devices has in common: its"
                " fields, certificates and credentials."
            ),
            no_match=_("No device type matches. Change the filter."),
            refresh_on=(EntityChanged, DeviceChanged),
            parent=parent,
        )
        self._workspace = workspace
        may_make = reach(actor, _MANAGE) is not Reach.NONE
        self.new_action = self.add_new(
            _("New device type"), _("Create the first device type"), self._new, allowed=may_make
        )
        self.edit = self.add_row_action(_("Edit…"), "pencil", self._edit, when=self.may)
        self.clone = self.add_row_action(
            _("Clone…"), "copy", self._clone, when=lambda _row: may_make
        )
        self.add_life_cycle(
            deactivating=_(
                "No device of it can be created until it is activated again. Devices that exist"
                " go on as they are."
            ),
            deleting=_("It is only deleted if there is no device of it and no EST server uses it."),
        )

    def show_row(self, row: DeviceTypeRow) -> None:
        """Show what a type says, its versions and its history (DTL-03)."""
        workspace, actor = self._workspace, self._actor
        self.show_details(lambda: read_details(workspace, actor, row), self._show_type)

    def _show_type(self, details: DeviceTypeDetails) -> None:
        row, fields, panel = details.row, details.device_type.fields, self.panel
        panel.clear()
        panel.set_heading(row.name, details.device_type.description, active_badge(row.active))
        panel.add_section("", ActionRow(self.row_actions))
        panel.add_section(_("General"), general_section(details))
        panel.add_section(_("Factory certificate"), factory_section(details))
        panel.add_section(_("Operational certificates"), operational_section(details))
        for title, is_property in ((_("Properties"), True), (_("Attributes"), False)):
            shown = tuple(one for one in fields if one.is_property is is_property)
            if shown:
                panel.add_section(title, fields_section(shown))
        panel.add_section(_("Devices"), versions_section(details))
        add_object_history(
            panel, self.jobs, self._workspace.audit, self._actor, ("device-type", row.id)
        )

    def _new(self) -> None:
        self._open_form(_empty)

    def _edit(self, row: DeviceTypeRow) -> None:
        self._open_form(lambda: self._workspace.device_types.read(self._actor, row.id))

    def _clone(self, row: DeviceTypeRow) -> None:
        def copy() -> DeviceType:
            copied = self._workspace.device_types.read(self._actor, row.id)
            name = _("Copy of {name}").format(name=copied.name)
            return replace(copied, id=0, name=name, active=True, version=1)

        self._open_form(copy)

    def _open_form(self, device_type: Callable[[], DeviceType]) -> None:
        def read() -> tuple[DeviceType, Choices]:
            return device_type(), read_choices(self._workspace, self._actor)

        def show(found: tuple[DeviceType, Choices]) -> None:
            form = DeviceTypeForm(
                self._workspace, self._actor, found[1], found[0], jobs=self.jobs, parent=self
            )
            form.register_requested.connect(lambda: self.register_ca_requested.emit(form))
            form.saved.connect(self.tell_saved)
            form.open()

        self.jobs.run(self, read, show, self.banner.show_error)


def _empty() -> DeviceType:
    """What a new type begins as: all properties, none of them required (DTP-11)."""
    fields = tuple(DeviceField(key.value, property_title(key)) for key in DeviceProperty)
    return DeviceType(id=0, name="", fields=fields)


def _source(row: DeviceTypeRow) -> str:
    return row.factory_template or row.external_ca or NOTHING


def _columns() -> tuple[Column[DeviceTypeRow], ...]:
    return (
        Column("name", _("Name"), lambda row: row.name, width=180),
        Column("active", _("Status"), badge=lambda row: active_badge(row.active), width=96),
        Column("devices", _("Devices"), lambda row: str(row.devices), width=80),
        Column("access", _("Access"), lambda row: access_text(row.sharing.access), width=90),
        Column("source", _("Factory source"), _source, width=150),
        Column(
            "templates",
            _("Operational templates"),
            lambda row: ", ".join(row.operational_templates) or NOTHING,
            tip=lambda row: ", ".join(row.operational_templates),
            width=180,
            sortable=False,
        ),
    )
