"""The certificate that a template would make, while it is being changed."""

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QStackedWidget, QVBoxLayout, QWidget

from app.core.errors import KnownError
from app.core.language import _, ngettext
from app.models.domain.certificate_terms import LintFinding, LintSeverity, hex_rows
from app.models.domain.templates import Template
from app.models.services.templates.samples import TemplateSample
from app.views.jobs import Jobs, Latest
from app.views.theme.fonts import mono_font, scaled
from app.views.theme.tokens import Tone
from app.views.widgets.banner import Banner
from app.views.widgets.choice_row import ChoiceRow
from app.views.widgets.decoded_view import DecodedView

_PAUSE_MS = 300


class SampleView(QWidget):
    """The sample decoded, in bytes, and what a linter finds, a moment after each change.

    `template` says what is asked for; `sample` makes it on a worker thread.
    """

    def __init__(
        self,
        template: Callable[[], Template],
        sample: Callable[[Template], TemplateSample],
        jobs: Jobs,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._template = template
        self._sample = sample
        self._latest = Latest(jobs, self)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._make)
        self.banner = Banner(self)
        parts = [("decoded", _("Decoded")), ("findings", _("Findings")), ("bytes", _("Bytes"))]
        self.parts = ChoiceRow(_("Part of the sample"), parts, "chip", self)
        self.decoded = DecodedView(_("The certificate as it will be issued"))
        self.findings = _text(_("What a linter finds"))
        self.bytes = _text(_("The certificate in bytes"))
        self.bytes.setFont(mono_font())
        self.bytes.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._stack = QStackedWidget(self)
        for widget in (self.decoded, self.findings, self.bytes):
            self._stack.addWidget(widget)
        keys = [key for key, _text in parts]
        self.parts.chosen.connect(lambda key: self._stack.setCurrentIndex(keys.index(key)))
        self._lay_out()

    def refresh(self) -> None:
        """Make the sample anew, once nothing was changed for a moment."""
        self._pause.start()

    def _make(self) -> None:
        template = self._template()
        if not template.authority_id:
            self._latest.cancel()
            self._stack.setEnabled(False)
            self.banner.show_message(Tone.NEUTRAL, _("Choose an authority to see a sample."))
            return
        self._latest.run(lambda: self._sample(template), self._show, self._say)

    def _show(self, sample: TemplateSample) -> None:
        self.banner.clear()
        self._stack.setEnabled(True)
        self.decoded.show_sections(sample.sections)
        self.bytes.setPlainText(hex_rows(sample.certificate))
        self.findings.setPlainText(_findings_text(sample.findings))
        button = self.parts.buttons["findings"]
        count = len(sample.findings)
        found = ngettext("{count} finding", "{count} findings", count).format(count=count)
        button.setText(found if count else _("No findings"))
        button.setAccessibleName(button.text())

    def _say(self, error: KnownError) -> None:
        """What is shown is of before by now, and greyed; `error` says why there is no newer one."""
        self._stack.setEnabled(False)
        self.banner.show_message(
            Tone.WARNING, _("No new sample: {problem}").format(problem=error.problem)
        )

    def _lay_out(self) -> None:
        heading = QLabel(_("A certificate as it will be issued, for an example device"))
        heading.setProperty("role", "label")
        heading.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, scaled(24), scaled(16))
        layout.setSpacing(scaled(8))
        layout.addWidget(heading)
        layout.addWidget(self.parts)
        layout.addWidget(self.banner)
        layout.addWidget(self._stack, 1)


def _findings_text(findings: tuple[LintFinding, ...]) -> str:
    if not findings:
        return _("Nothing: the certificate keeps to RFC 5280.")
    words = {
        LintSeverity.ERROR: _("Error"),
        LintSeverity.WARNING: _("Warning"),
        LintSeverity.NOTICE: _("Notice"),
    }
    return "\n\n".join(
        f"{words[one.severity]}: {one.message}\n{one.code}\n{one.where}" for one in findings
    )


def _text(name: str) -> QPlainTextEdit:
    made = QPlainTextEdit()
    made.setReadOnly(True)
    made.setTabChangesFocus(True)
    made.setAccessibleName(name)
    return made
