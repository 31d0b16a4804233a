"""The chain of a certificate as a tree, its root on top."""

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from app.core.language import _
from app.views.theme.fonts import scaled

_ROW_HEIGHT = 28
_INDENT = "    "


class ChainTree(QListWidget):
    """A row for each certificate of `chain`, name and DER, whose first is the lowest.

    A certificate has one issuer, so the tree never branches: each row is indented below the
    one that certifies it.

    Signals: `wanted(str, bytes)`, name and DER of the certificate that was clicked, or chosen
    with Enter or Space.
    """

    wanted = Signal(str, bytes)

    def __init__(self, chain: Sequence[tuple[str, bytes]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(_("Chain"))
        self.setToolTip(_("Click to see what the certificate says"))
        self._chain = tuple(reversed(chain))
        for depth, (name, _der) in enumerate(self._chain):
            branch = f"{_INDENT * (depth - 1)}\N{BOX DRAWINGS LIGHT UP AND RIGHT} "
            item = QListWidgetItem(f"{branch if depth else ''}{name}", self)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, name)
            item.setSizeHint(QSize(0, scaled(_ROW_HEIGHT)))
        self.setFixedHeight(scaled(_ROW_HEIGHT) * len(chain) + scaled(8))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setCurrentRow(0, QItemSelectionModel.SelectionFlag.NoUpdate)
        self.itemClicked.connect(lambda _item: self._tell())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space show the certificate; arrows move."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._tell()
        else:
            super().keyPressEvent(event)

    def _tell(self) -> None:
        self.wanted.emit(*self._chain[self.currentRow()])
