"""The form that registers an external CA, with its certificate decoded beside it."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.errors import InvalidInputError, KnownError
from app.core.language import _, ngettext
from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.domain.external_cas import ExternalCa, read_ca
from app.models.domain.naming import MAX_NAME_LENGTH
from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs
from app.views.theme.fonts import scaled
from app.views.theme.tokens import Tone
from app.views.widgets.decoded_view import DecodedView
from app.views.widgets.field import CheckField, ChoiceField, TextField
from app.views.widgets.file_field import FileField
from app.views.widgets.form_dialog import FormDialog
from app.views.widgets.sharing_fields import Owners


def open_register_form(  # noqa: PLR0917  whom it is for, where it stands, what comes of it
    workspace: Workspace,
    actor: Actor,
    jobs: Jobs,
    parent: QWidget,
    saved: Callable[[ExternalCa], None],
    failed: Callable[[KnownError], None],
) -> None:
    """Show the form over `parent` once its choices are read; `saved` gets what it registered."""

    def show(owners: Owners) -> None:
        form = RegisterForm(workspace, actor, owners, jobs, parent)
        form.saved.connect(saved)
        form.open()

    tenants = workspace.tenants
    jobs.run(
        parent,
        lambda: Owners(
            tenants.tenants(actor, active_only=True), tenants.organizations(actor, active_only=True)
        ),
        show,
        failed,
    )


class RegisterForm(FormDialog):
    """Asks for a name, an owner and a CA certificate.

    Signals: `saved(ExternalCa)`.
    """

    def __init__(
        self, workspace: Workspace, actor: Actor, owners: Owners, jobs: Jobs, parent: QWidget
    ) -> None:
        title = _("Register an external CA")
        super().__init__(title, jobs, self._register, parent, save_text=_("Register"))
        self._workspace, self._actor, self._owners = workspace, actor, owners
        self.add(TextField(_("Name"), required=True, max_length=MAX_NAME_LENGTH), "name")
        self._add_owner()
        hint = _("PEM, DER or PKCS#7. Of several certificates the first one counts.")
        prompt = _("The certificate of the CA")
        file = FileField(_("CA certificate"), prompt, required=True, hint=hint)
        self._certificate = self.add(file, "certificate")
        warning = _(
            "Tick this only if you know for certain whose CA it is: devices with its certificates"
            " are let in, though nobody has shown to have its key."
        )
        self.add(CheckField(_("It is verified already"), hint=warning), "verified")
        self._decoded = DecodedView(_("The CA certificate, decoded"))
        self._decoded.setPlaceholderText(_("The certificate is shown here."))
        side = QWidget()
        around = QVBoxLayout(side)
        around.setContentsMargins(0, 0, scaled(24), scaled(16))
        around.addWidget(self._decoded)
        self.set_side(side)
        self._certificate.changed.connect(self._preview)

    def _add_owner(self) -> None:
        """Who reaches all tenants chooses one; the others choose an organization of theirs."""
        self._everywhere = reach(self._actor, Operation.EXTERNAL_CA_MANAGE) is Reach.ALL
        found = [(one.id, one.name) for one in self._owners.tenants]
        none = _("Choose…") if found else _("None yet, see the page “Tenants”")
        tenants = found if len(found) == 1 else [(None, none), *found]
        self._tenant: ChoiceField[int | None] = self.add(
            ChoiceField(_("Tenant"), tenants, required=True), "tenant_id"
        )
        self._tenant.setVisible(self._everywhere)
        self._organization: ChoiceField[int | None] = self.add(
            ChoiceField(_("Organization"), [], required=not self._everywhere), "organization_id"
        )
        self._tenant.changed.connect(self._offer_organizations)
        self._offer_organizations()

    def _offer_organizations(self) -> None:
        tenant_id = self._tenant.value()
        first: list[tuple[int | None, str]] = [(None, _("Choose…"))]
        if self._everywhere:
            first = [(None, _("Whole tenant"))]
        found = (one for one in self._owners.organizations if one.tenant_id == tenant_id)
        self._organization.set_choices([*first, *((one.id, one.name) for one in found)])

    def _preview(self) -> None:
        """Show what was received; what will not do is not kept, a private key least of all."""
        self._decoded.clear()
        if self._certificate.is_empty():
            return
        try:
            found = read_ca(self._certificate.value(), self._workspace.store.clock.now())
        except InvalidInputError as error:
            self._certificate.set_value(b"")
            self._certificate.set_error(error)
            self.grow()
            return
        self._decoded.show_sections(found.sections)
        if found.others:
            text = ngettext(
                "The file has {count} certificate more. The first one counts: {subject}.",
                "The file has {count} certificates more. The first one counts: {subject}.",
                found.others,
            ).format(count=found.others, subject=found.subject)
            self._certificate.set_message(text, Tone.NEUTRAL)
            self.grow()

    def _register(self, values: Mapping[str, Any]) -> ExternalCa:
        return self._workspace.external_cas.register(
            self._actor,
            values["name"],
            values["certificate"],
            values["tenant_id"],
            values["organization_id"],
            verified=values["verified"],
        )
