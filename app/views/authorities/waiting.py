"""The requests that wait for the certificate of another CA, below the list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.authorities import AuthorityRequest
from app.views.authorities.choices import MANAGE
from app.views.authorities.words import key_store_text
from app.views.theme.fonts import scaled
from app.views.widgets.sharing_fields import may_change
from app.views.widgets.times import day_text

Act = Callable[[AuthorityRequest], None]


@dataclass(frozen=True)
class RequestActs:
    """What can be done to a request."""

    accept: Act
    save: Act
    withdraw: Act


class WaitingRequests(QFrame):
    """A line for each request with its buttons; hidden while there is none."""

    def __init__(self, actor: Actor, acts: RequestActs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._actor = actor
        self._acts = acts
        self._shown: Sequence[AuthorityRequest] = ()
        self._lines: list[QWidget] = []
        heading = QLabel(_("Waiting for a certificate"), self)
        heading.setProperty("role", "heading")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(scaled(16), scaled(12), scaled(16), scaled(12))
        self._column.setSpacing(scaled(8))
        self._column.addWidget(heading)
        self.hide()

    def show_requests(self, requests: Sequence[AuthorityRequest]) -> None:
        """Show these requests; what stays the same keeps the focus."""
        if requests == self._shown:
            return
        self._shown = requests
        for line in self._lines:
            line.hide()
            line.deleteLater()
        self._lines = [self._line(request) for request in requests]
        for line in self._lines:
            self._column.addWidget(line)
        self.setVisible(bool(requests))

    def _line(self, request: AuthorityRequest) -> QWidget:
        line = QWidget(self)
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(scaled(8))
        name = QLabel(request.name, line)
        text = _("requested {day}, key: {store}")
        store = key_store_text(request.key_store)
        told = QLabel(text.format(day=day_text(request.created_at), store=store), line)
        told.setProperty("role", "dim")
        text_column = QVBoxLayout()
        text_column.setSpacing(scaled(2))
        for label in (name, told):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            text_column.addWidget(label)
        row.addLayout(text_column, 1)
        buttons = [(_("Save request…"), self._acts.save)]
        if may_change(self._actor, MANAGE, request.sharing):
            accept = (_("Accept certificate…"), self._acts.accept)
            buttons = [accept, *buttons, (_("Withdraw…"), self._acts.withdraw)]
        for told_act, act in buttons:
            row.addWidget(_button(told_act, request, act))
        return line


def _button(text: str, request: AuthorityRequest, act: Act) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(f"{text.rstrip('…')}: {request.name}")
    button.clicked.connect(lambda: act(request))
    return button
