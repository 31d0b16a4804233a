"""A file as the value of a form: dropped, pasted or chosen."""

from PySide6.QtWidgets import QWidget

from app.views.widgets.drop_zone import DropZone
from app.views.widgets.field import Field


class FileField(Field[bytes]):
    """The value is the content of the file, empty until there is one.

    `prompt` says what belongs here.
    """

    def __init__(
        self,
        label: str,
        prompt: str,
        *,
        required: bool = False,
        hint: str = "",
        parent: QWidget | None = None,
    ) -> None:
        self.input = DropZone(prompt)
        self._content = b""
        super().__init__(label, self.input, required=required, hint=hint, parent=parent)
        self.input.received.connect(self._take)
        self.input.failed.connect(self.set_error)

    def value(self) -> bytes:
        """The content of the file."""
        return self._content

    def set_value(self, value: bytes) -> None:
        """Take a content that has no name; an empty one waits for a file again."""
        self._content = value
        self.input.clear()
        self.changed.emit()

    def is_empty(self) -> bool:
        """Whether there is no file, or nothing in it."""
        return not self._content

    def _take(self, content: bytes, name: str) -> None:
        self._content = content
        self.input.show_received(name, "")
        self.changed.emit()
