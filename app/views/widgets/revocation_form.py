"""The form that revokes a certificate, be it of a device or of an authority."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from PySide6.QtWidgets import QWidget

from app.core.language import _
from app.models.domain.certificate_terms import RevocationReason
from app.views.certificate_words import reason_text
from app.views.jobs import Jobs
from app.views.widgets.field import CheckField, ChoiceField, DateField
from app.views.widgets.form_dialog import FormDialog

_LOST = (RevocationReason.KEY_COMPROMISE, RevocationReason.CA_COMPROMISE)
Revoke = Callable[[RevocationReason, datetime | None], object]


class RevocationForm(FormDialog):
    """Asks for one of `reasons` and, for a lost key, since when if that is known.

    `revoke` gets both on a worker thread; the `hint` stands below the reason.
    """

    def __init__(
        self,
        title: str,
        reasons: Sequence[RevocationReason],
        revoke: Revoke,
        *,
        today: date,
        hint: str,
        jobs: Jobs,
        parent: QWidget,
    ) -> None:
        def save(values: Mapping[str, Any]) -> object:
            since = None
            if values["reason"] in _LOST and values["known"]:
                since = datetime.combine(values["invalid_since"], time(), UTC)
            return revoke(values["reason"], since)

        super().__init__(title, jobs, save, parent, save_text=_("Revoke"))
        self.save.setProperty("role", "danger")
        self.cancel.setDefault(True)
        choices = [(one, reason_text(one)) for one in reasons]
        self._reason = self.add(ChoiceField(_("Reason"), choices, hint=hint), "reason")
        self._known = self.add(CheckField(_("I know since when the key is lost")), "known")
        self._since = self.add(DateField(_("Key lost since")), "invalid_since")
        self._since.set_value(today)
        self._reason.changed.connect(self._adapt)
        self._known.changed.connect(self._adapt)
        self._adapt()

    def _adapt(self) -> None:
        lost = self._reason.value() in _LOST
        self._known.setVisible(lost)
        self._since.setVisible(lost and self._known.value())
        self.grow()
