"""The form that issues an API application its certificate, with a key made here."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QWidget

from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.applications import ApiApplication
from app.models.domain.certificates import Certificate
from app.models.domain.issuing import IssueRequest
from app.models.domain.subjects import FieldRule, TemplateField
from app.models.domain.templates import Template
from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs
from app.views.widgets.field import ChoiceField, PasswordField, ReadOnlyField, TextField
from app.views.widgets.form_dialog import FormDialog

_NAME = "subject.CN"


class CertificateForm(FormDialog):
    """Asks for a template, the fields it leaves open, and a passphrase, twice.

    What is saved is the `Certificate`; its key is kept under the passphrase for the time the
    template says.
    """

    def __init__(
        self,
        workspace: Workspace,
        actor: Actor,
        *,
        application: ApiApplication,
        templates: Sequence[Template],
        jobs: Jobs,
        parent: QWidget,
    ) -> None:
        title = _("Certificate for {name}").format(name=application.name)
        super().__init__(title, jobs, self._issue, parent, save_text=_("Issue certificate"))
        self._workspace = workspace
        self._actor = actor
        self._application = application
        self._templates = {template.id: template for template in templates}
        choices = [(template.id, template.name) for template in templates]
        self.template = self.add(ChoiceField(_("Template"), choices, required=True), "template_id")
        hint = _("The name of the application; it cannot be chosen here.")
        self.add(ReadOnlyField(_("Common name (CN)"), application.name, hint=hint), _NAME)
        self._open: dict[str, TextField] = {}
        for template in templates:
            for field in _open_fields(template):
                if field.key not in self._open:
                    self._open[field.key] = self.add(TextField(field.title), field.key)
        self.add(
            PasswordField(
                _("Passphrase of the PFX file"),
                required=True,
                hint=_("Whoever opens the file needs it. It is not kept here."),
            ),
            "pfx_passphrase",
        )
        self.add(PasswordField(_("Passphrase again"), required=True), "repeated")
        self.template.changed.connect(self._follow_template)
        self._follow_template()

    def _follow_template(self) -> None:
        wanted = {field.key: field for field in _open_fields(self._chosen(self.template.value()))}
        for key, shown in self._open.items():
            field = wanted.get(key)
            shown.setVisible(field is not None)
            if field is not None:
                shown.set_label(field.title, required=field.rule is FieldRule.REQUIRED)
                shown.set_value(field.default)
        self.grow()

    def _chosen(self, template_id: int) -> Template:
        return self._templates[template_id]

    def _issue(self, values: Mapping[str, Any]) -> Certificate:
        if values["pfx_passphrase"] != values["repeated"]:
            raise InvalidInputError(_("The two passphrases differ."), field="repeated")
        template = self._chosen(values["template_id"])
        typed = {
            field.key: values[field.key]
            for field in _open_fields(template)
            if values[field.key] != field.default
        }
        issued = self._workspace.certificate_issuing.issue_for_application(
            self._actor,
            self._application.id,
            IssueRequest(template.id, typed=typed),
            pfx_passphrase=values["pfx_passphrase"],
        )
        return issued.certificate


def _open_fields(template: Template) -> list[TemplateField]:
    """What a person may say; the common name is the application's."""
    return [
        field
        for field in template.fields
        if field.rule is not FieldRule.FIXED and field.key != _NAME
    ]
