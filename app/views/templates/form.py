"""The form of a certificate template, beside a sample of what it makes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QWidget

from app.core.errors import KnownError
from app.core.language import _, ngettext
from app.models.domain.access import Actor, Operation
from app.models.domain.authorities import Authority, KeyStore
from app.models.domain.certificate_terms import (
    DEVICE_USAGES,
    HASH_NAMES,
    PURPOSES,
    KeyAlgorithm,
    KeyUsage,
)
from app.models.domain.extensions import Extension
from app.models.domain.issuing import MAX_VALIDITY_DAYS
from app.models.domain.subjects import NamePart
from app.models.domain.template_rules import MAX_BACKDATE_MINUTES, MAX_KEY_RETENTION_DAYS
from app.models.domain.templates import CertificateKind, Template
from app.models.services.listing import ListQuery
from app.models.services.workspace.workspace import Workspace
from app.views.certificate_words import kind_text
from app.views.jobs import Jobs
from app.views.templates.form_values import template_in, values_of
from app.views.templates.names_field import NamesField
from app.views.templates.sample_view import SampleView
from app.views.templates.words import (
    NOTHING,
    keys_text,
    purposes_text,
    retention_text,
    usages_text,
    validity_text,
)
from app.views.widgets.checks_field import ChecksField
from app.views.widgets.field import CheckField, ChoiceField, Field, NumberField, TextField
from app.views.widgets.form_dialog import FormDialog
from app.views.widgets.sharing_fields import Owners, SharingFields, read_owners

_NAME_LENGTH = 100
_DEFAULT_DAYS = 365
# The fields of a template by what is typed here instead.
_PLACES = {"extensions": "extension_ids", "extended_key_usage": "other_purposes"}


@dataclass(frozen=True)
class Choices:
    """What a form of a template offers to somebody."""

    owners: Owners
    authorities: tuple[Authority, ...]
    extensions: tuple[Extension, ...]


def read_choices(workspace: Workspace, actor: Actor) -> Choices:
    """What `Choices` holds; for a worker thread."""
    return Choices(
        read_owners(workspace.tenants, actor),
        _issuing(workspace.authorities.all(actor)),
        workspace.extensions.page(actor, ListQuery(), 0, 1000),
    )


def _issuing(authorities: Iterable[Authority]) -> tuple[Authority, ...]:
    """Those that can issue, roots last: they are better kept for authorities."""
    able = (one for one in authorities if one.active and one.key_store is not KeyStore.ELSEWHERE)
    return tuple(sorted(able, key=lambda one: (one.issuer_id is None, one.name)))


class TemplateForm(FormDialog):
    """Makes a template that begins as `template`, or changes it when it has an id.

    Signals: `saved(Template)`.
    """

    def __init__(
        self,
        workspace: Workspace,
        actor: Actor,
        choices: Choices,
        template: Template,
        *,
        jobs: Jobs,
        parent: QWidget,
    ) -> None:
        new = template.id == 0
        save = workspace.templates.create if new else workspace.templates.edit
        title = _("New template") if new else _("Change {name}").format(name=template.name)
        super().__init__(
            title, jobs, lambda values: save(actor, template_in(values, template)), parent
        )
        self._before, self._choices = template, choices
        self._add_general(actor)
        self._add_keys()
        self._add_names()
        self._add_usage()
        self._add_validity()
        self._add_extensions()
        self._put(template)
        samples = workspace.template_samples
        self.sample = SampleView(self.template, lambda one: samples.sample(actor, one), jobs, self)
        self.set_side(self.sample)
        for field in self.fields.values():
            field.changed.connect(self.sample.refresh)
        self.sample.refresh()

    def template(self) -> Template:
        """The template as the form describes it now."""
        return template_in({key: field.value() for key, field in self.fields.items()}, self._before)

    def show_error(self, error: KnownError) -> None:
        """As every form does; what is wrong with a field of the name stands under the names."""
        field = error.field or ""
        name = field.startswith((NamePart.SUBJECT, NamePart.SAN))
        place = "fields" if name and field not in self.fields else _PLACES.get(field, field)
        super().show_error(
            type(error)(error.problem, cause=error.cause, remedy=error.remedy, field=place)
        )

    def _add_general(self, actor: Actor) -> None:
        self.add(TextField(_("Name"), required=True, max_length=_NAME_LENGTH), "name")
        self.add(TextField(_("Description")), "description")
        kinds = [(kind, kind_text(kind)) for kind in CertificateKind]
        self.add(ChoiceField(_("Kind of certificate"), kinds), "kind")
        self._authority: ChoiceField[int | None] = ChoiceField(_("Authority"), [], required=True)
        self.add(self._authority, "authority_id")
        self._sharing = SharingFields(self, actor, Operation.TEMPLATE_MANAGE, self._choices.owners)

    def _add_keys(self) -> None:
        kinds = [(algorithm, algorithm.label) for algorithm in KeyAlgorithm]
        keys = ChecksField(_("Keys that are allowed"), kinds, required=True)
        first: ChoiceField[KeyAlgorithm | None] = ChoiceField(_("Key made by this program"), [])
        kept = NumberField(
            _("Keys made here can be downloaded for (days)"), 0, MAX_KEY_RETENTION_DAYS
        )
        self.add_section(
            _("Keys"),
            lambda: f"{keys_text(keys.value()) or NOTHING}; {retention_text(kept.value())}",
        )
        keys.changed.connect(
            lambda: first.set_choices(
                [(one, one.label) for one in keys.value()] or [(None, NOTHING)]
            )
        )
        self.add(keys, "key_algorithms")
        self.add(first, "made_here")
        self.add(kept, "key_retention_days")
        hashes = [
            (None, _("What suits the authority's key")),
            *((n, n.upper()) for n in HASH_NAMES),
        ]
        self.add(ChoiceField(_("Hash the authority signs with"), hashes), "hash")

    def _add_names(self) -> None:
        names = NamesField(
            _("Subject and alternative names"),
            hint=_("Device types can fill what is not fixed from fields of the device."),
        )
        names.changed.connect(self.grow)
        self.add_section(
            _("Names"),
            lambda: ", ".join(field.title for field in names.value() if field.kind) or NOTHING,
        )
        self.add(names, "fields")

    def _add_usage(self) -> None:
        usages = ChecksField(_("Key usage"), [(usage, usage.value) for usage in DEVICE_USAGES])
        purposes = ChecksField(_("Extended key usage"), list(PURPOSES.items()))
        others = TextField(
            _("Other purposes"), mono=True, hint=_("Object identifiers with blanks between them.")
        )

        def summary() -> str:
            chosen: tuple[KeyUsage, ...] = usages.value()
            parts = (usages_text(chosen), purposes_text(purposes.value()), others.value())
            return "; ".join(part for part in parts if part not in ("", NOTHING)) or NOTHING

        self.add_section(_("Usage"), summary)
        self.add(usages, "key_usage")
        self.add(purposes, "extended_key_usage")
        self.add(others, "other_purposes")

    def _add_validity(self) -> None:
        unlimited = CheckField(_("Unlimited (until 9999-12-31)"))
        days = NumberField(_("Validity (days)"), 1, MAX_VALIDITY_DAYS)
        days.set_value(_DEFAULT_DAYS)
        hint = _("So that a device whose clock is slow can use its certificate at once.")
        backdate = NumberField(_("Begins earlier by (minutes)"), 0, MAX_BACKDATE_MINUTES, hint=hint)
        unlimited.changed.connect(lambda: days.setVisible(not unlimited.value()))
        self.add_section(
            _("Validity"), lambda: validity_text(None if unlimited.value() else days.value())
        )
        self.add(unlimited, "unlimited")
        self.add(days, "validity_days")
        self.add(backdate, "backdate_minutes")

    def _add_extensions(self) -> None:
        own: ChecksField[int] = ChecksField(_("Custom extensions"), [])
        urls = CheckField(
            _("Revocation addresses"),
            hint=_(
                "Where the revocation list, the OCSP responder and the issuer are found: below the"
                " publication address of the settings. Without one, nothing is said."
            ),
        )

        def summary() -> str:
            count = len(own.value())
            custom = ngettext("{count} custom extension", "{count} custom extensions", count)
            told = _("revocation addresses") if urls.value() else _("no revocation addresses")
            return f"{custom.format(count=count)}; {told}"

        self._extensions = own
        self.add_section(_("Extensions and revocation"), summary)
        self.add(own, "extension_ids")
        self.add(urls, "revocation_urls")
        self.add(CheckField(_("Subject key identifier")), "subject_key_identifier")
        self.add(CheckField(_("Basic constraints that say CA:FALSE")), "not_a_ca")

    def _put(self, template: Template) -> None:
        """Show the template; what it is offered to decides what it can be made with."""
        if template.id or template.authority_id:
            self._sharing.set_sharing(template.sharing)
        self._extensions.set_choices([(one.id, one.name) for one in self._choices.extensions])
        for key, value in values_of(template).items():
            field: Field[Any] = self.fields[key]
            field.set_value(value)
        if template.validity_days is not None:
            self.fields["validity_days"].set_value(template.validity_days)
        self._offer()
        if template.authority_id in [one.id for one in self._choices.authorities]:
            self._authority.set_value(template.authority_id)
        self._sharing.on_change(self._offer)

    def _no_authority(self) -> str:
        if self._choices.authorities:
            return _("None is offered as widely as this template")
        return _("None yet, see the page “Authorities”")

    def _offer(self) -> None:
        """Only authorities and extensions that are offered as widely as the template."""
        sharing = self._sharing.sharing()
        self._authority.set_choices(
            [(one.id, one.name) for one in self._choices.authorities if one.sharing.covers(sharing)]
            or [(None, self._no_authority())]
        )
        chosen = self._extensions.value()
        self._extensions.set_choices(
            [
                (one.id, f"{one.name} ({one.oid})")
                for one in self._choices.extensions
                if one.id in chosen or (one.active and one.sharing.covers(sharing))
            ]
        )
        self._extensions.setHidden(not self._extensions.boxes)
