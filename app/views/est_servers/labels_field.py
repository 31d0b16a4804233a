"""The labels that a cloned EST server takes along."""

from collections.abc import Collection

from PySide6.QtWidgets import QLineEdit

from app.core.language import _
from app.models.domain.est_servers import EstLabel
from app.views.theme.tokens import Tone
from app.views.widgets.field import Field


class LabelsField(Field[tuple[EstLabel, ...]]):
    """Tells which of `labels` come along; nothing is to be chosen."""

    def __init__(self, labels: tuple[EstLabel, ...]) -> None:
        self._labels = labels
        self._along: tuple[EstLabel, ...] = ()
        self.input = QLineEdit()
        self.input.setReadOnly(True)
        super().__init__(_("Labels that come along"), self.input)

    def value(self) -> tuple[EstLabel, ...]:
        """The labels that come along."""
        return self._along

    def offer(self, type_ids: Collection[int]) -> None:
        """Take along the labels of these device types, and say which are left behind."""
        self._along = tuple(one for one in self._labels if one.device_type_id in type_ids)
        self.input.setText(", ".join(one.name for one in self._along) or _("none"))
        left = [one.name for one in self._labels if one not in self._along]
        self.clear_message()
        if left:
            text = _("Not {names}: the device type cannot be used there.")
            self.set_message(text.format(names=", ".join(left)), Tone.WARNING)
