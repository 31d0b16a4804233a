"""What the Audit log page tells of one event beside the list."""

import re

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from app.core.language import _
from app.models.domain.access import Role
from app.models.domain.audit import AuditEvent
from app.views.audit.words import kind_text, outcome_badge, place_text
from app.views.audit_words import action_text
from app.views.recorded_words import name_text, value_text
from app.views.role_words import role_text
from app.views.theme.fonts import scaled
from app.views.widgets.copy_label import CopyLabel
from app.views.widgets.property_list import PropertyList
from app.views.widgets.side_panel import SidePanel
from app.views.widgets.times import NO_TIME, time_text, zone_text

_LONG_WORD = re.compile(r"\S{15,}")


def describe_event(panel: SidePanel, event: AuditEvent) -> None:
    """Give the panel its heading, and append what is known of an event."""
    subtitle = _("Event {number}, {action}").format(number=event.number, action=event.action)
    panel.set_heading(action_text(event.action), subtitle, outcome_badge(event))
    known = PropertyList()
    known.add(_("Time"), time_text(event.at), tip=zone_text(event.at))
    known.add(_("Who"), event.actor)
    if event.role is not None:
        known.add(_("Role"), role_text(Role(event.role)))
    known.add(_("From where"), place_text(event))
    known.add(kind_text(event.object_kind), event.object_name or NO_TIME)
    panel.add_section("", known)
    if event.reason:
        panel.add_section(_("Why"), _text(event.reason))
    if event.before or event.after:
        panel.add_section(_("Values"), Values(event))
    panel.add_section(_("Hash of the event (SHA-256)"), CopyLabel(_("hash"), event.hash))
    panel.add_section(
        _("Hash of the event before it"), CopyLabel(_("hash before"), event.previous_hash)
    )


class Values(QWidget):
    """The values before and after the event beside each other, a row each."""

    def __init__(self, event: AuditEvent, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(scaled(8), 0, 0, 0)
        self._grid.setHorizontalSpacing(scaled(10))
        self._grid.setVerticalSpacing(scaled(4))
        beside = bool(event.before)
        titles = [_("Before"), _("After")] if beside else [_("Value")]
        self._add_row(0, ["", *titles], "label")
        for number, key in enumerate(event.before | event.after):
            cells = [event.before.get(key), event.after.get(key)][0 if beside else 1 :]
            rule = QFrame(self)
            rule.setProperty("role", "rule")
            self._grid.addWidget(rule, 2 * number + 1, 0, 1, 1 + len(titles))
            self._add_row(
                2 * number + 2,
                [name_text(key), *(value_text(key, cell) or NO_TIME for cell in cells)],
                "",
            )

    def _add_row(self, row: int, texts: list[str], role: str) -> None:
        for column, text in enumerate(texts):
            label = _text(text)
            if column == 0:
                label.setText(text)  # a name is no fingerprint: its words stay whole
            label.setProperty("role", role if column else "label")
            label.setAccessibleName(f"{texts[0]}: {text}" if column and texts[0] else text)
            self._grid.addWidget(label, row, column, Qt.AlignmentFlag.AlignTop)
            self._grid.setColumnStretch(column, 3 if column else 2)


def _text(text: str) -> QLabel:
    # A label breaks lines only between words; a fingerprint is one word.
    label = QLabel(_LONG_WORD.sub(lambda word: "\N{ZERO WIDTH SPACE}".join(word[0]), text))
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
