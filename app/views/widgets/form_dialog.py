"""The form that makes or changes one thing: fields below each other, Save, and what is wrong."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.core.errors import KnownError
from app.core.language import _
from app.views.jobs import Jobs
from app.views.theme.fonts import scaled
from app.views.widgets.banner import Banner
from app.views.widgets.confirm import confirm
from app.views.widgets.field import Field
from app.views.widgets.form_section import FormSection

F = TypeVar("F", bound=Field[Any])


class FormDialog(QDialog):
    """Asks for values and saves them; add its fields, then show it with `open()`.

    `submit` gets the values of all fields by their keys, gathered on the window's thread, and
    runs on a worker thread. A known error whose `field` is a key stands under that field,
    others in the banner; either way everything typed is still there.

    Signals: `saved(object)` with what `submit` returned, once the form has closed.
    """

    saved = Signal(object)

    def __init__(
        self,
        title: str,
        jobs: Jobs,
        submit: Callable[[Mapping[str, Any]], object],
        parent: QWidget,
        *,
        save_text: str = "",
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self._jobs = jobs
        self._submit = submit
        self._save_text = save_text or _("Save")
        self.fields: dict[str, Field[Any]] = {}
        self.sections: list[FormSection] = []
        self._section_of: dict[str, FormSection] = {}
        self._at_first: dict[str, Any] = {}
        self._shown = False
        self._least_width = scaled(520)
        self.banner = Banner(self)
        self._content = QWidget()
        self._content.setProperty("role", "plain")
        self._column = QVBoxLayout(self._content)
        self._column.setContentsMargins(scaled(24), 0, scaled(24), scaled(16))
        self._column.setSpacing(scaled(14))
        self._column.addStretch(1)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it follows the fields' focus
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._content)
        self.cancel = QPushButton(_("Cancel"), self)
        self.cancel.clicked.connect(self.reject)
        self.save = QPushButton(self._save_text, self)
        self.save.setProperty("role", "primary")
        self.save.setDefault(True)
        self.save.clicked.connect(self._save)
        self._lay_out(title)

    def add(self, field: F, key: str) -> F:
        """Append a field, to the newest section if there is one; `key` names its value."""
        self.fields[key] = field
        if self.sections:
            self._section_of[key] = self.sections[-1]
            self.sections[-1].body.addWidget(field)
            field.changed.connect(self.sections[-1].summarise)
        else:
            self._column.insertWidget(self._column.count() - 1, field)
        field.changed.connect(field.clear_message)
        return field

    def add_section(self, title: str, summary: Callable[[], str]) -> FormSection:
        """Begin a section, collapsed at first; `summary` says what its fields hold."""
        section = FormSection(title, summary, self._content)
        section.toggled.connect(self.grow)
        section.toggled.connect(lambda: self._reveal(section))
        self._column.insertWidget(self._column.count() - 1, section)
        self.sections.append(section)
        return section

    def set_side(self, side: QWidget) -> None:
        """Show `side` beside the fields, in half of a wider dialog or what they leave of it."""
        self._least_width = scaled(1120)
        self._middle.addWidget(side, 1)

    def show_error(self, error: KnownError) -> None:
        """Say what is wrong, under the field it names or in the banner."""
        field = self.fields.get(error.field or "")
        if field is None:
            self.banner.show_error(error)
            return
        field.set_error(error)
        self._go_to(error.field or "")

    def showEvent(self, event: QShowEvent) -> None:
        """Begin at the first field; what stands in the fields now is no change."""
        super().showEvent(event)
        if not self._shown:
            self._shown = True
            self._at_first = self._state()
            for section in self.sections:
                section.summarise()
            self.grow()
            next(iter(self.fields.values())).setFocus()

    def reject(self) -> None:
        """Close; asks first when something typed would be lost, and not while saving."""
        if not self.cancel.isEnabled():
            return
        if self._state() == self._at_first:
            super().reject()
            return
        confirm(
            self,
            _("Discard what you changed?"),
            _("“{title}” has changes that were not saved.").format(title=self.windowTitle()),
            _("Discard changes"),
            destructive=True,
            done=lambda: self.done(QDialog.DialogCode.Rejected),
        )

    def _save(self) -> None:
        self.banner.clear()
        missing = [key for key, field in self.fields.items() if _lacks(field)]
        for key in missing:
            self.fields[key].set_message(_("Fill this in."))
        if missing:
            self._go_to(missing[0])
            return
        values = {key: field.value() for key, field in self.fields.items()}
        self._set_busy(busy=True)
        self._jobs.run(self, lambda: self._submit(values), self._done, self._failed)

    def _done(self, result: object) -> None:
        self.accept()
        self.saved.emit(result)

    def _failed(self, error: KnownError) -> None:
        self._set_busy(busy=False)
        self.save.setFocus()
        self.show_error(error)

    def _set_busy(self, *, busy: bool) -> None:
        for widget in (self._content, self.save, self.cancel):
            widget.setEnabled(not busy)
        self.save.setText(_("Saving…") if busy else self._save_text)

    def _go_to(self, key: str) -> None:
        if key in self._section_of:
            self._section_of[key].open()
        field = self.fields[key]
        field.setFocus()
        # What was just opened or written has its place only after the layout had its turn.
        QTimer.singleShot(0, field, lambda: self._scroll.ensureWidgetVisible(field))

    def _reveal(self, section: FormSection) -> None:
        """Scroll to what was just opened: to its end, or as far as its header stays in sight."""

        def scroll() -> None:
            bar, seen = self._scroll.verticalScrollBar(), self._scroll.viewport().height()
            end = section.y() + section.height()
            if end > bar.value() + seen:
                bar.setValue(min(section.y(), end - seen))

        if self._shown and section.is_open():
            QTimer.singleShot(0, section, scroll)  # it has its place only after the layout's turn

    def _state(self) -> dict[str, Any]:
        return {
            key: None if field.is_empty() else field.value() for key, field in self.fields.items()
        }

    def grow(self) -> None:
        """Be as high as the fields need, if the screen has room; call it when one was shown.

        Never less than before.
        """
        if not self._shown:
            return
        width = max(self.width(), self._least_width)
        self._column.activate()
        frame = 2 * self._scroll.frameWidth()
        least = self._content.minimumSizeHint().width() + frame
        # Nothing scrolls sideways: what is beside the fields leaves them the room they need.
        self._scroll.setMinimumWidth(least + self._scroll.verticalScrollBar().sizeHint().width())
        wanted = self._column.totalSizeHint().height()
        if self._column.hasHeightForWidth():
            share = max(width // self._middle.count(), self._scroll.minimumWidth())
            wanted = self._column.totalHeightForWidth(share)
        wanted += frame
        others = self._whole.totalHeightForWidth(width) - self._scroll.sizeHint().height()
        room = self.screen().availableGeometry().size()
        height = min(max(wanted + others, self.height()), room.height() - scaled(48))
        self.resize(min(width, room.width()), height)

    def _lay_out(self, title: str) -> None:
        heading = QLabel(title, self)
        heading.setProperty("role", "title")
        heading.setTextFormat(Qt.TextFormat.PlainText)
        heading.setWordWrap(True)
        head = QVBoxLayout()
        head.setContentsMargins(scaled(24), scaled(20), scaled(24), scaled(12))
        head.setSpacing(scaled(12))
        head.addWidget(heading)
        head.addWidget(self.banner)
        rule = QFrame(self)
        rule.setProperty("role", "rule")
        foot = QHBoxLayout()
        foot.setContentsMargins(scaled(24), scaled(12), scaled(24), scaled(12))
        foot.setSpacing(scaled(8))
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.save)
        layout = self._whole = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        self._middle = QHBoxLayout()
        self._middle.setSpacing(0)
        self._middle.addWidget(self._scroll, 1)
        layout.addLayout(self._middle, 1)
        layout.addWidget(rule)
        layout.addLayout(foot)


def _lacks(field: Field[Any]) -> bool:
    """Whether the field waits for a value; one the page has hidden does not apply."""
    return field.required and not field.isHidden() and field.is_empty()
