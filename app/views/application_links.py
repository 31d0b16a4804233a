"""Which applications an EST server lets in, as the pages of both tell and change it (DEC-05)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.applications import ApiApplication
from app.models.domain.est_servers import EstServer
from app.models.services.applications.applications import Applications
from app.views.theme.fonts import scaled
from app.views.widgets.badge import Badge
from app.views.widgets.entity_list_page import active_badge
from app.views.widgets.field import ChoiceField
from app.views.widgets.form_dialog import FormDialog
from app.views.widgets.life_cycle import Switchable
from app.views.widgets.list_page import ListPage
from app.views.widgets.plain_label import plain_label


def fits(server: EstServer, application: ApiApplication) -> bool:
    """Whether the server may let the application in, as `Applications.link` has it."""
    of_all = application.organization_id is None
    same = of_all or application.organization_id == server.organization_id
    return same and server.tenant_id == application.tenant_id


class LinkList(QWidget):
    """What is linked, by name, with the means to change that for those who may.

    Signals: `link_requested()`; `unlink_requested(object)` with what is to be unlinked.
    """

    link_requested = Signal()
    unlink_requested = Signal(object)

    def __init__(self, linked: Sequence[Switchable], *, may_change: bool, more: bool) -> None:
        """`more` says whether there is anything else to link."""
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(scaled(8), 0, 0, 0)
        column.setSpacing(scaled(4))
        for one in linked:
            column.addLayout(self._line(one, may_change=may_change))
        if not linked:
            column.addWidget(plain_label(_("None."), "dim"))
        if may_change and more:
            link = QPushButton(_("Link…"))
            link.clicked.connect(self.link_requested)
            column.addWidget(link, 0, Qt.AlignmentFlag.AlignLeft)

    def _line(self, one: Switchable, *, may_change: bool) -> QHBoxLayout:
        line = QHBoxLayout()
        line.addWidget(plain_label(one.name), 1)
        if not one.active:
            line.addWidget(Badge(active_badge(active=False)))
        if may_change:
            unlink = QPushButton(_("Unlink…"))
            unlink.setAccessibleName(_("Unlink {name}").format(name=one.name))
            unlink.clicked.connect(lambda: self.unlink_requested.emit(one))
            line.addWidget(unlink)
        return line


class ApplicationLinks:
    """Links applications and EST servers, and unlinks them, over the list of either."""

    def __init__(self, applications: Applications, actor: Actor, page: ListPage[Any, Any]) -> None:
        self._applications = applications
        self._actor = actor
        self._page = page

    def choose_server(self, application: ApiApplication, servers: Sequence[EstServer]) -> None:
        """Ask at which of `servers` the application is to be let in."""
        link, actor = self._applications.link, self._actor
        self._choose(
            _("Let {name} in at an EST server").format(name=application.name),
            (_("EST server"), "est_server_id"),
            servers,
            lambda server_id: link(actor, server_id, application.id),
        )

    def choose_application(self, server: EstServer, applications: Sequence[ApiApplication]) -> None:
        """Ask which of `applications` is to be let in at the EST server."""
        link, actor = self._applications.link, self._actor
        self._choose(
            _("Let an API application in at {name}").format(name=server.name),
            (_("API application"), "application_id"),
            applications,
            lambda application_id: link(actor, server.id, application_id),
        )

    def ask_unlink(self, server: EstServer, application: ApiApplication) -> None:
        """Ask before the application is let in at the EST server no longer."""
        unlink, actor = self._applications.unlink, self._actor
        self._page.ask(
            _("Unlink {name} from {server}?").format(name=application.name, server=server.name),
            _("The EST server turns the application away from then on. It can be linked again."),
            _("Unlink"),
            lambda: unlink(actor, server.id, application.id),
            _("{name} was unlinked.").format(name=application.name),
        )

    def _choose(
        self,
        title: str,
        asked: tuple[str, str],
        offered: Sequence[Switchable],
        link: Callable[[int], None],
    ) -> None:
        """A form with one choice; `asked` is its label and the key of its value."""
        page, (label, key) = self._page, asked
        choices = [(one.id, one.name) for one in offered]

        def save(values: Mapping[str, Any]) -> str:
            link(values[key])
            return dict(choices)[values[key]]

        form = FormDialog(title, page.jobs, save, page, save_text=_("Link"))
        hint = _("It may then enrol any device there.")
        form.add(ChoiceField(label, choices, required=True, hint=hint), key)
        form.saved.connect(lambda name: page.tell(_("{name} was linked.").format(name=name)))
        form.open()
