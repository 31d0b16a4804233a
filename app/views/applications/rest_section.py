"""Where an API application signs in to the REST API, and what it may do there."""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.config.settings import Settings
from app.core.language import _
from app.models.domain.applications import ApplicationRow
from app.models.services import station
from app.views.shell.listener_control import ListenerSwitch
from app.views.theme.fonts import scaled
from app.views.widgets.copy_label import CopyLabel

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
    shown = QWidget()
    column = QVBoxLayout(shown)
    column.setContentsMargins(scaled(8), 0, 0, 0)
    column.setSpacing(scaled(6))
    column.addWidget(_dim(_may_text(row)))
    column.addWidget(CopyLabel(_("sign-in address"), f"{rest_api.url}/auth"))
    column.addWidget(
        _dim(
            _(
                "It signs in there with AppID and AppKey, or with its certificate. All that it"
                " can ask is described, in OpenAPI, at"
            )
        )
    )
    column.addWidget(CopyLabel(_("address of the description"), f"{rest_api.url}/openapi.json"))
    if not rest_api.answers:
        column.addWidget(_dim(_("Nobody answers there until the EST listener runs.")))
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


def _dim(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "dim")
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
