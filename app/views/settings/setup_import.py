"""What importing a set-up file would do, shown before it is done."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.language import _, ngettext
from app.models.domain.access import Actor
from app.models.domain.certificate_terms import Line, Section
from app.models.domain.setup_files import Outcome, PlannedItem, SetupPlan, kind_title
from app.models.services.setup.files import SetupFiles
from app.views.jobs import Jobs, Latest
from app.views.theme.fonts import scaled
from app.views.theme.tokens import Tone
from app.views.widgets.decoded_view import DecodedView
from app.views.widgets.field import CheckField, ChoiceField
from app.views.widgets.form_dialog import FormDialog

_NOTHING = "\N{EN DASH}"


class SetupImportForm(FormDialog):
    """Which authorities take the place of those in the file, beside what the import would do."""

    def __init__(  # noqa: PLR0917  what is imported, with what it can be given
        self,
        files: SetupFiles,
        actor: Actor,
        data: bytes,
        plan: SetupPlan,
        authorities: Sequence[str],
        jobs: Jobs,
        parent: QWidget,
    ) -> None:
        title = _("Import a set-up")
        super().__init__(title, jobs, self._apply, parent, save_text=_("Import"))
        self._files, self._actor, self._data, self._plan = files, actor, data, plan
        self._latest = Latest(jobs, self)
        self.authorities: dict[str, ChoiceField[str]] = {}
        for name, own in plan.authorities.items():
            choices = [("", _("Choose…")), *((one, one) for one in authorities)]
            label = _("Authority in place of {name}").format(name=name)
            field = ChoiceField(label, choices)
            field.set_value(own if own in authorities else "")
            self.authorities[name] = self.add(field, f"authority {name}")
            field.changed.connect(self._plan_anew)
        self.leave_out = self.add(
            CheckField(
                _("Leave out what is impossible"),
                hint=_("Otherwise nothing is imported as long as something is impossible."),
            ),
            "leave_out",
        )
        self.differences = DecodedView(_("What the import would do"))
        side = QWidget()
        around = QVBoxLayout(side)
        around.setContentsMargins(0, 0, scaled(24), scaled(16))
        around.addWidget(self.differences)
        self.set_side(side)
        self._show_plan(plan)

    def _plan_anew(self) -> None:
        self.save.setEnabled(False)
        chosen = {name: field.value() for name, field in self.authorities.items()}
        files, actor, data = self._files, self._actor, self._data
        self._latest.run(
            lambda: files.plan(actor, data, chosen), self._show_plan, self.banner.show_error
        )

    def _show_plan(self, plan: SetupPlan) -> None:
        self._plan = plan
        self.differences.show_sections(plan_sections(plan))
        self.leave_out.setVisible(plan.count(Outcome.IMPOSSIBLE) > 0)
        self.save.setEnabled(plan.work > 0)
        if plan.warning:
            self.banner.show_message(
                Tone.WARNING, plan.warning, _("Import it only if you know where it is from.")
            )
        else:
            self.banner.clear()
        self.grow()

    def _apply(self, values: Mapping[str, Any]) -> None:
        self._files.apply(self._actor, self._plan, leave_out=values["leave_out"])


def plan_sections(plan: SetupPlan) -> list[Section]:
    """What an import would do, in words: first what is impossible, then what changes."""
    by_outcome = {
        outcome: [item for item in plan.items if item.outcome is outcome] for outcome in Outcome
    }
    sections = [
        Section(
            _("{what}: impossible").format(what=_title(item)), (Line(_("Reason"), item.problem),)
        )
        for item in by_outcome[Outcome.IMPOSSIBLE]
    ]
    sections += [
        Section(_("{what}: changed").format(what=_title(item)), _changes(item))
        for item in by_outcome[Outcome.CHANGED]
    ]
    new, unchanged = by_outcome[Outcome.NEW], by_outcome[Outcome.UNCHANGED]
    if new:
        title = ngettext("{count} new", "{count} new", len(new)).format(count=len(new))
        sections.append(Section(title, _names(new)))
    if unchanged:
        title = ngettext("{count} unchanged", "{count} unchanged", len(unchanged))
        sections.append(Section(title.format(count=len(unchanged)), _names(unchanged)))
    return sections


def _title(item: PlannedItem) -> str:
    return f"{kind_title(item.kind)} {item.name}"


def _changes(item: PlannedItem) -> tuple[Line, ...]:
    return tuple(
        Line(one.member, f"{one.before or _NOTHING} \N{RIGHTWARDS ARROW} {one.after or _NOTHING}")
        for one in item.differences
    )


def _names(items: Sequence[PlannedItem]) -> tuple[Line, ...]:
    return tuple(Line(kind_title(item.kind), item.name) for item in items)
