"""The form that writes the files with which a client enrols at an EST server (AIS-09)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.client_files.setups import KEYS, ClientCredential, EstClient
from app.models.domain.devices import MAX_NAME_LENGTH
from app.models.domain.est_servers import EstLabelRow, EstServer
from app.models.services.est.client_files import ClientFileMaking
from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs
from app.views.saving import write_new_files
from app.views.theme.tokens import Tone
from app.views.widgets.field import ChoiceField, TextField
from app.views.widgets.folder_field import FolderField
from app.views.widgets.form_dialog import FormDialog
from app.views.widgets.page import Page


@dataclass(frozen=True)
class ClientChoices:
    """What a client may choose from at an EST server: its labels, what it takes as a proof."""

    labels: tuple[EstLabelRow, ...]
    credentials: tuple[tuple[ClientCredential, str], ...]


@dataclass(frozen=True)
class WrittenFiles:
    """Files that were written into a folder, by name, and what is to be known of them."""

    folder: Path
    names: tuple[str, ...]
    warnings: tuple[str, ...]


def ask_client_files(
    page: Page, workspace: Workspace, actor: Actor, jobs: Jobs, server: EstServer
) -> None:
    """Open the form over `page`, whose banner tells what was written."""

    def show(choices: ClientChoices) -> None:
        form = client_files_form(
            workspace.client_files, actor, server, choices, jobs=jobs, page=page
        )
        form.saved.connect(lambda written: _tell(page, written))
        form.open()

    jobs.run(
        page, lambda: read_client_choices(workspace, actor, server), show, page.banner.show_error
    )


def read_client_choices(workspace: Workspace, actor: Actor, server: EstServer) -> ClientChoices:
    """What `ClientChoices` holds; for a worker thread."""
    linked = bool(workspace.applications.linked(actor, server.id))
    credentials: list[tuple[ClientCredential, str]] = []
    if server.password_authentication and linked:
        text = _("Password of the device, or AppKey of an application")
        credentials.append((ClientCredential.PASSWORD, text))
    elif server.password_authentication:
        credentials.append((ClientCredential.PASSWORD, _("Password of the device")))
    elif linked:
        credentials.append((ClientCredential.PASSWORD, _("AppKey of an application")))
    if server.certificate_authentication:
        credentials.append((ClientCredential.FACTORY, _("Factory certificate")))
    if linked:
        credentials.append((ClientCredential.APPLICATION, _("Certificate of an application")))
    return ClientChoices(workspace.est_servers.labels(actor, server.id), tuple(credentials))


def client_files_form(
    making: ClientFileMaking,
    actor: Actor,
    server: EstServer,
    choices: ClientChoices,
    *,
    jobs: Jobs,
    page: Page,
) -> FormDialog:
    """Asks for which client the files are, and where to; its `saved` gets the `WrittenFiles`."""

    def save(values: Mapping[str, Any]) -> WrittenFiles:
        folder = _folder(values["folder"])
        made = making.make(
            actor,
            server.id,
            values["client"],
            device=values["device"],
            label=values.get("label", ""),
            credential=values["credential"],
            key=values["key"],
        )
        contents = {file.path: file.content for file in made.files}
        write_new_files(folder, contents)
        return WrittenFiles(folder, tuple(contents), made.warnings)

    title = _("Client files for {name}").format(name=server.name)
    form = FormDialog(title, jobs, save, page)
    _add_fields(form, choices)
    return form


def _add_fields(form: FormDialog, choices: ClientChoices) -> None:
    clients = [
        (EstClient.AZURE, _("Azure IoT Identity Service")),
        (EstClient.CURL, _("curl and OpenSSL")),
        (EstClient.STRONGSWAN, _("strongSwan pki")),
        (EstClient.LIBEST, _("libest")),
    ]
    hint = _("The program on the device that asks for the certificate.")
    form.add(ChoiceField(_("Client"), clients, hint=hint), "client")
    hint = _("Leave it empty if each device is to fill in its own.")
    form.add(TextField(_("Device name"), hint=hint, max_length=MAX_NAME_LENGTH), "device")
    if choices.labels:
        labels = [("", _("none"))]
        labels += [
            (row.label.name, f"{row.label.name} ({row.device_type_name})") for row in choices.labels
        ]
        form.add(ChoiceField(_("Label"), labels), "label")
    hint = _("Neither a password nor a private key is written into the files.")
    proof = ChoiceField(
        _("How the device proves who it is"), choices.credentials, required=True, hint=hint
    )
    form.add(proof, "credential")
    form.add(ChoiceField(_("Key of the device"), [(key, key.label) for key in KEYS]), "key")
    hint = _("A new folder is made if need be. No file that is there already is replaced.")
    form.add(FolderField(_("Folder to save to"), required=True, hint=hint), "folder")


def _folder(text: str) -> Path:
    folder = Path(text)
    if not folder.is_absolute():
        raise InvalidInputError(
            _("This is not the whole path of a folder."),
            remedy=_("Choose the folder with the button."),
            field="folder",
        )
    return folder


def _tell(page: Page, written: WrittenFiles) -> None:
    text = _("Saved in {folder}: {names}.").format(
        folder=written.folder, names=", ".join(written.names)
    )
    tone = Tone.WARNING if written.warnings else Tone.GOOD
    page.banner.show_message(tone, text, "\n".join(written.warnings))
