"""The fields of the name in the form of a template: added, ordered and taken away."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.core.language import _
from app.models.domain.certificate_terms import ATTRIBUTE_TYPES, SanKind
from app.models.domain.subjects import FieldRule, NamePart, TemplateField
from app.views.templates.name_row import NameRow, title_of
from app.views.theme.fonts import scaled
from app.views.theme.icons import set_icon
from app.views.widgets.field import Field
from app.views.widgets.tab_order import put_in_tab_order


class NamesField(Field[tuple[TemplateField, ...]]):
    """Subject attributes and alternative names in the order they stand in the certificate."""

    def __init__(self, label: str, *, hint: str = "", parent: QWidget | None = None) -> None:
        editor = QWidget()
        self.rows: list[NameRow] = []
        self._place = QWidget()
        self._rows = QVBoxLayout(self._place)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(scaled(8))
        self.kinds = QComboBox()
        self._kinds = _kinds()
        self.kinds.addItems([title_of(field) for field in self._kinds])
        self.kinds.setAccessibleName(_("Field to add"))
        self.add = QPushButton(_("Add field"))
        set_icon(self.add, "plus")
        self.add.setAutoDefault(False)
        self.add.clicked.connect(self._add)
        line = QHBoxLayout()
        line.setSpacing(scaled(8))
        line.addWidget(self.kinds, 1)
        line.addWidget(self.add)
        layout = QVBoxLayout(editor)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(scaled(8))
        layout.addWidget(self._place)
        layout.addLayout(line)
        super().__init__(label, editor, required=True, hint=hint, parent=parent)
        # Tab would go round between a proxy and the rows after it.
        self.setFocusProxy(None)  # type: ignore[arg-type]  # Qt's way to have none

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Pass the focus on to the first field, or to what can be added."""
        super().focusInEvent(event)
        (self.rows[0].rule if self.rows else self.kinds).setFocus()

    def is_empty(self) -> bool:
        """Whether there is no field."""
        return not self.rows

    def value(self) -> tuple[TemplateField, ...]:
        """The fields; those of one kind are numbered in their order."""
        counts: Counter[tuple[NamePart, str]] = Counter()
        found = []
        for row in self.rows:
            field = row.field()
            counts[field.part, field.kind] += 1
            found.append(replace(field, index=counts[field.part, field.kind]))
        return tuple(found)

    def set_value(self, value: tuple[TemplateField, ...]) -> None:
        """Show these fields."""
        self._show(value)

    def _show(self, fields: Sequence[TemplateField]) -> None:
        """Make the rows anew, so that Tab goes through them in their order."""
        for row in self.rows:
            self._rows.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [NameRow(field, self._place) for field in fields]
        last = len(self.rows) - 1
        for place, row in enumerate(self.rows):
            self._rows.addWidget(row)
            row.show()  # now, so that it can have the focus
            row.up.setEnabled(place > 0)
            row.down.setEnabled(place < last)
            row.changed.connect(self.changed)
            row.moved.connect(lambda by, at=place: self._move(at, by))
            row.removed.connect(lambda at=place: self._remove(at))
        self._order_tabs()
        self.changed.emit()

    def _order_tabs(self) -> None:
        parts = [
            part
            for row in self.rows
            for part in (row.rule, row.up, row.down, row.remove, row.oid, row.default, row.length)
        ]
        put_in_tab_order(self, parts)

    def _add(self) -> None:
        self._show((*self.value(), self._kinds[self.kinds.currentIndex()]))
        row = self.rows[-1]
        (row.default if row.oid.isHidden() else row.oid).setFocus()

    def _move(self, place: int, by: int) -> None:
        fields = list(self.value())
        fields.insert(place + by, fields.pop(place))
        self._show(fields)
        row = self.rows[place + by]
        button = row.up if by < 0 else row.down
        (button if button.isEnabled() else row.rule).setFocus()

    def _remove(self, place: int) -> None:
        fields = list(self.value())
        del fields[place]
        self._show(fields)
        self.kinds.setFocus()


def _kinds() -> tuple[TemplateField, ...]:
    """Every kind of field that can be added; an empty kind is one by OID."""
    subjects = (
        TemplateField(NamePart.SUBJECT, kind, FieldRule.REQUIRED) for kind in ("", *ATTRIBUTE_TYPES)
    )
    names = (
        TemplateField(NamePart.SAN, "" if kind is SanKind.OTHER else kind.value) for kind in SanKind
    )
    by_oid, *known = subjects
    return (*known, by_oid, *names)
