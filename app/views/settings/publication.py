"""Where certificates say that revocation lists and OCSP answers are, and where they are served."""

from PySide6.QtWidgets import QHBoxLayout

from app.core.language import _
from app.models.domain.access import Actor
from app.models.services.workspace.station_settings import StationSettings
from app.views.jobs import Jobs
from app.views.settings.card import Card
from app.views.shell.listener_control import ListenerSwitch
from app.views.theme.tokens import Tone
from app.views.widgets.badge import Badge, BadgeText
from app.views.widgets.field import NumberField, TextField


class PublicationCard(Card):
    """Each value is kept when its input is left; the listener takes it up when it starts."""

    def __init__(
        self, settings: StationSettings, actor: Actor, jobs: Jobs, listener: ListenerSwitch
    ) -> None:
        super().__init__(_("Revocation addresses"))
        self._settings = settings
        self._actor = actor
        self._jobs = jobs
        self._listener = listener
        self.url = TextField(
            _("Address in certificates"),
            mono=True,
            hint=_(
                "Like http://pki.example.com:8080. Whoever checks a certificate must reach it for"
                " as long as the certificate lasts. Leave it empty to publish nothing."
            ),
        )
        self.host = TextField(
            _("Address to listen on"),
            mono=True,
            hint=_("0.0.0.0 is every network of this computer, 127.0.0.1 this computer only."),
        )
        self.port = NumberField(
            _("Port to listen on"), 0, 65535, hint=_("0 lets the system choose.")
        )
        self.port.input.setGroupSeparatorShown(False)
        self.state = Badge(BadgeText(""))
        current = settings.current
        self.url.set_value(current.publication_url)
        self.host.set_value(current.publication_host)
        self.port.set_value(current.publication_port)
        self.url.input.editingFinished.connect(self._keep_url)
        self.host.input.editingFinished.connect(self._keep_host)
        self.port.input.editingFinished.connect(self._keep_port)
        listener.changed.connect(self.look)
        self._lay_out()
        self.look()

    def look(self) -> None:
        """Show whether lists are published, and why not."""
        problem, address = self._listener.publication_problem, self._listener.publication_address
        self.port.clear_message()
        if problem is not None:
            self.state.set_state(BadgeText(_("not published"), Tone.BAD))
            self.port.set_error(problem)
        elif address:
            text = _("published on {address}").format(address=address)
            self.state.set_state(BadgeText(text, Tone.GOOD))
        else:
            self.state.set_state(BadgeText(_("not published"), Tone.WARNING))

    def _keep_url(self) -> None:
        self._keep(self.url, "publication_url")

    def _keep_host(self) -> None:
        if self.host.value():
            self._keep(self.host, "publication_host")
        else:
            self.host.set_message(_("Type the address to listen on."))

    def _keep_port(self) -> None:
        self._keep(self.port, "publication_port")

    def _keep(self, field: TextField | NumberField, setting: str) -> None:
        value = field.value()
        if value == getattr(self._settings.current, setting):
            return

        self._jobs.run(
            self,
            lambda: self._settings.change(self._actor, **{setting: value}),
            lambda _nothing: self._tell_saved(field),
            field.set_error,
        )

    def _tell_saved(self, field: TextField | NumberField) -> None:
        if self._listener.running:
            text = _("Saved. Stop and start the EST listener to use it.")
            field.set_message(text, Tone.WARNING)
        else:
            field.set_message(_("Saved. Published while the EST listener runs."), Tone.GOOD)

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.addWidget(self.state)
        line.addStretch(1)
        self.body.addWidget(self.url)
        self.body.addWidget(self.host)
        self.body.addWidget(self.port)
        self.body.addLayout(line)
