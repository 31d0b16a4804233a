"""How long a new authority is good for: the two fields of a form that ask for it."""

from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any

from app.core.language import _, ngettext
from app.models.domain.authority_presets import end_after
from app.views.widgets.field import ChoiceField, DateField
from app.views.widgets.form_dialog import FormDialog

_NEVER, _UNTIL = 0, -1
_YEARS = (1, 2, 5, 10, 15, 20, 25, 30)


class ValidityFields:
    """So many years, until a day, or for ever. Keys: `years`, `until`."""

    def __init__(self, form: FormDialog, now: datetime, hint: str = "") -> None:
        self._form = form
        years = [(n, ngettext("{n} year", "{n} years", n).format(n=n)) for n in _YEARS]
        ends = [(_UNTIL, _("Until a day…")), (_NEVER, _("It never ends"))]
        self.years = ChoiceField(_("Valid for"), [*years, *ends], hint=hint)
        form.add(self.years, "years")
        self.until = form.add(DateField(_("Valid until")), "until")
        self.until.set_value(end_after(now, 10).date())
        self.years.changed.connect(self._adapt)
        self.set_years(10)
        self._adapt()

    def set_years(self, years: int | None) -> None:
        """Choose so many years, None for ever."""
        self.years.set_value(_NEVER if years is None else years)

    def setVisible(self, shown: bool) -> None:
        """Show the fields, or not."""
        self.years.setVisible(shown)
        self._adapt()

    def _adapt(self) -> None:
        shown = not self.years.isHidden() and self.years.value() == _UNTIL
        self.until.setVisible(shown)
        self._form.grow()


def end_in(values: Mapping[str, Any], now: datetime) -> datetime:
    """The end that the fields of `ValidityFields` name, out of the values of their form."""
    years: int = values["years"]
    if years == _UNTIL:
        return datetime.combine(values["until"], time(23, 59, 59), UTC)
    return end_after(now, years if years != _NEVER else None)
