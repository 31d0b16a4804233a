"""The form of a device type, beside a preview of a device."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from app.core.errors import KnownError
from app.core.language import _
from app.models.domain.access import Actor, Operation, Reach, Sharing, reach
from app.models.domain.device_type_rules import MAX_HOURS
from app.models.domain.device_types import DeviceType
from app.models.domain.external_cas import ExternalCa
from app.models.domain.naming import MAX_NAME_LENGTH
from app.models.domain.templates import CertificateKind, Template
from app.models.services.listing import ListQuery
from app.models.services.workspace.workspace import Workspace
from app.views.device_types.attributes_field import AttributesField
from app.views.device_types.ca_field import CaField
from app.views.device_types.form_values import Source, device_type_in, values_of
from app.views.device_types.mapping_field import MappingField
from app.views.device_types.operational_field import OperationalField
from app.views.device_types.preview import Described, DevicePreview
from app.views.device_types.properties_field import PropertiesField
from app.views.device_types.words import (
    NOTHING,
    device_field_choices,
    fields_text,
    password_text,
    renewal_text,
    switches_text,
)
from app.views.jobs import Jobs
from app.views.widgets.field import CheckField, ChoiceField, Field, NumberField, TextField
from app.views.widgets.form_dialog import FormDialog
from app.views.widgets.sharing_fields import Owners, SharingFields, read_owners

_PAUSE_MS = 300
_MANAGE = Operation.DEVICE_TYPE_MANAGE


@dataclass(frozen=True)
class Choices:
    """What a form of a device type offers to somebody."""

    owners: Owners
    templates: tuple[Template, ...]
    external_cas: tuple[ExternalCa, ...]


def read_choices(workspace: Workspace, actor: Actor) -> Choices:
    """What `Choices` holds; for a worker thread."""
    return Choices(
        read_owners(workspace.tenants, actor),
        workspace.templates.all(actor),
        read_external_cas(workspace, actor),
    )


def read_external_cas(workspace: Workspace, actor: Actor) -> tuple[ExternalCa, ...]:
    """The external CAs that are trusted, by name; for a worker thread."""
    rows = workspace.external_cas.page(actor, ListQuery(active=True), 0, 1000)
    return tuple(row.ca for row in rows if row.ca.trusted)


class DeviceTypeForm(FormDialog):
    """Makes a device type that begins as `device_type`, or changes it when it has an id.

    Signals: `saved(DeviceType)`; `register_requested()` when an external CA is to be registered
    (see `registered`).
    """

    register_requested = Signal()

    def __init__(
        self,
        workspace: Workspace,
        actor: Actor,
        choices: Choices,
        device_type: DeviceType,
        *,
        jobs: Jobs,
        parent: QWidget,
    ) -> None:
        new = device_type.id == 0
        save = workspace.device_types.create if new else workspace.device_types.edit
        title = _("New device type") if new else _("Change {name}").format(name=device_type.name)
        super().__init__(
            title, jobs, lambda values: save(actor, device_type_in(values, device_type)), parent
        )
        self._workspace, self._actor = workspace, actor
        self._before, self._choices = device_type, choices
        self._add_general()
        self._add_factory()
        self._add_operational()
        self._add_switches()
        self._add_credentials()
        self._add_fields()
        self._put(device_type)
        self.preview = DevicePreview(self._described, workspace.template_samples, actor, jobs, self)
        self.set_side(self.preview)
        for field in self.fields.values():
            field.changed.connect(self.preview.refresh)
        self.preview.refresh()

    def device_type(self) -> DeviceType:
        """The device type as the form describes it now."""
        values = {key: field.value() for key, field in self.fields.items()}
        return device_type_in(values, self._before)

    def registered(self, ca: ExternalCa) -> None:
        """An external CA was registered meanwhile: offer it, if it can be chosen."""

        def show(found: tuple[ExternalCa, ...]) -> None:
            self._choices = Choices(self._choices.owners, self._choices.templates, found)
            self._offer()
            self._ca.tell_registered(ca)

        read = self._workspace, self._actor
        self._jobs.run(self, lambda: read_external_cas(*read), show, self.banner.show_error)

    def show_error(self, error: KnownError) -> None:
        """As every form does; what is wrong with a property or an attribute stands under them."""
        keys = {one.key for one in self._attributes.value()}
        place = error.field or ""
        if place in {one.key for one in self._properties.value()}:
            place = "properties"
        elif place == "fields" or (place in keys and place not in self.fields):
            self._attributes.choose(place)
            place = "attributes"
        super().show_error(
            type(error)(error.problem, cause=error.cause, remedy=error.remedy, field=place)
        )
        if place == "auto_registration" and error.cause:
            self.fields[place].set_message(f"{error.problem} {error.cause} {error.remedy}")

    def _add_general(self) -> None:
        self.add(TextField(_("Name"), required=True, max_length=MAX_NAME_LENGTH), "name")
        self.add(TextField(_("Description")), "description")
        self._sharing = SharingFields(self, self._actor, _MANAGE, self._choices.owners)

    def _add_factory(self) -> None:
        sources = [
            (Source.NONE, _("No factory certificates")),
            (Source.INTERNAL, _("Issued here, from a template")),
            (Source.EXTERNAL, _("Issued by an external CA")),
        ]
        self._source = ChoiceField(_("Source"), sources)
        self._factory: ChoiceField[int | None] = ChoiceField(
            _("Factory template"), [(None, NOTHING)], required=True
        )
        may_register = reach(self._actor, Operation.EXTERNAL_CA_MANAGE) is not Reach.NONE
        self._ca = CaField(_("External CA"), may_register=may_register)
        self._ca.register_requested.connect(self.register_requested)
        self._factory_mapping = MappingField(_("Fields of the factory certificate"))
        self._factory_hours = _hours()
        self.add_section(_("Factory certificate"), lambda: self._factory_text())  # noqa: PLW0108
        self.add(self._source, "source")
        self.add(self._factory, "factory_template_id")
        self.add(self._ca, "external_ca_id")
        self.add(self._factory_mapping, "factory_mapping")
        self.add(self._factory_hours, "factory_renewal_hours")
        self._source.changed.connect(self._follow_source)
        self._factory.changed.connect(self._follow_templates)

    def _add_operational(self) -> None:
        self._operational = OperationalField(
            _("Templates"), hint=_("A device that is created here gets the default one.")
        )
        self._operational_mapping = MappingField(_("Fields of the operational certificates"))
        hours = _hours()

        def summary() -> str:
            names = [one.name for one in self._templates(self._operational.value())]
            return "; ".join((", ".join(names) or NOTHING, renewal_text(hours.value())))

        self.add_section(_("Operational certificates"), summary)
        self.add(self._operational, "operational_template_ids")
        self.add(self._operational_mapping, "operational_mapping")
        self.add(hours, "operational_renewal_hours")
        self._operational.changed.connect(self._follow_templates)

    def _add_switches(self) -> None:
        enforced = CheckField(
            _("Enforce factory mode"),
            hint=_("A device gets a new certificate only while it is in factory mode."),
        )
        registered = CheckField(
            _("Device auto-registration"),
            hint=_("An unknown device with a good factory certificate is created as it connects."),
        )
        mapped = CheckField(
            _("Use certificate mapping to create the device"),
            hint=_("Name and fields of a device are read from its factory certificate."),
        )
        self.add_section(
            _("Registration and modes"),
            lambda: switches_text(
                enforced=enforced.value(), registered=registered.value(), mapped=mapped.value()
            ),
        )
        self.add(enforced, "enforce_factory_mode")
        self.add(registered, "auto_registration")
        self.add(mapped, "use_mapping")

    def _add_credentials(self) -> None:
        enabled = CheckField(
            _("Device ID and password"),
            hint=_("The name of the device is its ID; the password is given when it is created."),
        )
        kept = NumberField(_("Password file kept (hours)"), 1, MAX_HOURS)
        enabled.changed.connect(lambda: kept.setVisible(enabled.value()))
        self.add_section(
            _("Credentials"),
            lambda: password_text(kept.value()) if enabled.value() else _("no password"),
        )
        self.add(enabled, "password_enabled")
        self.add(kept, "password_retention_hours")

    def _add_fields(self) -> None:
        self._properties = PropertiesField(_("What devices of this type have"))
        self.add_section(_("Properties"), lambda: fields_text(self._properties.value()))
        self.add(self._properties, "properties")
        self._attributes = AttributesField(_("What else is known of a device"))
        self.add_section(_("Custom attributes"), lambda: fields_text(self._attributes.value()))
        self.add(self._attributes, "attributes")
        # Forty attributes make long lists to map from: they can wait until nobody types.
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._follow_fields)
        for field in (self._properties, self._attributes):
            field.changed.connect(self._pause.start)

    def _put(self, device_type: DeviceType) -> None:
        """Show the type; what it is offered to decides what it can be made of."""
        if device_type.id or device_type.name:
            self._sharing.set_sharing(device_type.sharing)
        self._offer()
        self._operational.set_value(device_type.operational_template_ids)
        for choice, chosen in (
            (self._factory, device_type.factory_template_id),
            (self._ca, device_type.external_ca_id),
        ):
            with suppress(ValueError):  # it is not offered any more
                choice.set_value(chosen)
        for key, value in values_of(device_type).items():
            field: Field[Any] = self.fields[key]
            field.set_value(value)
        self._follow_source()
        self._follow_fields()
        for mapping, key in (
            (self._factory_mapping, "factory_mapping"),
            (self._operational_mapping, "operational_mapping"),
        ):
            mapping.set_value(getattr(device_type, key))
        self._attributes.order_tabs()
        self._sharing.on_change(self._offer)

    def _offer(self) -> None:
        """Only what is offered as widely as the type (DTC-02, DTC-08, DTC-10).

        A template that the type has stays there when it is not active any more: Save says so.
        """
        sharing, before = self._sharing.sharing(), self._before
        had = {before.factory_template_id, *before.operational_template_ids}
        factory, operational = (
            [
                (one.id, one.name)
                for one in self._choices.templates
                if one.kind is kind
                and one.sharing.covers(sharing)
                and (one.active or one.id in had)
            ]
            for kind in (CertificateKind.FACTORY, CertificateKind.OPERATIONAL)
        )
        self._factory.set_choices([(None, _("Choose…")), *factory])
        self._operational.set_choices(operational)
        cas = self._choices.external_cas
        fitting = [one for one in cas if _is_for(one, sharing)]
        self._ca.offer(fitting, [one for one in cas if one not in fitting])
        self._follow_templates()

    def _follow_source(self) -> None:
        source = self._source.value()
        for field, shown in (
            (self._factory, source is Source.INTERNAL),
            (self._ca, source is Source.EXTERNAL),
            (self._factory_hours, source is not Source.NONE),
        ):
            field.setVisible(shown)
        self._follow_templates()

    def _follow_templates(self) -> None:
        internal = self._source.value() is Source.INTERNAL
        chosen = [self._factory.value()] if internal else []
        self._factory_mapping.set_templates(self._templates(chosen))
        self._operational_mapping.set_templates(self._templates(self._operational.value()))
        self.grow()

    def _follow_fields(self) -> None:
        fields = (*self._properties.value(), *self._attributes.value())
        choices = device_field_choices([one for one in fields if one.key])
        self._factory_mapping.set_device_fields(choices)
        self._operational_mapping.set_device_fields(choices)

    def _templates(self, ids: Iterable[int | None]) -> list[Template]:
        known = {one.id: one for one in self._choices.templates}
        return [known[id_] for id_ in ids if id_ in known]

    def _described(self) -> Described:
        described = self.device_type()
        factory = self._templates([described.factory_template_id])
        operational = self._templates(described.operational_template_ids)
        return Described(
            described, factory[0] if factory else None, operational[0] if operational else None
        )

    def _factory_text(self) -> str:
        source: Source = self._source.value()
        if source is Source.NONE:
            return _("none")
        field = self._factory if source is Source.INTERNAL else self._ca
        return "; ".join((field.input.currentText(), renewal_text(self._factory_hours.value())))


def _is_for(ca: ExternalCa, sharing: Sharing) -> bool:
    """Whether everyone a type is offered to has the CA."""
    whole = ca.organization_id is None
    return ca.tenant_id == sharing.tenant_id and (
        whole or ca.organization_id == sharing.organization_id
    )


def _hours() -> NumberField:
    return NumberField(_("Renewed in the last hours before expiry (0: any time)"), 0, MAX_HOURS)
