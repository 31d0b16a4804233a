"""Allowed addresses as the value of a form."""

from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from app.core.errors import InvalidInputError, KnownError
from app.models.domain.addresses import check_addresses
from app.views.theme.fonts import mono_font, scaled
from app.views.widgets.field import Field

_ROWS = 3


class AddressesField(Field[tuple[str, ...]]):
    """Addresses, networks and ranges, one a line (DEC-11); what they say is checked on Save."""

    def __init__(self, label: str, *, hint: str) -> None:
        self.input = QPlainTextEdit()
        self.input.setTabChangesFocus(True)
        self.input.setFont(mono_font())
        self.input.setFixedHeight(scaled(20 * _ROWS + 16))
        super().__init__(label, self.input, hint=hint)
        self.input.textChanged.connect(self.changed)

    def set_error(self, error: KnownError) -> None:
        """Say what is wrong, and select the first line that is."""
        super().set_error(error)
        block = self.input.document().begin()
        try:
            while block.isValid():
                line = block.text().strip()
                check_addresses((line,) if line else ())
                block = block.next()
        except InvalidInputError:
            wrong = QTextCursor(block)
            wrong.select(QTextCursor.SelectionType.LineUnderCursor)
            self.input.setTextCursor(wrong)

    def value(self) -> tuple[str, ...]:
        """The lines that are not blank."""
        lines = (line.strip() for line in self.input.toPlainText().splitlines())
        return tuple(line for line in lines if line)

    def set_value(self, value: tuple[str, ...]) -> None:
        """Show one a line."""
        self.input.setPlainText("\n".join(value))
