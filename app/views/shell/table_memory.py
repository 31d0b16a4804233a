"""How each person left the columns of the tables, beside the workspace they belong to."""

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from app.models.domain.access import Actor
from app.views.widgets.data_table import DataTable
from app.views.widgets.page import Page

FILE = "window.ini"


class TableMemory:
    """Shows tables as the person left them: widths, order, choice and sorting of the columns."""

    def __init__(self, folder: Path, actor: Actor) -> None:
        self._kept = QSettings(str(folder / FILE), QSettings.Format.IniFormat)
        self._person = f"columns/{actor.user_id or 0}"

    def follow(self, page_id: str, page: Page) -> None:
        """Bring back the columns of a page just made, and keep them whenever it is left."""
        table = page.findChild(DataTable)
        if table is None:
            return
        key = f"{self._person}/{page_id}"
        state = self._kept.value(key)
        if isinstance(state, QByteArray):
            table.restore_state(bytes(state.data()))
        table.left.connect(lambda: self._keep(key, QByteArray(table.save_state())))

    def _keep(self, key: str, state: QByteArray) -> None:
        if state != self._kept.value(key):
            self._kept.setValue(key, state)
            self._kept.sync()  # the program may end before Qt comes to it
