"""The external CA of a device type, and a way to one that is not there yet (DTC-08, DTC-09)."""

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout

from app.core.language import _
from app.models.domain.external_cas import ExternalCa
from app.views.theme.icons import set_icon
from app.views.theme.tokens import Tone
from app.views.widgets.field import ChoiceField


class CaField(ChoiceField[int | None]):
    """The verified external CAs there are to choose from, and “Register new…”.

    Signals: `register_requested()`.
    """

    register_requested = Signal()

    def __init__(self, label: str, *, may_register: bool) -> None:
        super().__init__(label, [(None, _("Choose…"))], required=True)
        self.register = QPushButton(_("Register new…"), self)
        self.register.setAutoDefault(False)
        set_icon(self.register, "plus")
        self.register.setHidden(not may_register)
        self.register.clicked.connect(self.register_requested)
        cast("QVBoxLayout", self.layout()).addWidget(self.register)

    def offer(self, cas: Sequence[ExternalCa], others: Sequence[ExternalCa]) -> None:
        """Offer `cas`, all of them trusted; when there are only `others`, say why none of those."""
        self.set_choices([(None, _("Choose…")), *((one.id, one.name) for one in cas)])
        self.clear_message()
        if others and not cas:
            self._tell_misfit(others[0])

    def tell_registered(self, ca: ExternalCa) -> None:
        """Choose a CA just registered, or say why it cannot be chosen yet."""
        if self.input.findText(ca.name) >= 0:
            self.set_value(ca.id)
            return
        if ca.trusted:
            self._tell_misfit(ca)
            return
        text = _("{name} is registered. It can be chosen here once it is verified.")
        self.set_message(text.format(name=ca.name), Tone.WARNING)

    def _tell_misfit(self, ca: ExternalCa) -> None:
        text = _("{name} is registered, but not for the tenant and organization of this type.")
        self.set_message(text.format(name=ca.name), Tone.WARNING)
