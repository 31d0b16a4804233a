"""The Templates page: what certificates may contain."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import QWidget

from app.core.language import _
from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.domain.certificate_terms import KeyAlgorithm
from app.models.domain.templates import CertificateKind, Template
from app.models.services.templates.templates import TemplateRow
from app.models.services.workspace.workspace import Workspace
from app.views.certificate_words import kind_text
from app.views.jobs import Jobs
from app.views.templates.form import Choices, TemplateForm, read_choices
from app.views.templates.gallery import PresetGallery
from app.views.templates.panel import (
    TemplateDetails,
    certificate_section,
    keys_section,
    names_section,
    read_details,
    users_section,
)
from app.views.templates.words import keys_text, validity_text
from app.views.widgets.column import Column
from app.views.widgets.entity_list_page import active_badge
from app.views.widgets.history_view import add_object_history
from app.views.widgets.page import ActionRow
from app.views.widgets.shareable_page import ShareablePage
from app.views.widgets.sharing_fields import access_text

_MANAGE = Operation.TEMPLATE_MANAGE
_EMPTY = Template(
    id=0,
    name="",
    kind=CertificateKind.OPERATIONAL,
    authority_id=0,
    fields=(),
    key_algorithms=(KeyAlgorithm.EC_P256,),
)


class TemplatesPage(ShareablePage[TemplateRow]):
    """All certificate templates within reach; made and changed by administrators."""

    def __init__(
        self, workspace: Workspace, actor: Actor, jobs: Jobs, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            _("Templates"),
            workspace.templates,
            actor,
            jobs,
            manage=_MANAGE,
            columns=_columns(),
            icon="layers",
            none_yet=_(
                "No templates yet. A template says what a certificate may contain; make an"
                " authority first, then a template from a preset."
            ),
            no_match=_("No template matches. Change the filter."),
            parent=parent,
        )
        self._workspace = workspace
        may_make = reach(actor, _MANAGE) is not Reach.NONE
        self.new_action = self.add_new(
            _("New template"), _("Create the first template"), self._new, allowed=may_make
        )
        self.edit = self.add_row_action(_("Edit…"), "pencil", self._edit, when=self.may)
        self.clone = self.add_row_action(
            _("Clone…"), "copy", self._clone, when=lambda _row: may_make
        )
        self.add_life_cycle(
            deactivating=_(
                "No certificate is issued from it until it is activated again: devices of the"
                " types that use it cannot enrol or renew. Certificates that exist stay valid."
            ),
            deleting=_(
                "It is only deleted if no device type uses it and no"
                " certificate was issued from it."
            ),
        )

    def show_row(self, row: TemplateRow) -> None:
        """Show what a template allows, who uses it, and its history."""
        workspace, actor = self._workspace, self._actor
        self.show_details(lambda: read_details(workspace, actor, row), self._show_template)

    def _show_template(self, details: TemplateDetails) -> None:
        row, template, panel = details.row, details.template, self.panel
        panel.clear()
        panel.set_heading(row.name, template.description, active_badge(row.active))
        panel.add_section("", ActionRow(self.row_actions))
        panel.add_section(_("Keys"), keys_section(template))
        panel.add_section(_("Names"), names_section(template))
        panel.add_section(_("Certificate"), certificate_section(details))
        panel.add_section(_("Used by"), users_section(details))
        add_object_history(
            panel, self.jobs, self._workspace.audit, self._actor, ("template", row.id)
        )

    def _new(self) -> None:
        PresetGallery(_EMPTY, self._begin, self).open()

    def _begin(self, template: Template) -> None:
        self._open_form(lambda: template)

    def _edit(self, row: TemplateRow) -> None:
        self._open_form(lambda: self._workspace.templates.read(self._actor, row.id))

    def _clone(self, row: TemplateRow) -> None:
        def copy() -> Template:
            template = self._workspace.templates.read(self._actor, row.id)
            name = _("Copy of {name}").format(name=template.name)
            return replace(template, id=0, name=name, active=True)

        self._open_form(copy)

    def _open_form(self, template: Callable[[], Template]) -> None:
        def read() -> tuple[Template, Choices]:
            return template(), read_choices(self._workspace, self._actor)

        def show(found: tuple[Template, Choices]) -> None:
            form = TemplateForm(
                self._workspace, self._actor, found[1], found[0], jobs=self.jobs, parent=self
            )
            form.saved.connect(self.tell_saved)
            form.open()

        self.jobs.run(self, read, show, self.banner.show_error)


def _columns() -> tuple[Column[TemplateRow], ...]:
    return (
        Column("name", _("Name"), lambda row: row.name, width=200),
        Column("kind", _("Kind"), lambda row: kind_text(row.kind), width=110),
        Column("authority", _("Authority"), lambda row: row.authority_name, width=180),
        Column("validity", _("Validity"), lambda row: validity_text(row.validity_days), width=100),
        Column("active", _("Status"), badge=lambda row: active_badge(row.active), width=96),
        Column("access", _("Access"), lambda row: access_text(row.sharing.access), width=110),
        Column(
            "keys",
            _("Keys"),
            lambda row: keys_text(row.key_algorithms),
            tip=lambda row: keys_text(row.key_algorithms),
            width=180,
            sortable=False,
        ),
    )
