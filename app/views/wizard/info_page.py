"""Step 1, Device info: name, owner, type, and a maker's certificate (DEV-06..10, DEC-03)."""

from collections.abc import Mapping, Sequence

from PySide6.QtWidgets import QSizePolicy, QWidget

from app.core.errors import KnownError
from app.core.language import _
from app.models.domain.device_types import DeviceType
from app.models.domain.devices import MAX_NAME_LENGTH
from app.models.domain.tenants import Organization, Tenant
from app.models.wizards.device_wizard import DeviceWizard
from app.models.wizards.steps import InfoAnswers, Step
from app.views.theme.tokens import Tone
from app.views.widgets.field import ChoiceField, Field, MultilineField, TextField
from app.views.wizard.makers_certificate import MakersCertificateInput
from app.views.wizard.step_page import StepPage
from app.views.wizard.step_titles import step_title

_Named = Tenant | Organization | DeviceType


class InfoPage(StepPage):
    """Asks for the name, the owner and the type of the device.

    A type with an external CA asks for the certificate that names the device instead of a name.
    """

    def __init__(self, flow: DeviceWizard, parent: QWidget | None = None) -> None:
        super().__init__(flow, Step.INFO, parent)
        self.name = TextField(_("Name"), required=True, max_length=MAX_NAME_LENGTH)
        self.tenant: ChoiceField[int | None] = ChoiceField(_("Tenant"), [], required=True)
        self.organization: ChoiceField[int | None] = ChoiceField(
            _("Organization"), [], required=True
        )
        self.type: ChoiceField[int | None] = ChoiceField(_("Device type"), [], required=True)
        self.description = MultilineField(_("Description"), rows=3)
        self.description.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.fields = {
            "name": self.name,
            "tenant_id": self.tenant,
            "organization_id": self.organization,
            "type_id": self.type,
            "description": self.description,
        }
        self.certificate = MakersCertificateInput()
        self.certificate.received.connect(self._take_certificate)
        for key, field in self.fields.items():
            self.column.addWidget(field)
            field.changed.connect(lambda key=key: self._answer(key))
        self.column.insertWidget(self.column.indexOf(self.description), self.certificate)
        QWidget.setTabOrder(self.type.editor, self.certificate.drop)
        QWidget.setTabOrder(self.certificate.drop, self.description.editor)
        self._loading = False
        self._typed_name = ""
        self._offered: dict[str, list[tuple[int | None, str]]] = {}

    def load(self) -> None:
        """Show the answers and what can be chosen."""
        self._loading = True
        answers = self.flow.info
        _show(self.name, answers.name)
        _show(self.description, answers.description)
        self._offer_owners(answers)
        none = (
            _("Choose the organization first")
            if answers.organization_id is None
            else _("None yet, see the page “Device types”")
        )
        self._offer("type_id", self.type, self.flow.device_types(), answers.type_id, none)
        self.tenant.setVisible(self.flow.asks_tenant)
        self.organization.setVisible(self.flow.asks_organization)
        self.name.input.setReadOnly(not self.flow.asks_name)
        if not self.flow.asks_name:
            self.name.input.setCursorPosition(0)  # a fingerprint is known by its beginning
        self.certificate.setVisible(self.flow.external)
        self.certificate.show_certificate(self.flow.makers_certificate)
        self._loading = False

    def _offer_owners(self, answers: InfoAnswers) -> None:
        none = _("None yet, see the page “Tenants”")
        self._offer("tenant_id", self.tenant, self.flow.tenants(), answers.tenant_id, none)
        none = (
            _("Choose the tenant first")
            if answers.tenant_id is None
            else _("None yet, see the page “Organizations”")
        )
        organizations = self.flow.organizations()
        chosen = answers.organization_id
        self._offer("organization_id", self.organization, organizations, chosen, none)

    def _offer(
        self,
        key: str,
        field: ChoiceField[int | None],
        things: Sequence[_Named],
        chosen: int | None,
        none: str,
    ) -> None:
        """Offer things to choose from; `none` says why there are none."""
        choices: list[tuple[int | None, str]] = [(thing.id, thing.name) for thing in things]
        if chosen is None:
            choices.insert(0, (None, _("Choose…") if things else none))
        # Offering the same again would interrupt somebody who types to choose.
        if choices != self._offered.get(key):
            self._offered[key] = choices
            field.set_choices(choices)
        if field.value() != chosen:
            field.set_value(chosen)

    def show_problems(self, problems: Mapping[str, str], *, all_of_them: bool = False) -> None:
        """Say what is wrong, else what the type does to the name and what changing it resets."""
        super().show_problems(problems, all_of_them=all_of_them)
        if not self.flow.asks_name and not self.name.message():
            self.name.set_message(_("Comes from the factory certificate."), Tone.NEUTRAL)
        if all_of_them:
            self.certificate.set_problem(problems.get("makers_certificate", ""))
        reset = self.flow.would_reset(Step.INFO, type_id=None)
        if reset and not self.type.message():
            steps = ", ".join(step_title(step) for step in reset)
            self.type.set_message(
                _("Another type resets: {steps}.").format(steps=steps), Tone.NEUTRAL
            )

    def focus_first(self, problems: Mapping[str, str]) -> None:
        """Put the focus on the certificate when it alone is missing, else as every step."""
        if problems.keys() == {"makers_certificate"}:
            self.certificate.drop.setFocus()
        else:
            super().focus_first(problems)

    def _take_certificate(self, content: bytes, name: str) -> None:
        try:
            self.flow.load_makers_certificate(content, name)
        except KnownError as error:
            self.certificate.show_error(error)
            return
        self._touch("name")
        self._changed()

    def _changed(self) -> None:
        self.certificate.set_problem("")
        self.load()
        self.answered.emit()

    def _answer(self, key: str) -> None:
        if self._loading:
            return
        self._touch(key)
        self.flow.answer(Step.INFO, **{key: self.fields[key].value()})
        if key == "name":
            self._typed_name = self.name.value()
        elif not self.flow.info.name and self.flow.asks_name:
            # Passing by a type that names its devices itself must not cost what was typed.
            self.flow.answer(Step.INFO, name=self._typed_name)
        if key in ("name", "description"):
            self.answered.emit()
        else:
            self._changed()


def _show(field: Field[str], value: str) -> None:
    # Setting the same text would move the cursor.
    if field.value() != value.strip():
        field.set_value(value)
