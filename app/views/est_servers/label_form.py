"""The form of a new label of an EST server (LBL-01)."""

from PySide6.QtWidgets import QWidget

from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.device_types import DeviceType
from app.models.domain.est_servers import EstServer
from app.models.services.est.servers import EstServers
from app.views.jobs import Jobs
from app.views.widgets.field import ChoiceField, TextField
from app.views.widgets.form_dialog import FormDialog

_LONGEST = 24


def label_form(
    servers: EstServers,
    actor: Actor,
    server: EstServer,
    device_types: tuple[DeviceType, ...],
    *,
    jobs: Jobs,
    parent: QWidget,
) -> FormDialog:
    """Asks for a name and one of `device_types`, which are offered to the organization.

    The form's `saved` gets the `EstLabel`.
    """
    form = FormDialog(
        _("Add a label to {name}").format(name=server.name),
        jobs,
        lambda values: servers.add_label(
            actor, server.id, values["name"], values["device_type_id"]
        ),
        parent,
        save_text=_("Add"),
    )
    name = TextField(
        _("Label"),
        required=True,
        mono=True,
        max_length=_LONGEST,
        hint=_("3 to 24 lower-case letters and digits. It stands at the end of the address."),
    )
    form.add(name, "name")
    choices: list[tuple[int | None, str]] = [(one.id, one.name) for one in device_types]
    if len(choices) != 1:
        none = _("None is offered there, see the page “Device types”")
        choices.insert(0, (None, _("Choose…") if choices else none))
    hint = _("The type of the devices that come by this label.")
    form.add(ChoiceField(_("Device type"), choices, required=True, hint=hint), "device_type_id")
    return form
