"""Several of several values, each with a box to tick."""

from collections.abc import Sequence
from typing import TypeVar

from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QCheckBox, QWidget

from app.views.widgets.field import Field
from app.views.widgets.flow_layout import FlowLayout
from app.views.widgets.tab_order import put_in_tab_order

T = TypeVar("T")


class ChecksField(Field[tuple[T, ...]]):
    """Boxes in lines. Values keep the order they were given in; later ones come at the end."""

    def __init__(
        self,
        label: str,
        choices: Sequence[tuple[T, str]],
        *,
        required: bool = False,
        hint: str = "",
        parent: QWidget | None = None,
    ) -> None:
        self._row = QWidget()
        self._flow = FlowLayout(self._row, spacing=12)
        self.boxes: dict[T, QCheckBox] = {}
        self._chosen: list[T] = []
        self._name = label
        super().__init__(label, self._row, required=required, hint=hint, parent=parent)
        # Tab would go round between a proxy and the boxes after it.
        self.setFocusProxy(None)  # type: ignore[arg-type]  # Qt's way to have none
        self.set_choices(choices)

    def set_choices(self, choices: Sequence[tuple[T, str]]) -> None:
        """Offer other values; those that were ticked stay so when they are among them."""
        for box in self.boxes.values():
            box.setParent(None)
            box.deleteLater()
        self.boxes = {}
        for value, text in choices:
            box = QCheckBox(text.replace("&", "&&"), self._row)
            box.setAccessibleName(f"{self._name}: {text}")
            box.setChecked(value in self._chosen)
            box.toggled.connect(lambda on, one=value: self._toggle(one, on))
            self._flow.addWidget(box)
            box.show()
            self.boxes[value] = box
        put_in_tab_order(self, list(self.boxes.values()))
        self._chosen = [value for value in self._chosen if value in self.boxes]

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Pass the focus on to the first box."""
        super().focusInEvent(event)
        for box in list(self.boxes.values())[:1]:
            box.setFocus()

    def is_empty(self) -> bool:
        """Whether no box is ticked."""
        return not self._chosen

    def value(self) -> tuple[T, ...]:
        """The values whose boxes are ticked."""
        return tuple(self._chosen)

    def set_value(self, value: tuple[T, ...]) -> None:
        """Tick the boxes of these values, as far as they are offered, and no others."""
        self._chosen = [one for one in value if one in self.boxes]
        for one, box in self.boxes.items():
            blocked = box.blockSignals(True)  # noqa: FBT003  Qt's signature
            box.setChecked(one in value)
            box.blockSignals(blocked)
        self.changed.emit()

    def _toggle(self, value: T, on: bool) -> None:
        if on and value not in self._chosen:
            self._chosen.append(value)
        elif not on and value in self._chosen:
            self._chosen.remove(value)
        self.changed.emit()
