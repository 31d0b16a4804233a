"""The order of Tab where controls come and go."""

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def put_in_tab_order(place: QWidget, parts: Sequence[QWidget]) -> None:
    """Have Tab come by `parts`, in their order, where the widget that holds them stands.

    Qt itself puts every new control behind all others of its window.
    """
    before = place.previousInFocusChain()
    while before is not place and not before.focusPolicy() & Qt.FocusPolicy.TabFocus:
        before = before.previousInFocusChain()
    first = () if before is place else (before,)
    for one, other in pairwise((*first, *parts)):
        QWidget.setTabOrder(one, other)
