"""A row of buttons of which exactly one is pressed: one Tab stop, arrows move the choice."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QPushButton, QWidget

from app.views.widgets.flow_layout import FlowLayout


class ChoiceRow(QWidget):
    """Exclusive buttons in a row that wraps; the first is pressed at first.

    `choices` are keys with the texts of their buttons, `role` is their look, `name` says to
    a screen reader what is chosen.

    Signals: `chosen(str)`, the key of a button the person pressed.
    """

    chosen = Signal(str)

    def __init__(
        self,
        name: str,
        choices: Sequence[tuple[str, str]],
        role: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.buttons: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        self._group.buttonToggled.connect(self._tell)
        layout = FlowLayout(self)
        for key, text in choices:
            button = QPushButton(text.replace("&", "&&"), self)
            button.setProperty("role", role)
            button.setCheckable(True)
            button.setAutoDefault(False)
            button.setAccessibleName(text)
            button.setAccessibleDescription(name)
            button.setObjectName(key)
            self._group.addButton(button)
            self.buttons[key] = button
            layout.addWidget(button)
        self.set_current(choices[0][0])

    def current(self) -> str:
        """The key of the pressed button."""
        return next(key for key, button in self.buttons.items() if button.isChecked())

    def set_current(self, key: str) -> None:
        """Press a button without telling anybody; KeyError when there is none."""
        blocked = self.blockSignals(True)  # noqa: FBT003  Qt's signature
        self.buttons[key].setChecked(True)
        self.blockSignals(blocked)

    def _tell(self, button: QAbstractButton, checked: bool) -> None:
        if checked:
            self.chosen.emit(button.objectName())
