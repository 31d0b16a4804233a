"""A folder as the value of a form: typed or chosen."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QWidget

from app.core.language import _
from app.views.theme.fonts import scaled
from app.views.theme.icons import set_icon
from app.views.widgets.field import TextField


class FolderField(TextField):
    """The value is the path as it stands in the input; the folder need not be there."""

    def __init__(
        self,
        label: str,
        *,
        required: bool = False,
        hint: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(label, required=required, hint=hint, mono=True, parent=parent)
        self.browse = QPushButton(_("Choose folder…"))
        self.browse.setAutoDefault(False)
        set_icon(self.browse, "folder-open")
        self.browse.clicked.connect(self._ask)
        line = QWidget(self)
        self._upright.replaceWidget(self.input, line)
        beside = QHBoxLayout(line)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(scaled(8))
        beside.addWidget(self.input, 1)
        beside.addWidget(self.browse)

    def _ask(self) -> None:
        dialog = QFileDialog(self, _("Choose a folder"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda path: self.set_value(str(Path(path))))
        dialog.open()
