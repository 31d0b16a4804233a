"""The Custom extensions page: what templates can add to certificates."""

from PySide6.QtWidgets import QWidget

from app.core.language import _
from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.domain.certificate_terms import decode_value
from app.models.domain.extensions import Extension
from app.models.services.workspace.workspace import Workspace
from app.views.extensions.form import ExtensionForm
from app.views.jobs import Jobs
from app.views.widgets.column import Column
from app.views.widgets.copy_label import CopyLabel
from app.views.widgets.entity_list_page import active_badge
from app.views.widgets.history_view import add_object_history
from app.views.widgets.property_list import PropertyList
from app.views.widgets.shareable_page import ShareablePage
from app.views.widgets.sharing_fields import Owners, access_text, read_owners

_MANAGE = Operation.EXTENSION_MANAGE


class ExtensionsPage(ShareablePage[Extension]):
    """All custom extensions within reach; made and changed by administrators."""

    def __init__(
        self, workspace: Workspace, actor: Actor, jobs: Jobs, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            _("Custom extensions"),
            workspace.extensions,
            actor,
            jobs,
            manage=_MANAGE,
            columns=_columns(),
            icon="puzzle",
            none_yet=_(
                "No custom extensions yet. One is a value of your own that certificate templates"
                " can add to certificates."
            ),
            no_match=_("No custom extension matches. Change the filter."),
            parent=parent,
        )
        self._workspace = workspace
        self.new_action = self.add_new(
            _("New custom extension"),
            _("Create the first custom extension"),
            lambda: self._open_form(None),
            allowed=reach(actor, _MANAGE) is not Reach.NONE,
        )
        self.edit = self.add_row_action(_("Edit…"), "pencil", self._open_form, when=self.may)
        self.add_life_cycle(
            deactivating="",
            deleting=_(
                "Certificates that have it keep it; a template that"
                " has it keeps it from being deleted."
            ),
        )

    def describe(self, row: Extension) -> None:
        """What the extension holds, and its history."""
        self.panel.set_heading(row.name, row.description, active_badge(row.active))
        self.panel.add_section(_("Object identifier"), CopyLabel(_("Object identifier"), row.oid))
        kind, text = decode_value(row.value)
        shown = PropertyList()
        shown.add(_("Critical"), _yes_no(row.critical))
        shown.add(_("Type"), kind.label, mono=True)
        shown.add(_("Value"), text, mono=True)
        shown.add(_("DER"), row.value.hex(" "), mono=True)
        shown.add(_("Access"), access_text(row.sharing.access))
        self.panel.add_section(_("Content"), shown)
        add_object_history(
            self.panel, self.jobs, self._workspace.audit, self._actor, ("extension", row.id)
        )

    def _open_form(self, row: Extension | None) -> None:
        def show(owners: Owners) -> None:
            extensions = self._workspace.extensions
            form = ExtensionForm(extensions, self._actor, owners, self.jobs, self, changed=row)
            form.saved.connect(self.tell_saved)
            form.open()

        tenants, actor = self._workspace.tenants, self._actor
        self.jobs.run(self, lambda: read_owners(tenants, actor), show, self.banner.show_error)


def _columns() -> tuple[Column[Extension], ...]:
    return (
        Column("name", _("Name"), lambda row: row.name, width=190),
        Column("oid", _("Object identifier"), lambda row: row.oid, width=200, mono=True),
        Column("critical", _("Critical"), lambda row: _yes_no(row.critical), width=80),
        Column("active", _("Status"), badge=lambda row: active_badge(row.active), width=96),
        Column("access", _("Access"), lambda row: access_text(row.sharing.access), width=100),
        Column("value", _("Value"), _value_text, width=220, sortable=False),
    )


def _yes_no(value: bool) -> str:
    return _("yes") if value else _("no")


def _value_text(row: Extension) -> str:
    kind, text = decode_value(row.value)
    return f"{kind.label}: {text}"
