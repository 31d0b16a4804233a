"""The form of an EST server."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget

from app.core.language import _
from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.domain.device_types import DeviceType
from app.models.domain.est_labels import can_lead
from app.models.domain.est_servers import EstLabel, EstServer
from app.models.domain.naming import MAX_NAME_LENGTH
from app.models.services.workspace.workspace import Workspace
from app.views.est_servers.labels_field import LabelsField
from app.views.est_servers.switches import ANSWERS, SECURITY, WHO, switch_fields, switched
from app.views.est_servers.words import answers_text, security_text, who_text
from app.views.jobs import Jobs
from app.views.theme.tokens import Tone
from app.views.widgets.field import ChoiceField, Field, TextField
from app.views.widgets.form_dialog import FormDialog
from app.views.widgets.sharing_fields import Owners, read_owners

_GENERAL = ("name", "domain", "tenant_id", "organization_id", "device_type_id")
_LONGEST_DOMAIN = 253


@dataclass(frozen=True)
class Choices:
    """What a form of an EST server offers to somebody; `new_domain` is used by nobody yet."""

    owners: Owners
    device_types: tuple[DeviceType, ...]
    base_domain: str
    new_domain: str


def read_choices(workspace: Workspace, actor: Actor) -> Choices:
    """What `Choices` holds; for a worker thread."""
    return Choices(
        read_owners(workspace.tenants, actor),
        workspace.device_types.all(actor),
        workspace.settings.current.est_base_domain,
        workspace.est_servers.new_domain(),
    )


class EstServerForm(FormDialog):
    """Makes an EST server that begins as `server`, or changes it when it has an id.

    `labels` come along to a new one, as far as their device types are offered there.

    Signals: `saved(EstServer)`.
    """

    def __init__(
        self,
        workspace: Workspace,
        actor: Actor,
        choices: Choices,
        server: EstServer,
        labels: tuple[EstLabel, ...] = (),
        *,
        jobs: Jobs,
        parent: QWidget,
    ) -> None:
        servers = workspace.est_servers

        def save(values: Mapping[str, Any]) -> EstServer:
            wanted = replace(
                server, **{key: values[key] for key in (*_GENERAL, *WHO, *SECURITY, *ANSWERS)}
            )
            if not server.id:
                return servers.create(actor, wanted, values["labels"])
            servers.edit(actor, wanted)
            return wanted

        new = server.id == 0
        title = _("New EST server") if new else _("Change {name}").format(name=server.name)
        super().__init__(title, jobs, save, parent)
        self._choices, self._before = choices, server
        asks_tenant = reach(actor, Operation.EST_SERVER_MANAGE) is Reach.ALL
        self._add_general(labels, asks_tenant=asks_tenant)
        self._add_switches()
        self._put(server)
        self._certificate.changed.connect(self._offer_labels)

    def _add_general(self, labels: tuple[EstLabel, ...], *, asks_tenant: bool) -> None:
        self.add(TextField(_("Name"), required=True, max_length=MAX_NAME_LENGTH), "name")
        self._domain = TextField(
            _("Domain"),
            required=True,
            mono=True,
            max_length=_LONGEST_DOMAIN,
            hint=_(
                "The host name that devices call, ending with .{base}. EST servers of one tenant"
                " may share it. Empty it to have a new one."
            ).format(base=self._choices.base_domain),
        )
        self.add(self._domain, "domain")
        self._domain.input.editingFinished.connect(self._renew_domain)
        self._tenant: ChoiceField[int | None] = ChoiceField(_("Tenant"), [], required=True)
        self._organization: ChoiceField[int | None] = ChoiceField(
            _("Organization"), [], required=True
        )
        self._type: ChoiceField[int | None] = ChoiceField(
            _("Device type"), [], required=True, hint=_("The type of the devices that enrol here.")
        )
        self.add(self._tenant, "tenant_id").setVisible(asks_tenant)
        self.add(self._organization, "organization_id")
        self.add(self._type, "device_type_id")
        self._labels = self.add(LabelsField(labels), "labels")
        self._labels.setVisible(bool(labels))

    def _add_switches(self) -> None:
        fields, before = switch_fields(), self._before
        sections: tuple[tuple[str, tuple[str, ...], Callable[[EstServer], str]], ...] = (
            (_("Who may enrol"), WHO, who_text),
            (_("Security"), SECURITY, security_text),
            (_("Answers"), ANSWERS, answers_text),
        )
        for title, keys, text in sections:
            self.add_section(title, partial(_summary, text, before, fields))
            for key in keys:
                self.add(fields[key], key)
        self.sections[0].open()  # one way to authenticate has to be chosen (EST-11)
        self._password = fields["password_authentication"]
        self._certificate = fields["certificate_authentication"]

    def _put(self, server: EstServer) -> None:
        """Show the server; what is not offered to it any more is not chosen."""
        owners, mine = self._choices.owners, server.tenant_id
        tenants = [one for one in owners.tenants if one.active or one.id == mine]
        self._tenant.set_choices(_choices(tenants, _("None yet, see the page “Tenants”")))
        for key in ("name", "domain", *WHO, *SECURITY, *ANSWERS):
            self.fields[key].set_value(getattr(server, key))
        self._offer_organizations()
        for field, offer in (
            (self._tenant, self._offer_organizations),
            (self._organization, self._offer_types),
            (self._type, self._follow_type),
            (self._password, self._follow_type),
        ):
            field.changed.connect(offer)
        for choice, chosen in (
            (self._tenant, server.tenant_id),
            (self._organization, server.organization_id),
        ):
            with suppress(ValueError):  # a clone asks for another organization
                choice.set_value(chosen)

    def _renew_domain(self) -> None:
        if self._domain.is_empty():
            self._domain.set_value(self._choices.new_domain)

    def _offer_organizations(self) -> None:
        tenant_id, before = self._tenant.value(), self._before
        found = [
            one
            for one in self._choices.owners.organizations
            if one.tenant_id == tenant_id and (one.active or one.id == before.organization_id)
        ]
        none = _("None yet, see the page “Organizations”") if tenant_id else _("Choose a tenant")
        self._organization.set_choices(_choices(found, none))
        elsewhere = not before.id and tenant_id not in {None, before.tenant_id}
        if elsewhere and self._domain.value() == before.domain:
            self._domain.set_value(self._choices.new_domain)  # tenants share none (EST-15)
        self._offer_types()

    def _offer_types(self) -> None:
        """Only active types that are offered to the organization (EST-06, EST-09)."""
        found = [
            one
            for one in self._choices.device_types
            if self._is_offered(one)
            and (one.active or (self._before.id and one.id == self._before.device_type_id))
        ]
        none = _("None is offered there, see the page “Device types”")
        if self._organization.value() is None:
            none = _("Choose an organization")
        self._type.set_choices(_choices(found, none))
        if self._type.value() is None:
            with suppress(ValueError):  # it may not be offered there
                self._type.set_value(self._before.device_type_id)
        self._follow_type()
        self._offer_labels()

    def _offer_labels(self) -> None:
        """Those that can lead somewhere at the EST server as it stands here."""
        server = replace(
            self._before,
            tenant_id=self._tenant.value() or 0,
            organization_id=self._organization.value() or 0,
            certificate_authentication=self._certificate.value(),
        )
        types = self._choices.device_types
        self._labels.offer({one.id for one in types if can_lead(server, one)})

    def _follow_type(self) -> None:
        """Say what devices of the chosen type cannot do (EST-05)."""
        types = {one.id: one for one in self._choices.device_types}
        chosen = types.get(self._type.value() or 0)
        self._certificate.clear_message()
        if chosen is not None and not chosen.operational_template_ids:
            self._forbid_certificates()
            text = _("{name} has no operational template: its devices can use passwords only.")
            self._certificate.set_message(text.format(name=chosen.name), Tone.WARNING)
        else:
            self._allow_certificates()
        if chosen is not None and self._password.value() and not chosen.password_enabled:
            text = _("Devices of {name} have no password.")
            self._password.set_message(text.format(name=chosen.name), Tone.WARNING)
        else:
            self._password.clear_message()

    def _forbid_certificates(self) -> None:
        if self._certificate.editor.isEnabled():
            self._certificates_wanted = self._certificate.value()
            self._certificate.set_value(False)
            self._certificate.editor.setEnabled(False)

    def _allow_certificates(self) -> None:
        """As it was: who chooses with the arrow keys passes by types that cannot have them."""
        if not self._certificate.editor.isEnabled():
            self._certificate.set_value(self._certificates_wanted)
            self._certificate.editor.setEnabled(True)

    def _is_offered(self, device_type: DeviceType) -> bool:
        organization_id = self._organization.value()
        return organization_id is not None and device_type.sharing.offered_to(
            self._tenant.value(), organization_id
        )


def _choices(found: Sequence[Any], none: str) -> list[tuple[int | None, str]]:
    """The only one, or a choice of several, or `none`."""
    offered: list[tuple[int | None, str]] = [(one.id, one.name) for one in found]
    if len(offered) == 1:
        return offered
    return [(None, _("Choose…") if offered else none), *offered]


def _summary(
    text: Callable[[EstServer], str], before: EstServer, fields: Mapping[str, Field[Any]]
) -> str:
    """What the fields of a section say."""
    return text(switched(before, fields))
