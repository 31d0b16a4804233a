"""The form that issues a certificate no device holds: from a CSR, or with a key made here."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from app.core.errors import InvalidInputError, KnownError
from app.core.language import _
from app.models.domain.access import Actor, Scope
from app.models.domain.certificate_terms import CertificationRequest
from app.models.domain.certificates import Certificate
from app.models.domain.issuing import CertificatePlan, IssueRequest
from app.models.domain.subjects import FieldRule, TemplateField
from app.models.services.workspace.workspace import Workspace
from app.views.certificates.issue_choices import IssueChoices
from app.views.certificates.key_fields import KeyFields, key_in
from app.views.jobs import Jobs, Latest
from app.views.theme.tokens import Tone
from app.views.widgets.certificate_preview import CertificatePreview, provenance_text
from app.views.widgets.field import ChoiceField, TextField
from app.views.widgets.form_dialog import FormDialog

_PAUSE_MS = 200
_NAME_LENGTH = 255


class IssueForm(FormDialog):
    """Asks for owner, template, key and names; beside it the certificate as it will be issued.

    What is saved is the `Certificate`.
    """

    def __init__(
        self,
        workspace: Workspace,
        actor: Actor,
        choices: IssueChoices,
        jobs: Jobs,
        parent: QWidget,
    ) -> None:
        title = _("Issue a certificate")
        super().__init__(title, jobs, self._issue, parent, save_text=_("Issue certificate"))
        self._issuing = workspace.certificate_issuing
        self._actor = actor
        self._choices = choices
        self._typed: set[str] = set()
        self._latest = Latest(jobs, self)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._ask_plan)
        hint = _("Who sees the certificate, and may renew and revoke it.")
        self.owner = self.add(ChoiceField(_("Owner"), choices.owners, hint=hint), "owner")
        self.template: ChoiceField[int | None] = ChoiceField(_("Template"), [], required=True)
        self.add(self.template, "template_id")
        self.key = KeyFields(self)
        self._names = self._add_names()
        hint = _("What lists call it; the common name, when this is empty.")
        name = TextField(_("Name in lists"), max_length=_NAME_LENGTH, hint=hint)
        self.add(name, "name")
        self.preview = CertificatePreview(self)
        self.set_side(self.preview)
        self.owner.changed.connect(self._offer_templates)
        self.template.changed.connect(self._ask_names)
        self.key.source.changed.connect(self._refresh)
        self.key.csr.changed.connect(self._refresh)
        self._offer_templates()

    def _add_names(self) -> dict[str, TextField]:
        """A field for every name that some template leaves open; only some are shown."""
        shown: dict[str, TextField] = {}
        for template in self._choices.templates:
            for item in _open_fields(template.fields):
                if item.key not in shown:
                    field = self.add(TextField(item.title), item.key)
                    field.input.textEdited.connect(lambda _text, key=item.key: self._type(key))
                    shown[item.key] = field
        return shown

    def _offer_templates(self) -> None:
        found = self._choices.templates_for(self.owner.value())
        self.template.set_choices([(one.id, one.name) for one in found] or [(None, "\N{EN DASH}")])
        self._ask_names()

    def _ask_names(self) -> None:
        fields = next(
            (one.fields for one in self._choices.templates if one.id == self.template.value()), ()
        )
        wanted = {item.key: item for item in _open_fields(fields)}
        for key, field in self._names.items():
            item = wanted.get(key)
            field.setVisible(item is not None)
            if item is not None:
                field.set_label(item.title, required=item.rule is FieldRule.REQUIRED)
        self.grow()
        self._refresh()

    def _type(self, key: str) -> None:
        self._typed.add(key)
        self._refresh()

    def _refresh(self) -> None:
        self._pause.start()

    def _request(
        self,
        values: Mapping[str, Any],
        template_id: int,
        csr: CertificationRequest | None,
    ) -> IssueRequest:
        typed = {
            key: values[key]
            for key, field in self._names.items()
            if key in self._typed and not field.isHidden()
        }
        return IssueRequest(template_id, csr, typed=typed)

    def _ask_plan(self) -> None:
        template_id, owner = self.template.value(), self.owner.value()
        if template_id is None:
            self.preview.say(_("No template is offered to this owner."))
            return
        try:
            csr = self.key.request()
        except InvalidInputError:
            self.preview.say(_("Hand in a CSR, or have the key made here."))
            return
        values = {key: field.value() for key, field in self._names.items()}
        request = self._request(values, template_id, csr)
        self._latest.run(
            lambda: self._issuing.preview(self._actor, request, owner), self._show_plan, self._say
        )

    def _show_plan(self, plan: CertificatePlan) -> None:
        self.preview.show_plan(plan)
        for item in plan.fields:
            field = self._names.get(item.field.key)
            if field is None:
                continue
            if item.field.key not in self._typed and field.value() != item.value:
                field.set_value(item.value)
            if item.problem and item.field.key in self._typed:
                field.set_message(item.problem)
            elif item.value:
                reason = provenance_text(item)
                field.set_message(reason[:1].upper() + reason[1:], Tone.NEUTRAL)
            else:
                field.clear_message()
        problem = plan.problems.get("csr", "")
        if problem:
            self.key.csr.set_message(problem)

    def _say(self, error: KnownError) -> None:
        self.preview.say(error.text())

    def _issue(self, values: Mapping[str, Any]) -> Certificate:
        owner: Scope = values["owner"]
        csr, passphrase = key_in(values)
        request = self._request(values, values["template_id"], csr)
        return self._issuing.issue(
            self._actor, request, owner, values["name"], pfx_passphrase=passphrase
        ).certificate


def _open_fields(fields: tuple[TemplateField, ...]) -> list[TemplateField]:
    return [item for item in fields if item.rule is not FieldRule.FIXED]
