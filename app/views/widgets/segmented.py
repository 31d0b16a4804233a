"""The choice between two or three ways to go on."""

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from app.views.widgets.choice_row import ChoiceRow


class Segmented(ChoiceRow):
    """Large exclusive buttons; signals and keys as `ChoiceRow`."""

    def __init__(
        self, name: str, choices: Sequence[tuple[str, str]], parent: QWidget | None = None
    ) -> None:
        super().__init__(name, choices, "segment", parent)
