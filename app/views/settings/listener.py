"""Where the EST listener listens, and whether it runs."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton

from app.core.errors import KnownError
from app.core.language import _
from app.models.domain.access import Actor
from app.models.services.workspace.station_settings import StationSettings
from app.views.jobs import Jobs
from app.views.settings.card import Card
from app.views.shell.listener_control import ListenerSwitch
from app.views.theme.fonts import scaled
from app.views.theme.style import restyle
from app.views.theme.tokens import Tone
from app.views.widgets.badge import Badge, BadgeText
from app.views.widgets.field import NumberField, TextField


class ListenerCard(Card):
    """Address and port are kept when the input is left; the button starts and stops at once.

    `make_server` leads to where EST servers are made; it is for a workspace without any.
    """

    def __init__(
        self, settings: StationSettings, actor: Actor, jobs: Jobs, listener: ListenerSwitch
    ) -> None:
        super().__init__(_("EST listener"))
        self._settings = settings
        self._actor = actor
        self._jobs = jobs
        self._listener = listener
        self.host = TextField(
            _("Address"),
            mono=True,
            hint=_("0.0.0.0 is every network of this computer, 127.0.0.1 this computer only."),
        )
        self.port = NumberField(_("Port"), 0, 65535, hint=_("0 lets the system choose."))
        self.port.input.setGroupSeparatorShown(False)
        self.starts = QCheckBox(_("Start together with the program"))
        self.starts.setAccessibleName(self.starts.text())
        self.state = Badge(BadgeText(""))
        self.button = QPushButton()
        self.make_server = QPushButton(_("Create an EST server"))
        self.make_server.hide()
        current = settings.current
        self.host.set_value(current.listener_host)
        self.port.set_value(current.listener_port)
        self.starts.setChecked(current.listener_starts)
        self.host.input.editingFinished.connect(self._keep_host)
        self.port.input.editingFinished.connect(self._keep_port)
        self.starts.toggled.connect(self._keep_starts)
        self.button.clicked.connect(self._switch)
        listener.changed.connect(self.look)
        listener.failed.connect(self._tell)
        self._lay_out()
        self.look()

    def look(self) -> None:
        """Show whether the listener runs."""
        listener = self._listener
        if listener.running:
            address = listener.address
            listening = _("listening on {address}").format(address=address)
            text = listening if address else _("no EST server; publishing only")
            self.state.set_state(BadgeText(text, Tone.GOOD))
        else:
            self.state.set_state(BadgeText(_("stopped"), Tone.WARNING))
        self.button.setText(_("Stop listener") if listener.running else _("Start listener"))
        self.button.setProperty("role", "" if listener.running else "primary")
        self.button.setEnabled(not listener.busy)
        restyle(self.button)

    def _switch(self) -> None:
        if self._listener.running:
            self._listener.stop()
        elif self._has_address():
            host, port = self.host.value(), self.port.value()
            self._change(self._listener.start, listener_host=host, listener_port=port)

    def _has_address(self) -> bool:
        """Whether an address is typed; says so when none is."""
        if not self.host.value():
            self.host.set_message(_("Type the address to listen on."))
        return bool(self.host.value())

    def _keep_host(self) -> None:
        if self._has_address() and self.host.value() != self._settings.current.listener_host:
            self._change(lambda: self._tell_saved(self.host), listener_host=self.host.value())

    def _keep_port(self) -> None:
        if self.port.value() != self._settings.current.listener_port:
            self._change(lambda: self._tell_saved(self.port), listener_port=self.port.value())

    def _keep_starts(self, on: bool) -> None:
        self._change(lambda: None, listener_starts=on)

    def _change(self, done: Callable[[], None], **values: object) -> None:
        settings, actor = self._settings, self._actor
        self._jobs.run(
            self, lambda: settings.change(actor, **values), lambda _nothing: done(), self._tell
        )

    def _tell_saved(self, field: TextField | NumberField) -> None:
        if self._listener.running:
            field.set_message(_("Saved. Stop and start the listener to use it."), Tone.WARNING)
        else:
            field.set_message(_("Saved."), Tone.GOOD)

    def _tell(self, error: KnownError) -> None:
        if error is self._listener.publication_problem:
            return  # another card shows it
        field = self.host if error.field in ("host", "listener_host") else self.port
        field.set_error(error)

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(scaled(12))
        line.addWidget(self.button)
        line.addWidget(self.state)
        line.addStretch(1)
        self.body.addWidget(self.host)
        self.body.addWidget(self.port)
        self.body.addWidget(self.starts)
        self.body.addLayout(line)
        self.body.addWidget(self.make_server, 0, Qt.AlignmentFlag.AlignLeft)
