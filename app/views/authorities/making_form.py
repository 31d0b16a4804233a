"""The form of a new authority whose key is made here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from PySide6.QtWidgets import QWidget

from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.authorities import NEVER, Authority, AuthorityRequest
from app.models.domain.authority_presets import (
    SUBJECT_KINDS,
    AuthorityPreset,
    authority_subject,
    issuing_presets,
    root_presets,
)
from app.models.domain.certificate_terms import ATTRIBUTE_TYPES
from app.models.domain.naming import MAX_NAME_LENGTH
from app.models.services.workspace.workspace import Workspace
from app.views.authorities.choices import MANAGE, Choices
from app.views.authorities.key_fields import KeyFields, KeyForm, key_choice_in
from app.views.authorities.start import Start
from app.views.authorities.validity_fields import ValidityFields, end_in
from app.views.authorities.words import levels_text
from app.views.jobs import Jobs
from app.views.theme.tokens import Tone
from app.views.validity import end_text
from app.views.widgets.field import ChoiceField, TextField
from app.views.widgets.sharing_fields import SharingFields, sharing_in

_LEVELS: tuple[int | None, ...] = (0, 1, 2, 3, 4, 5, None)


class MakingForm(KeyForm):
    """Makes a root, an issuing authority, or a request for another CA (`way`).

    Signals: `saved(Authority)`, for a request `saved(AuthorityRequest)`.
    """

    def __init__(
        self,
        way: Start,
        workspace: Workspace,
        actor: Actor,
        choices: Choices,
        *,
        jobs: Jobs,
        parent: QWidget,
    ) -> None:
        submit = _Submit(way, workspace, actor)
        super().__init__(_title(way), jobs, submit, parent, save_text=_("Make"))
        self._way = way
        self._issuers = {row.id: row for row in choices.issuers}
        presets = root_presets() if way is Start.ROOT else issuing_presets()
        self._add_names(presets)
        self.key = KeyFields(self, workspace.token_directory, actor, jobs)
        self._add_limits(workspace.store.clock.now())
        self._add_more()
        self.add_section(_("Access"), self._access_summary)
        self._sharing = SharingFields(self, actor, MANAGE, choices.owners)
        self._follow_preset()
        self._follow_issuer()

    def _add_names(self, presets: tuple[AuthorityPreset, ...]) -> None:
        self._preset = ChoiceField(_("Start from"), [(one, one.title) for one in presets])
        self.add(self._preset, "preset")
        self._preset.changed.connect(self._follow_preset)
        hint = _("What it is called in this program.")
        self._name = TextField(_("Name"), required=True, max_length=MAX_NAME_LENGTH, hint=hint)
        self.add(self._name, "name")
        issuers = [(row.id, row.name) for row in self._issuers.values()] or [(0, "")]
        self._issuer = self.add(ChoiceField(_("Certified by"), issuers), "issuer_id")
        self._issuer.setVisible(self._way is Start.ISSUING)
        self._issuer.changed.connect(self._follow_issuer)
        self._common_name = TextField(ATTRIBUTE_TYPES["CN"].title, required=True, max_length=64)
        self.add(self._common_name, "CN")
        self._named = ""
        self._name.changed.connect(self._follow_name)
        self.add(TextField(ATTRIBUTE_TYPES["O"].title, max_length=64), "O")

    def _add_limits(self, now: datetime) -> None:
        certified_here = self._way is not Start.REQUEST
        self._validity = ValidityFields(self, now)
        self._validity.setVisible(certified_here)
        self._validity.years.changed.connect(self._tell_end)
        self._levels: ChoiceField[int | None] = ChoiceField(
            _("Authorities below it"), [(one, levels_text(one)) for one in _LEVELS]
        )
        self.add(self._levels, "path_length")
        self._levels.setVisible(certified_here)

    def _add_more(self) -> None:
        self._more = self.add_section(_("More of the subject"), self._subject_summary)
        for kind in ("OU", "C", "VID", "PID"):
            known = ATTRIBUTE_TYPES[kind]
            hint = _("Four hexadecimal digits.") if kind in ("VID", "PID") else ""
            self.add(TextField(known.title, max_length=known.max_length, hint=hint), kind)

    def _follow_name(self) -> None:
        """The common name is the name, until somebody types another one."""
        name = self._name.value()
        if self._common_name.value() == self._named:
            self._common_name.set_value(name[:64])
            self._named = self._common_name.value()

    def _follow_preset(self) -> None:
        preset = self._preset.value()
        self._preset.set_message(preset.about, Tone.NEUTRAL)
        self.key.algorithm.set_value(preset.algorithm)
        self._validity.set_years(preset.years)
        self._levels.set_value(preset.path_length)
        vendor = self.fields["VID"]
        vendor.set_label(ATTRIBUTE_TYPES["VID"].title, required=preset.vendor_id)
        if preset.vendor_id:
            self._more.open()

    def _follow_issuer(self) -> None:
        """Offer what the issuer has room for, and say when it ends."""
        issuer = self._issuers.get(self._issuer.value())
        if self._way is not Start.ISSUING or issuer is None:
            return
        limit = issuer.path_length
        levels = [one for one in _LEVELS if limit is None or (one is not None and one < limit)]
        self._levels.set_choices([(one, levels_text(one)) for one in levels])
        self._tell_end()

    def _tell_end(self) -> None:
        """Nothing is good for longer than what certifies it."""
        issuer = self._issuers.get(self._issuer.value())
        if self._way is Start.ISSUING and issuer is not None and issuer.not_after != NEVER:
            text = _("At most until {end}, when its issuer ends.")
            hint = text.format(end=end_text(issuer.not_after))
            self._validity.years.set_message(hint, Tone.NEUTRAL)

    def _subject_summary(self) -> str:
        given = [key for key in SUBJECT_KINDS if key in self.fields and self.fields[key].value()]
        return ", ".join(f"{key}={self.fields[key].value()}" for key in given)

    def _access_summary(self) -> str:
        access = self.fields.get("access")
        return access.input.currentText() if isinstance(access, ChoiceField) else ""


class _Submit:
    """Makes what the values of the form describe; for a worker thread."""

    def __init__(self, way: Start, workspace: Workspace, actor: Actor) -> None:
        self._way, self._workspace, self._actor = way, workspace, actor

    def __call__(self, values: Mapping[str, Any]) -> Authority | AuthorityRequest:
        subject, key = authority_subject(values), key_choice_in(values)
        name, sharing = values["name"], sharing_in(values)
        making, actor = self._workspace.authority_making, self._actor
        if self._way is Start.REQUEST:
            imports = self._workspace.authority_imports
            return imports.request(actor, name, subject, key, sharing=sharing)
        not_after = end_in(values, self._workspace.store.clock.now())
        levels = values["path_length"]
        if self._way is Start.ROOT:
            return making.create_root(
                actor, name, subject, key, not_after=not_after, path_length=levels, sharing=sharing
            )
        return making.create_issuing(
            actor,
            values["issuer_id"],
            name,
            subject,
            key,
            not_after=not_after,
            path_length=levels,
            sharing=sharing,
        )


def _title(way: Start) -> str:
    return {
        Start.ROOT: _("New root"),
        Start.ISSUING: _("New issuing authority"),
        Start.REQUEST: _("Request from another CA"),
    }[way]
