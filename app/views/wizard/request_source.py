"""Where the certificate request comes from: the device, or this program (FAC-06 to FAC-09)."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.core.errors import KnownError
from app.core.language import _
from app.models.domain.issuing import CertificatePlan
from app.views.theme.fonts import scaled
from app.views.theme.style import restyle
from app.views.theme.tokens import Tone
from app.views.widgets.badge import BadgeText
from app.views.widgets.drop_zone import DropZone
from app.views.widgets.plain_label import plain_label
from app.views.widgets.segmented import Segmented
from app.views.widgets.times import day_of_date

FROM_DEVICE, MADE_HERE = "csr", "here"


class RequestSource(QWidget):
    """The two-button choice; below it the place for the CSR, or a note on the key made here.

    Signals: `source_chosen(str)` with `FROM_DEVICE` or `MADE_HERE`, `csr_received(bytes, str)`
    with the content of a file and its name.
    """

    source_chosen = Signal(str)
    csr_received = Signal(bytes, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        question = _("Where the certificate request comes from")
        label = QLabel(_("{label} *").format(label=question))
        label.setProperty("role", "label")
        choices = [(FROM_DEVICE, _("CSR from the device")), (MADE_HERE, _("Make key and CSR here"))]
        self.choice = Segmented(question, choices)
        self.choice.chosen.connect(self.source_chosen)
        self.drop = DropZone(_("Certificate request (CSR)"))
        self.drop.received.connect(self.csr_received)
        self.drop.failed.connect(self.show_error)
        self._allowed = plain_label(role="label")
        self._message = plain_label(role="error")
        self._note = plain_label(role="dim")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(scaled(6))
        widgets = (label, self.choice, self.drop, self._allowed, self._message, self._note)
        for widget in widgets:
            layout.addWidget(widget)
        self.set_problem("")

    def show_plan(self, plan: CertificatePlan, source: str, csr_name: str) -> None:
        """Show the choice, the keys the template takes, and the CSR or the retention note."""
        self.choice.set_current(source)
        from_device = source == FROM_DEVICE
        self.drop.setVisible(from_device)
        allowed = ", ".join(algorithm.label for algorithm in plan.template.key_algorithms)
        if from_device:
            self._allowed.setText(_("The template takes {keys}.").format(keys=allowed))
        else:
            text = _("A key of the kind {key} is made. The template takes {keys}.")
            self._allowed.setText(text.format(key=plan.algorithm.label, keys=allowed))
        if from_device and csr_name:
            good = BadgeText(_("signature good"), Tone.GOOD)
            self.drop.show_received(csr_name, plan.algorithm.label, good)
        else:
            self.drop.clear()
        self._note.setVisible(plan.key_until is not None and not from_device)
        if plan.key_until is not None:
            text = _(
                "The certificate with its private key can be downloaded until {day}. After that"
                " the key is destroyed."
            )
            self._note.setText(text.format(day=day_of_date(plan.key_until)))

    def set_problem(self, text: str) -> None:
        """Say what is wrong with the request; nothing for an empty text."""
        self._message.setText(text)
        self._message.setVisible(bool(text))
        self.drop.setProperty("invalid", bool(text))
        restyle(self.drop)

    def show_error(self, error: KnownError) -> None:
        """Say why what was dropped, pasted or chosen is no request that can be used."""
        self.set_problem(error.text())

    def problem(self) -> str:
        """The message shown, or an empty text."""
        return self._message.text()
