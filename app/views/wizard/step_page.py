"""What the pages of the six steps have in common."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.models.wizards.device_wizard import DeviceWizard
from app.models.wizards.steps import Step
from app.views.theme.fonts import scaled
from app.views.widgets.field import Field


class StepPage(QWidget):
    """One step: shows its answers, gives what is typed to the flow, shows what is wrong.

    `fields` leads from the keys of `DeviceWizard.problems` to the inputs.

    Signals: `answered()` when the person changed an answer.
    """

    answered = Signal()

    def __init__(self, flow: DeviceWizard, step: Step, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "plain")
        self.flow = flow
        self.step = step
        self.fields: dict[str, Field[Any]] = {}
        self._touched: set[str] = set()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(scaled(24), scaled(20), scaled(24), scaled(20))
        self.column.setSpacing(scaled(14))
        self.column.setAlignment(Qt.AlignmentFlag.AlignTop)

    def load(self) -> None:
        """Show the answers as the flow has them now."""
        raise NotImplementedError

    def show_problems(self, problems: Mapping[str, str], *, all_of_them: bool = False) -> None:
        """Say what is wrong under the fields it is wrong with.

        A field nobody touched yet is spared, unless `all_of_them` is asked for.
        """
        for key, field in self.fields.items():
            text = problems.get(key, "")
            if text and (all_of_them or key in self._touched):
                field.set_message(text)
            else:
                field.clear_message()

    def focus_first(self, problems: Mapping[str, str]) -> None:
        """Put the focus into the first field that is wrong, or the first that can be filled."""
        wrong = [field for key, field in self.fields.items() if key in problems]
        for field in wrong or self.fields.values():
            if field.isEnabled() and field.isVisibleTo(self):
                field.setFocus()
                return

    def _touch(self, key: str) -> None:
        self._touched.add(key)
