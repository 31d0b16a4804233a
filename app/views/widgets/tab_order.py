"""The order of Tab where controls come and go."""

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def put_in_tab_order(place: QWidget, parts: Sequence[QWidget]) -> None:
    """Have Tab come by `parts`, in their order, where the widget that holds them stands.

    Qt itself puts every new control behind all others of its window.
    """
    first = _stop_before(place)
    for one, other in pairwise((*first, *parts)):
        QWidget.setTabOrder(one, other)


def _stop_before(place: QWidget) -> tuple[QWidget, ...]:
    """Where Tab stops before it comes to `place`; empty when there is nothing else yet."""
    before = place.previousInFocusChain()
    while before is not None and before is not place:
        if before.focusPolicy() & Qt.FocusPolicy.TabFocus:
            return (before,)
        before = before.previousInFocusChain()
    return ()
