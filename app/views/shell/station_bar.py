"""The slim bar at the foot of the window: the state of the station in words and colour."""

from collections import deque
from datetime import datetime, timedelta

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.core.errors import KnownError
from app.core.language import _, ngettext
from app.models.domain.events import KeysChanged
from app.models.services.est.monitor import EstExchange
from app.models.services.workspace.upkeep import check_clock
from app.models.services.workspace.workspace import Workspace
from app.views.event_bridge import EventBridge
from app.views.jobs import Jobs
from app.views.shell.listener_control import ListenerSwitch
from app.views.theme.fonts import scaled
from app.views.theme.tokens import Tone, tokens_of

_LOOK_MS = 5_000
_CLOCK_MS = 30_000
_MINUTE = timedelta(minutes=1)


class StationBar(QFrame):
    """Says whether the listener runs, the keys are open, and clock and audit log are good.

    It is there for whoever stands at the station, signed in or not.
    """

    def __init__(
        self,
        workspace: Workspace,
        jobs: Jobs,
        events: EventBridge,
        listener: ListenerSwitch,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setFixedHeight(scaled(32))
        self._workspace = workspace
        self._jobs = jobs
        self._switch = listener
        self._asked: deque[datetime] = deque()
        self.listener, self.keys, self.clock = Light(self), Light(self), Light(self)
        self.audit = Light(self)
        self.audit.show_state(Tone.BAD, _("Audit log cut or changed"), _("See the audit log."))
        self.audit.setVisible(bool(workspace.audit_problem))
        self._lay_out()
        events.happened.connect(self._note)
        listener.changed.connect(self.look)
        self._repeat(_LOOK_MS).timeout.connect(self.look)
        self._repeat(_CLOCK_MS).timeout.connect(self._check_clock)
        self.clock.show_state(Tone.NEUTRAL, _("Clock is being checked"))
        self.look()
        self._check_clock()

    def look(self) -> None:
        """Show the present state of listener and keys."""
        self._show_listener()
        if self._workspace.locked:
            self.keys.show_state(Tone.WARNING, _("Keys locked"))
        else:
            self.keys.show_state(Tone.GOOD, _("Keys open"))

    def _show_listener(self) -> None:
        listener = self._switch
        if listener.busy:
            self.listener.show_state(Tone.NEUTRAL, _("EST listener is switching"))
        elif listener.running:
            problem = listener.publication_problem
            tone = Tone.GOOD if problem is None else Tone.WARNING
            self.listener.show_state(tone, self._listening(listener.address), self._published())
        else:
            self.listener.show_state(Tone.WARNING, _("EST listener stopped"))

    def _listening(self, address: str) -> str:
        oldest = self._workspace.store.clock.now() - _MINUTE
        while self._asked and self._asked[0] < oldest:
            self._asked.popleft()
        count = len(self._asked)
        requests = ngettext("{n} request this minute", "{n} requests this minute", count)
        if not address:
            return _("No EST server; revocation lists are published")
        text = _("EST listening on {address}").format(address=address)
        return f"{text} · {requests.format(n=count)}" if count else text

    def _published(self) -> str:
        """What is to be said of revocation lists: where they are, or why they are not."""
        listener = self._switch
        if listener.publication_problem is not None:
            return listener.publication_problem.text()
        if listener.publication_address:
            return _("Revocation lists and OCSP on {address}").format(
                address=listener.publication_address
            )
        return _("Revocation lists are not published.")

    def _note(self, event: object) -> None:
        if isinstance(event, EstExchange):
            self._asked.append(event.at)  # counted at the next look
        elif isinstance(event, KeysChanged):
            self.look()

    def _check_clock(self) -> None:
        store = self._workspace.store

        def good(_nothing: None) -> None:
            self.clock.show_state(Tone.GOOD, _("Clock good"))

        def wrong(error: KnownError) -> None:
            self.clock.show_state(Tone.BAD, error.problem, error.text())

        self._jobs.run(self, lambda: check_clock(store), good, wrong)

    def _repeat(self, interval: int) -> QTimer:
        timer = QTimer(self, interval=interval)
        timer.start()
        return timer

    def _lay_out(self) -> None:
        rule = QFrame(self)
        rule.setProperty("role", "rule")
        lights = QHBoxLayout()
        lights.setContentsMargins(scaled(16), 0, scaled(16), 0)
        lights.setSpacing(scaled(24))
        for light in (self.listener, self.keys, self.clock, self.audit):
            lights.addWidget(light)
        lights.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(rule)
        layout.addLayout(lights, 1)


class Light(QWidget):
    """A coloured dot and the words that say the same."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dot = _Dot(self)
        self._words = QLabel(self)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setProperty("role", "label")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(scaled(6))
        layout.addWidget(self._dot)
        layout.addWidget(self._words)

    def show_state(self, tone: Tone, words: str, tip: str = "") -> None:
        """Show a state."""
        self._dot.tone = tone
        self._dot.update()
        self._words.setText(words)
        self.setToolTip(tip)
        self.setAccessibleName(words)

    def text(self) -> str:
        """The words."""
        return self._words.text()


class _Dot(QWidget):
    """The dot of a light, in the colour of its tone."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.tone = Tone.NEUTRAL
        self.setFixedSize(scaled(8), scaled(8))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the dot."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(0, 0, 0, 0))
        painter.setBrush(QColor(tokens_of(self.palette()).tone(self.tone)[0]))
        painter.drawEllipse(self.rect())
        painter.end()
