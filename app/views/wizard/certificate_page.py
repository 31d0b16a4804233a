"""Steps 3 and 4, the factory and the operational certificate (FAC-05 to FAC-25, OPC-02 to 08)."""

from collections.abc import Mapping
from datetime import date
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.core.errors import KnownError
from app.core.language import _
from app.models.domain.device_types import DeviceType
from app.models.domain.issuing import MAX_VALIDITY_DAYS, CertificatePlan
from app.models.domain.subjects import ResolvedField
from app.models.wizards.device_wizard import DeviceWizard
from app.models.wizards.steps import Step
from app.views.theme.fonts import scaled
from app.views.widgets.certificate_preview import provenance_text
from app.views.widgets.field import DateField, NumberField, ReadOnlyField, TextField
from app.views.wizard.request_source import FROM_DEVICE, MADE_HERE, RequestSource
from app.views.wizard.step_page import StepPage

_FIRST_DAYS = 365


class CertificatePage(StepPage):
    """Asks where the request comes from, for the open fields, and for the validity."""

    def __init__(self, flow: DeviceWizard, step: Step, parent: QWidget | None = None) -> None:
        super().__init__(flow, step, parent)
        self.source = RequestSource()
        self.source.source_chosen.connect(self._choose_source)
        self.source.csr_received.connect(self._take_csr)
        self._names = QVBoxLayout()
        self._names.setSpacing(scaled(14))
        self._shown: tuple[tuple[str, bool], ...] = ()
        self._loading = False
        self.valid_from = DateField(_("Valid from"), required=True)
        self.days = NumberField(_("Validity (days)"), 1, MAX_VALIDITY_DAYS, required=True)
        self.days.set_value(_FIRST_DAYS)
        self.unlimited = QCheckBox(_("Unlimited (31 December 9999)"))
        self.valid_from.changed.connect(
            lambda: self._answer("valid_from", valid_from=self.valid_from.value())
        )
        self.days.changed.connect(
            lambda: self._answer("validity_days", validity_days=self.days.value())
        )
        self.unlimited.toggled.connect(self._choose_unlimited)
        self._general = QLabel()
        self._general.setTextFormat(Qt.TextFormat.PlainText)
        self._general.setProperty("role", "error")
        self._general.setWordWrap(True)
        self._lay_out()

    def load(self) -> None:
        """Show the request, the fields and the validity as they are planned now."""
        plan, device_type = self.flow.plan(self.step), self.flow.device_type
        if plan is None or device_type is None:
            return
        self._loading = True
        answers = self.flow.certificate(self.step)
        source = FROM_DEVICE if answers.from_device else MADE_HERE
        self.source.show_plan(plan, source, answers.csr_name)
        layout = tuple((item.field.key, item.editable) for item in plan.fields)
        if layout != self._shown:
            self._shown = layout
            self._make_fields(plan, device_type)
        for item in plan.fields:
            self._show_field(item)
        self._show_validity(plan)
        self._loading = False

    def show_problems(self, problems: Mapping[str, str], *, all_of_them: bool = False) -> None:
        """Say what is wrong under the fields; a missing CSR only once Next was tried."""
        super().show_problems(problems, all_of_them=all_of_them)
        csr = problems.get("csr", "")
        if all_of_them or self.flow.certificate(self.step).csr_name:
            self.source.set_problem(csr)
        self._general.setText(problems.get("subject", ""))
        self._general.setVisible(bool(self._general.text()))

    def focus_first(self, problems: Mapping[str, str]) -> None:
        """Put the focus into the first field that is wrong, else on the request's source."""
        if set(problems) & set(self.fields):
            super().focus_first(problems)
        else:
            self.source.choice.buttons[self.source.choice.current()].setFocus()

    def _lay_out(self) -> None:
        validity = QHBoxLayout()
        validity.setSpacing(scaled(12))
        validity.addWidget(self.valid_from, 1)
        validity.addWidget(self.days, 1)
        self.column.addWidget(self.source)
        self.column.addWidget(self._general)
        self.column.addLayout(self._names)
        self.column.addLayout(validity)
        self.column.addWidget(self.unlimited)

    def _make_fields(self, plan: CertificatePlan, device_type: DeviceType) -> None:
        while (place := self._names.takeAt(0)) is not None:
            if (old := place.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.fields = {"valid_from": self.valid_from, "validity_days": self.days}
        for item in plan.fields:
            field = self._make_field(item, device_type)
            self.fields[item.field.key] = field
            self._names.addWidget(field)
        # Tab follows the eye, not the order in which the inputs were made.
        names = [self.fields[item.field.key].editor for item in plan.fields]
        stops = [*names, self.valid_from.editor, self.days.editor, self.unlimited]
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)

    def _make_field(self, item: ResolvedField, device_type: DeviceType) -> TextField:
        title, key = item.field.title, item.field.key
        if not item.editable:
            reason = provenance_text(item, device_type.fields)
            return ReadOnlyField(title, item.value, hint=reason[:1].upper() + reason[1:])
        required = item.field.rule == "required"
        field = TextField(title, required=required, max_length=item.field.max_length or 255)
        field.set_value(item.value)
        field.changed.connect(lambda: self._type_name(key, field))
        return field

    def _show_field(self, item: ResolvedField) -> None:
        field = self.fields[item.field.key]
        if field.value() != item.value.strip():
            field.set_value(item.value)

    def _show_validity(self, plan: CertificatePlan) -> None:
        answers = self.flow.certificate(self.step)
        template_days = plan.template.validity_days
        unlimited = template_days is None if answers.unlimited is None else answers.unlimited
        days = template_days if answers.validity_days is None else answers.validity_days
        day: date = answers.valid_from or self.flow.today
        if self.valid_from.value() != day:
            self.valid_from.set_value(day)
        if days is not None and self.days.value() != days:
            self.days.set_value(days)
        self.unlimited.setChecked(unlimited)
        self.days.setEnabled(not unlimited)

    def _choose_unlimited(self, unlimited: bool) -> None:
        # A template without an end gives no days to begin with.
        days = None if unlimited else self.days.value()
        self._answer("validity_days", unlimited=unlimited, validity_days=days)

    def _choose_source(self, source: str) -> None:
        self.flow.answer(self.step, from_device=source == FROM_DEVICE)
        self._changed()

    def _take_csr(self, content: bytes, name: str) -> None:
        try:
            self.flow.load_csr(self.step, content, name)
        except KnownError as error:
            self.source.show_error(error)
            return
        self.source.set_problem("")
        self._changed()

    def _type_name(self, key: str, field: TextField) -> None:
        if not self._loading:
            typed = {**self.flow.certificate(self.step).typed, key: field.value()}
            self._answer(key, typed=typed)

    def _answer(self, key: str, **answers: object) -> None:
        if not self._loading:
            self._touch(key)
            self.flow.answer(self.step, **answers)
            self._changed()

    def _changed(self) -> None:
        self.load()
        self.answered.emit()
