"""The window of the wizard: rail, one step, the certificate to come, and the way on."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.errors import KnownError
from app.core.language import _
from app.models.domain.access import Actor
from app.models.services.devices.creation import CreatedDevice
from app.models.services.workspace.workspace import Workspace
from app.models.wizards.device_wizard import DeviceWizard
from app.models.wizards.steps import Step
from app.views.jobs import Jobs
from app.views.saving import AskPath, Saver, ask_path
from app.views.theme.fonts import scaled
from app.views.widgets.banner import Banner
from app.views.widgets.certificate_preview import CertificatePreview
from app.views.widgets.confirm import confirm
from app.views.widgets.window_size import resize_on_screen
from app.views.wizard.attributes_page import AttributesPage
from app.views.wizard.certificate_page import CertificatePage
from app.views.wizard.credentials_page import CredentialsPage
from app.views.wizard.info_page import InfoPage
from app.views.wizard.overview_page import OverviewPage
from app.views.wizard.rail import StepRail
from app.views.wizard.rail_entries import rail_entries
from app.views.wizard.result_page import ResultPage
from app.views.wizard.step_page import StepPage


class DeviceWizardDialog(QDialog):
    """Creates a device; show it with `open()`.

    Signals: `created(Device)` after each device that was saved.
    """

    created = Signal(object)

    def __init__(
        self,
        workspace: Workspace,
        actor: Actor,
        jobs: Jobs,
        parent: QWidget | None = None,
        *,
        ask: AskPath = ask_path,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("New device"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._workspace = workspace
        self._actor = actor
        self._jobs = jobs
        self._saver = Saver(jobs, ask)
        self._title = QLabel(self)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setProperty("role", "title")
        self.rail = StepRail(len(Step), self)
        self.banner = Banner(self)
        self.stack = QStackedWidget(self)
        self.preview = CertificatePreview(self)
        self._make_buttons()
        self._lay_out()
        resize_on_screen(self, 1200, 780)
        self._begin(DeviceWizard(actor, workspace))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on, or shows what still stands in the way."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.next.isVisible():
            self._go_on()
        else:
            super().keyPressEvent(event)

    def reject(self) -> None:
        """Close; asks first when an answer would be lost.

        Not while the device is being saved: then nobody would see the outcome.
        """
        if not self.cancel.isEnabled():
            return
        if not self._unsaved:
            super().reject()
            return
        confirm(
            self,
            _("Discard the new device?"),
            _("What you entered was not saved."),
            _("Discard"),
            destructive=True,
            done=lambda: self.done(QDialog.DialogCode.Rejected),
        )

    def page(self) -> StepPage:
        """The page of the current step."""
        return self.pages[self.flow.current]

    def _begin(self, flow: DeviceWizard) -> None:
        while (old := self.stack.widget(0)) is not None:
            self.stack.removeWidget(old)
            old.deleteLater()
        self.flow = flow
        self._unsaved = False
        self.pages: dict[Step, StepPage] = {
            Step.INFO: InfoPage(flow),
            Step.ATTRIBUTES: AttributesPage(flow),
            Step.FACTORY: CertificatePage(flow, Step.FACTORY),
            Step.OPERATIONAL: CertificatePage(flow, Step.OPERATIONAL),
            Step.CREDENTIALS: CredentialsPage(flow),
            Step.OVERVIEW: OverviewPage(flow),
        }
        for page in self.pages.values():
            self.stack.addWidget(_scrolled(page, by_keyboard=page.step is Step.OVERVIEW))
            page.answered.connect(self._take_answer)
        self.cancel.setText(_("Cancel"))
        self._show_step()

    def _show_step(self) -> None:
        page = self.page()
        page.load()
        self.stack.setCurrentIndex(list(self.pages).index(self.flow.current))
        self.banner.clear()
        self._refresh()
        if self.flow.current is Step.OVERVIEW:
            self.next.setFocus()
        else:
            page.focus_first({})

    def _take_answer(self) -> None:
        self._unsaved = True
        self._refresh()

    def _refresh(self) -> None:
        """Show again everything around the page, after an answer."""
        problems = self.flow.problems(self.flow.current)
        self.page().show_problems(problems)
        self.rail.show_entries(rail_entries(self.flow))
        self._show_title()
        self._show_preview()
        self._show_buttons(problems)

    def _show_title(self) -> None:
        kind = self.flow.device_type
        title = _("New device")
        self._title.setText(f"{title} · {kind.name}" if kind else title)

    def _show_preview(self) -> None:
        step = self.flow.current
        self.preview.setVisible(step not in (Step.CREDENTIALS, Step.OVERVIEW))
        wanted = step if step is Step.OPERATIONAL else Step.FACTORY
        plan = self.flow.plan(wanted) or self.flow.plan(Step.OPERATIONAL)
        if plan is None or self.flow.device_type is None:
            self.preview.say(_("Choose a device type to see the certificate."))
        else:
            self.preview.show_plan(plan, self.flow.device_type.fields)

    def _show_buttons(self, problems: Mapping[str, str]) -> None:
        last = self.flow.current is Step.OVERVIEW
        self.back.setEnabled(self.flow.can_go_back)
        self.skip.setVisible(self.flow.can_skip)
        self.next.setText(_("Save") if last else _("Next"))
        self.next.setEnabled(not problems)
        for button in (self.back, self.next):
            button.show()

    def _go_on(self) -> None:
        problems = self.flow.problems(self.flow.current)
        if problems:
            self.page().show_problems(problems, all_of_them=True)
            self.page().focus_first(problems)
        elif self.flow.current is Step.OVERVIEW:
            self._save()
        else:
            self._move(self.flow.next)

    def _move(self, step: Callable[[], object]) -> None:
        try:
            step()
        except KnownError as error:
            self.banner.show_error(error)
        else:
            self._show_step()

    def _save(self) -> None:
        self.setFocus()  # a disabled button would hand the focus on to anything
        self.next.setText(_("Saving…"))
        for button in (self.cancel, self.back, self.next):
            button.setEnabled(False)
        self._jobs.run(self, self.flow.save, self._show_result, self._save_failed)

    def _save_failed(self, error: KnownError) -> None:
        self.cancel.setEnabled(True)
        self._refresh()
        self.next.setFocus()
        self.banner.show_error(error)

    def _show_result(self, created: CreatedDevice) -> None:
        kind = self.flow.device_type
        result = ResultPage(
            self._workspace,
            self._actor,
            self._saver,
            created,
            has_password=kind is not None and kind.password_enabled,
        )
        self._unsaved = False
        self.stack.addWidget(_scrolled(result))
        self.stack.setCurrentIndex(self.stack.count() - 1)
        self.preview.hide()
        for button in (self.back, self.skip, self.next):
            button.hide()
        self.another.show()
        self.cancel.setEnabled(True)
        self.cancel.setText(_("Close"))
        self.another.setFocus()
        self.created.emit(created.device)

    def _go_on_with_another(self) -> None:
        self.another.hide()
        self._begin(self.flow.another())

    def _make_buttons(self) -> None:
        self.cancel = self._button(_("Cancel"), "", self.reject)
        self.back = self._button(_("Back"), "", lambda: self._move(self.flow.back))
        self.skip = self._button(_("Skip this step"), "", lambda: self._move(self.flow.skip))
        self.next = self._button(_("Next"), "primary", self._go_on)
        self.another = self._button(_("Create another"), "primary", self._go_on_with_another)
        self.another.hide()

    def _button(self, text: str, role: str, clicked: Callable[[], object]) -> QPushButton:
        button = QPushButton(text, self)
        button.setProperty("role", role)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _on: clicked())
        return button

    def _lay_out(self) -> None:
        top = QFrame(self)
        top.setProperty("role", "bar")
        head = QHBoxLayout(top)
        head.setContentsMargins(scaled(20), scaled(14), scaled(20), scaled(14))
        head.addWidget(self._title)
        body = QVBoxLayout()
        body.setContentsMargins(0, 0, 0, 0)
        body.addWidget(self.banner)
        body.addWidget(self.stack, 1)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.rail)
        middle.addLayout(body, 5)
        middle.addWidget(self.preview, 4)
        foot = QHBoxLayout()
        foot.setContentsMargins(scaled(20), scaled(12), scaled(20), scaled(12))
        foot.setSpacing(scaled(8))
        foot.addWidget(self.cancel)
        foot.addStretch(1)
        for button in (self.back, self.skip, self.next, self.another):
            foot.addWidget(button)
        rule = QFrame(self)
        rule.setProperty("role", "rule")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(top)
        whole.addLayout(middle, 1)
        whole.addWidget(rule)
        whole.addLayout(foot)


def _scrolled(page: QWidget, *, by_keyboard: bool = False) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    # Where there are inputs, the focus moves through them and the page follows.
    policy = Qt.FocusPolicy.StrongFocus if by_keyboard else Qt.FocusPolicy.NoFocus
    area.setFocusPolicy(policy)
    area.setWidget(page)
    return area
