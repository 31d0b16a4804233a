"""A date input one can type into as one would write the date."""

from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDateEdit, QWidget


class DayEdit(QDateEdit):
    """Shows Month/Day/Year, as requirement FAC-22 asks, and takes `12/31/2027` as typed.

    Qt goes on to the day by itself once a month of two digits is typed; a slash typed then
    would skip the day, so it is swallowed.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCalendarPopup(True)
        self.setDisplayFormat("MM/dd/yyyy")
        self._went_on = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Type, and forgive the slash after a part that is complete."""
        if event.text() == "/" and self._went_on:
            self._went_on = False
            return
        before = self.currentSection()
        super().keyPressEvent(event)
        self._went_on = event.text().isdigit() and self.currentSection() != before
