"""A look at a certificate that somebody brings: is it ours, is it good, what does it say."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.core.errors import KnownError
from app.core.language import _
from app.models.services.certificates.checks import CertificateCheck
from app.views.certificates.findings import Finding, findings_of
from app.views.jobs import Jobs, Latest
from app.views.theme.fonts import scaled
from app.views.widgets.badge import Badge
from app.views.widgets.banner import Banner
from app.views.widgets.decoded_view import DecodedView
from app.views.widgets.drop_zone import DropZone


class CheckDialog(QDialog):
    """Takes one certificate after another; `check` looks at it on a worker thread."""

    def __init__(
        self, check: Callable[[bytes], CertificateCheck], jobs: Jobs, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Check a certificate"))
        self._check = check
        self._latest = Latest(jobs, self)
        self.banner = Banner(self)
        self.drop = DropZone(_("Certificate: PEM, DER or PKCS #7"))
        self.drop.received.connect(self._take)
        self.drop.failed.connect(self._refuse)
        self._findings = QScrollArea(self)
        self._findings.setWidgetResizable(True)
        self._findings.setAccessibleName(_("What was found"))
        self.decoded = DecodedView(_("The certificate, decoded"))
        self._lay_out()
        self._show_result(None)
        self.drop.setFocus()  # Ctrl+V is the shortest way

    def _take(self, content: bytes, name: str) -> None:
        def done(check: CertificateCheck) -> None:
            self.drop.show_received(name, check.subject)
            self._show_result(check)

        self._latest.run(lambda: self._check(content), done, self._refuse)

    def _refuse(self, error: KnownError) -> None:
        self._show_result(None)
        self.drop.clear()
        self.banner.show_error(error)

    def _show_result(self, check: CertificateCheck | None) -> None:
        self.banner.clear()
        for view in (self._findings, self.decoded):
            view.setVisible(check is not None)
        if check is not None:
            self._findings.setWidget(_list(findings_of(check)))
            self.decoded.show_sections(check.sections)
            self._say_rest(check)

    def _say_rest(self, check: CertificateCheck) -> None:
        self._rest.setText(
            _("The first certificate is checked; what comes after it proves nothing here.")
        )
        self._rest.setVisible(check.trailing > 0)

    def _lay_out(self) -> None:
        heading = QLabel(self.windowTitle(), self)
        heading.setProperty("role", "title")
        self._rest = QLabel(self)
        self._rest.setProperty("role", "dim")
        self._rest.hide()
        close = QPushButton(_("Close"), self)
        close.setAutoDefault(False)
        close.clicked.connect(self.accept)
        result = QHBoxLayout()
        result.setSpacing(scaled(16))
        result.addWidget(self._findings, 1)
        result.addWidget(self.decoded, 1)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(scaled(24), scaled(20), scaled(24), scaled(12))
        layout.setSpacing(scaled(12))
        for widget in (heading, self.drop, self.banner, self._rest):
            layout.addWidget(widget)
        layout.addLayout(result, 1)
        layout.addStretch(0)
        layout.addLayout(foot)
        room = self.screen().availableGeometry().size()
        self.resize(min(scaled(1120), room.width()), min(scaled(640), room.height()))


def _list(findings: tuple[Finding, ...]) -> QWidget:
    shown = QWidget()
    shown.setProperty("role", "plain")
    grid = QGridLayout(shown)
    grid.setContentsMargins(scaled(4), scaled(4), scaled(4), scaled(4))
    grid.setHorizontalSpacing(scaled(12))
    grid.setVerticalSpacing(scaled(12))
    grid.setColumnStretch(2, 1)
    top = Qt.AlignmentFlag.AlignTop
    for row, finding in enumerate(findings):
        question = QLabel(finding.question)
        question.setProperty("role", "label")
        text = QLabel(finding.text)
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setWordWrap(True)
        grid.addWidget(question, row, 0, top)
        grid.addWidget(Badge(finding.badge), row, 1, top | Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(text, row, 2, top)
    grid.setRowStretch(len(findings), 1)
    return shown
