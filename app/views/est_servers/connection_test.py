"""Whether an EST server answers: asked over the network, as a device would (EST-18)."""

from typing import Any

from PySide6.QtCore import QObject

from app.core.language import _, ngettext
from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.domain.est_servers import EstServer
from app.models.services.est.servers import EstServers
from app.views.shell.listener_control import ConnectionReport, ListenerSwitch
from app.views.theme.tokens import Tone
from app.views.widgets.confirm import confirm
from app.views.widgets.list_page import ListPage


class ConnectionTest(QObject):
    """Tests EST servers, by themselves and by each of their labels, and says so on `page`.

    While the listener does not run, who `may_start` it is asked whether to.
    """

    def __init__(
        self,
        servers: EstServers,
        actor: Actor,
        listener: ListenerSwitch,
        page: ListPage[Any, Any],
    ) -> None:
        super().__init__(page)
        self._servers, self._actor, self._listener, self._page = servers, actor, listener, page
        self.may_start = reach(actor, Operation.SETTINGS_CHANGE) is not Reach.NONE
        self._waiting: EstServer | None = None
        listener.changed.connect(self._follow_listener)

    def run(self, server: EstServer) -> None:
        """Test an EST server, now or when the listener runs."""
        if self._listener.address:
            self._run(server)
        elif self.may_start:
            confirm(
                self._page,
                _("Start the listener first?"),
                _("The EST listener does not run, so no device can reach {name}.").format(
                    name=server.name
                ),
                _("Start and test"),
                destructive=False,
                done=lambda: self._start(server),
            )
        else:
            self._page.banner.show_message(
                Tone.WARNING,
                _("The EST listener does not run, so no device can reach {name}.").format(
                    name=server.name
                ),
                _("Ask an administrator to start it."),
            )

    def _start(self, server: EstServer) -> None:
        self._waiting = server
        self._listener.start()

    def _follow_listener(self) -> None:
        if self._listener.busy or self._waiting is None:
            return
        server, self._waiting = self._waiting, None
        if self._listener.address:  # otherwise the window has said why
            self._run(server)

    def _run(self, server: EstServer) -> None:
        servers, actor, listener = self._servers, self._actor, self._listener

        def work() -> list[ConnectionReport]:
            labels = [row.label.name for row in servers.labels(actor, server.id)]
            return [listener.test(server.domain, label) for label in ("", *labels)]

        banner = self._page.banner
        banner.show_message(Tone.NEUTRAL, _("Connecting to {name}…").format(name=server.name))
        self._page.jobs.run(
            self, work, lambda reports: self._tell(server, reports), banner.show_error
        )

    def _tell(self, server: EstServer, reports: list[ConnectionReport]) -> None:
        first, *others = reports
        count = first.certificates
        certificates = ngettext("{count} certificate", "{count} certificates", count)
        text = _("{name} answers: {tls}, {certificates}, {milliseconds} ms.").format(
            name=server.name,
            tls=first.tls,
            certificates=certificates.format(count=count),
            milliseconds=first.milliseconds,
        )
        labels = ngettext("Its label answers, too.", "Its {count} labels answer, too.", len(others))
        self._page.banner.show_message(
            Tone.GOOD, text, labels.format(count=len(others)) if others else ""
        )
