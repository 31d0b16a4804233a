"""Where an API application signs in to the REST API, and what it may do there."""

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from app.config.settings import Settings
from app.core.language import _
from app.models.domain.applications import ApplicationRow
from app.models.services.workspace import station
from app.views.shell.listener_control import ListenerSwitch
from app.views.theme.fonts import scaled
from app.views.widgets.copy_label import CopyLabel
from app.views.widgets.plain_label import plain_label
from app.views.widgets.side_panel import section_column

_EVERY_NETWORK = ("0.0.0.0", "::")  # noqa: S104  compared, not listened on


@dataclass(frozen=True)
class RestApi:
    """Where the REST API is, or will be once the listener runs, and whether it answers.

    `url` has no port while the system is to choose one.
    """

    url: str
    answers: bool


def rest_api_at(listener: ListenerSwitch, settings: Settings) -> RestApi:
    """The REST API as others reach it: by this computer's name if it listens on every network."""
    host, _colon, port = listener.address.rpartition(":")
    if not listener.address:
        host, port = settings.listener_host, str(settings.listener_port or "")
    if host in _EVERY_NETWORK:
        host = (*station.host_names()[1:2], "localhost")[0]
    elif ":" in host:
        host = f"[{host}]"
    place = f"{host}:{port}" if port else host
    return RestApi(f"https://{place}/v2", answers=bool(listener.address))


def rest_section(row: ApplicationRow, rest_api: RestApi) -> QWidget:
    """The addresses to sign in at and to read what can be asked, each to be copied."""
    shown, column = section_column(scaled(6))
    column.addWidget(plain_label(_may_text(row), "dim"))
    column.addWidget(CopyLabel(_("sign-in address"), f"{rest_api.url}/auth"))
    column.addWidget(
        plain_label(
            _(
                "It signs in there with AppID and AppKey, or with its certificate. All that it"
                " can ask is described, in OpenAPI, at"
            ),
            "dim",
        )
    )
    column.addWidget(CopyLabel(_("address of the description"), f"{rest_api.url}/openapi.json"))
    if not rest_api.answers:
        column.addWidget(plain_label(_("Nobody answers there until the EST listener runs."), "dim"))
    return shown


def _may_text(row: ApplicationRow) -> str:
    text = (
        _("It may do in {organization} what an operator may:")
        if row.organization_name
        else _("It may do in each organization of {tenant} what an operator may:")
    )
    what = _("create devices, and issue, renew and revoke certificates.")
    where = text.format(organization=row.organization_name, tenant=row.tenant_name)
    return f"{where} {what}"
