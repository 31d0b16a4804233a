"""The states a list can be narrowed to, each with the number of its rows."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QWidget

from app.core.language import _
from app.views.theme.fonts import scaled
from app.views.widgets.choice_row import ChoiceRow


class ChipBar(ChoiceRow):
    """Small exclusive buttons with counts; signals and keys as `ChoiceRow`."""

    def __init__(
        self, name: str, choices: Sequence[tuple[str, str]], parent: QWidget | None = None
    ) -> None:
        self._texts = dict(choices)
        super().__init__(name, choices, "chip", parent)
        # A line of chips stands in the middle of the search box beside it.
        self.setContentsMargins(0, scaled(5), 0, 0)

    def set_counts(self, counts: Mapping[str, int]) -> None:
        """Show how many rows each state has; a state without a count shows none."""
        locale = QLocale()
        locale.setNumberOptions(QLocale.NumberOption.DefaultNumberOptions)  # groups thousands
        for key, button in self.buttons.items():
            text = self._texts[key]
            if key in counts:
                count = locale.toString(counts[key])
                text = _("{state} {count}").format(state=text, count=count)
            button.setText(text.replace("&", "&&"))
            button.setAccessibleName(text)
            button.updateGeometry()
