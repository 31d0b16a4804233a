"""Where a new template begins: at a preset, or at nothing."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.core.language import _
from app.models.domain.presets import TemplatePreset, template_presets
from app.models.domain.templates import Template
from app.views.theme.fonts import scaled

_PADDING = (8, 6)  # of an item, as the style sheet has it


class PresetGallery(QDialog):
    """A list of presets, each with what it is for and the standard it follows.

    `chosen` gets the template to begin with once the dialog has closed.
    """

    def __init__(
        self, empty: Template, chosen: Callable[[Template], None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("New template"))
        self._empty = empty
        self._chosen = chosen
        self.presets: list[TemplatePreset | None] = [*template_presets(), None]
        self.list = QListWidget(self)
        self.list.setAccessibleName(_("Presets"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for preset in self.presets:
            self._add(preset)
        self.list.setCurrentRow(0)
        self.list.itemActivated.connect(lambda _item: self.accept())
        self.next = QPushButton(_("Continue"), self)
        self.next.setProperty("role", "primary")
        self.next.setDefault(True)
        self.next.clicked.connect(self.accept)
        self.cancel = QPushButton(_("Cancel"), self)
        self.cancel.setAutoDefault(False)
        self.cancel.clicked.connect(self.reject)
        self.accepted.connect(self._begin)
        self._lay_out()
        self.resize(scaled(620), scaled(560))

    def showEvent(self, event: QShowEvent) -> None:
        """Give each preset the height its lines need, now that their fonts are known."""
        super().showEvent(event)
        for row in range(self.list.count()):
            item = self.list.item(row)
            card = self.list.itemWidget(item)
            height = card.heightForWidth(self.list.viewport().width() - 2 * _PADDING[0])
            item.setSizeHint(QSize(0, height + 2 * _PADDING[1]))

    def _begin(self) -> None:
        preset = self.presets[self.list.currentRow()]
        self._chosen(self._empty if preset is None else preset.template)

    def _add(self, preset: TemplatePreset | None) -> None:
        title, about, source = _about(preset)
        card = QWidget()
        column = QVBoxLayout(card)
        column.setContentsMargins(scaled(4), scaled(2), scaled(4), scaled(2))
        column.setSpacing(scaled(2))
        for text, role in ((title, ""), (about, ""), (source, "label")):
            label = QLabel(text, card)
            label.setProperty("role", role)
            label.setStyleSheet("font-weight: 600;" if text == title else "")
            label.setWordWrap(True)
            label.setVisible(bool(text))
            column.addWidget(label)
        item = QListWidgetItem(self.list)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{title}. {about} {source}")
        self.list.setItemWidget(item, card)

    def _lay_out(self) -> None:
        heading = QLabel(_("Begin a template with"), self)
        heading.setProperty("role", "title")
        buttons = QHBoxLayout()
        buttons.setSpacing(scaled(8))
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.next)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(scaled(24), scaled(20), scaled(24), scaled(12))
        layout.setSpacing(scaled(12))
        layout.addWidget(heading)
        layout.addWidget(self.list, 1)
        layout.addLayout(buttons)


def _about(preset: TemplatePreset | None) -> tuple[str, str, str]:
    """Title, what it is for, and the standard it follows."""
    if preset is None:
        return _("Nothing"), _("Every field is yours to choose."), ""
    return preset.title, preset.description, preset.source
