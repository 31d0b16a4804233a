"""What happened in one exchange, and why it was refused."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.core.language import _
from app.models.services.est.monitor import EstExchange
from app.views.est_monitor.model import facts, outcome, report
from app.views.theme.fonts import scaled
from app.views.widgets.badge import Badge, BadgeText
from app.views.widgets.property_list import PropertyList

_FACTS_WIDTH = 760


class ExchangePanel(QFrame):
    """Problem, cause and remedy of the chosen exchange, and what is known of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._exchange: EstExchange | None = None
        self.heading = QLabel(self)
        self.heading.setProperty("role", "heading")
        self._badge = Badge(BadgeText(""), self)
        self.reason = QLabel(self)
        self.reason.setTextFormat(Qt.TextFormat.PlainText)
        self.reason.setWordWrap(True)
        self.reason.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._facts = PropertyList(self)
        self._column = QVBoxLayout(self)
        self.copy = QPushButton(_("Copy report"), self)
        self.copy.clicked.connect(self._copy)
        self._lay_out()
        self.hide()

    def show_exchange(self, exchange: EstExchange | None) -> None:
        """Tell about `exchange`; None hides the panel."""
        if exchange is not None and exchange != self._exchange:
            self._tell(exchange)
        self.setVisible(exchange is not None)

    def _tell(self, exchange: EstExchange) -> None:
        self._exchange = exchange
        self.copy.setText(_("Copy report"))
        self.heading.setText(_("What happened") if exchange.ok else _("Why it was refused"))
        self.setAccessibleName(self.heading.text())
        self._badge.set_state(outcome(exchange))
        self._badge.setVisible(exchange.ok)
        parts = (exchange.problem, exchange.cause, exchange.remedy)
        self.reason.setText(" ".join(part for part in parts if part))
        self.reason.setVisible(any(parts))
        known = PropertyList(self)
        known.setMaximumWidth(scaled(_FACTS_WIDTH))
        for name, text in facts(exchange):
            known.add(name, text, mono=name == _("Client certificate"))
        self._column.replaceWidget(self._facts, known)
        self._facts.deleteLater()
        self._facts = known
        known.show()  # a replacement is not shown by itself

    def _copy(self) -> None:
        if self._exchange is not None:
            QGuiApplication.clipboard().setText(report(self._exchange))
            self.copy.setText(_("Copied"))

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(scaled(12))
        top.addWidget(self.heading)
        top.addWidget(self._badge)
        top.addStretch(1)
        foot = QHBoxLayout()
        foot.addWidget(self.copy)
        foot.addStretch(1)
        layout = self._column
        layout.setContentsMargins(scaled(16), scaled(14), scaled(16), scaled(16))
        layout.setSpacing(scaled(10))
        layout.addLayout(top)
        layout.addWidget(self.reason)
        layout.addWidget(self._facts)
        layout.addLayout(foot)
