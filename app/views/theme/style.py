"""The style sheet, made of the colour tokens and measured in text.

Widgets choose a look by the dynamic property `role` (set before they are first shown):
labels `title`, `heading`, `label`, `dim`, `error`, `mono`; buttons `primary`, `danger`,
`chip`, `segment`, `quiet`; frames `panel`, `rail`, `card`, `bar`. `tone` colours badges and
banners, `invalid` an input whose value breaks a rule.

A focus ring is a border two pixels wide in the accent colour; the padding gives way to it,
so nothing moves.
"""

import re
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.views.theme.fonts import BODY, LABEL, MONO_FAMILY, TITLE, scaled
from app.views.theme.tokens import Tokens, Tone

_SHEET = """
QToolTip { background: @panel; color: @text; border: 1px solid @outline; padding: 4px 8px; }
QMainWindow, QWidget[role="page"] { background: @background; }
QDialog { background: @panel; }
QFrame[role="panel"], QWidget[role="panel"] { background: @panel; }
QFrame[role="rail"], QWidget[role="rail"] { background: @rail; }
QFrame[role="card"] { background: @panel; border: 1px solid @line; border-radius: 8px; }
QFrame[role="bar"] { background: @panel; border: none; border-bottom: 1px solid @line; }
QFrame[role="rule"] { background: @line; border: none; max-height: 1px; min-height: 1px; }
QScrollArea { border: 2px solid transparent; border-radius: 4px; background: transparent; }
QScrollArea:focus { border-color: @accent; }
QScrollArea > QWidget > QWidget[role="plain"] { background: transparent; }
QSplitter::handle { background: @line; }
QSplitter::handle:horizontal { width: 1px; }

QLabel[role="title"] { font-size: <title>px; font-weight: 600; }
QLabel[role="heading"] { font-size: 16px; font-weight: 600; }
QLabel[role="label"] { font-size: <label>px; color: @dim; }
QLabel[role="dim"] { color: @dim; }
QLabel[role="error"] { font-size: <label>px; color: @bad; }
QLabel[role="error"][tone="warning"] { color: @warning; }
QLabel[role="error"][tone="good"] { color: @good; }
QLabel[role="error"][tone="neutral"] { color: @dim; }
QLabel[role="mono"] { font-family: "<mono>"; font-size: 13px; }
QLabel[role="badge"] {
    font-size: <label>px; font-weight: 500; padding: 2px 8px; border-radius: 4px;
}
QLabel[role="copy"] { border: 2px solid transparent; border-radius: 4px; padding: 2px; }
QLabel[role="copy"]:focus { border-color: @accent; }

QPushButton {
    background: @panel; color: @text; border: 1px solid @line; border-radius: 6px;
    padding: 6px 14px; min-height: 18px; font-weight: 500;
}
QPushButton:hover { background: @rail; }
QPushButton:pressed { background: @line; }
QPushButton:disabled { color: @outline; }
QPushButton:focus { border: 2px solid @accent; padding: 5px 13px; }
QPushButton::menu-indicator { image: none; }
QPushButton[role="primary"] {
    background: @accent; color: @on_accent; border-color: @accent;
}
QPushButton[role="primary"]:hover { background: @accent_hover; }
QPushButton[role="primary"]:disabled {
    background: @neutral_ground; color: @dim; border-color: @neutral_ground;
}
QPushButton[role="primary"]:focus { border-color: @text; }
QPushButton[role="danger"] { background: @bad; color: @on_accent; border-color: @bad; }
QPushButton[role="danger"]:focus { border-color: @text; }
QPushButton[role="danger"]:disabled { background: @bad_ground; color: @bad; }
QPushButton[role="chip"] {
    border-radius: <chip>px; padding: 3px 10px; min-height: 16px;
    font-size: <label>px; font-weight: 400;
}
QPushButton[role="chip"]:focus { padding: 2px 9px; }
QPushButton[role="chip"]:checked, QPushButton[role="segment"]:checked {
    background: @soft; color: @accent; border-color: @accent;
}
QPushButton[role="chip"]:checked { font-weight: 500; }
QPushButton[role="chip"]:checked:focus, QPushButton[role="segment"]:checked:focus {
    border-color: @text;
}
QToolButton {
    background: transparent; border: 2px solid transparent; border-radius: 6px; padding: 4px;
}
QToolButton:hover { background: @rail; }
QToolButton:pressed, QToolButton:checked { background: @soft; }
QToolButton:focus { border-color: @accent; }
QToolButton::menu-indicator { image: none; }
QToolButton[role="account"] { padding-right: 18px; }
QToolButton[role="account"]::menu-indicator {
    image: url("<glyphs>/chevron-down.svg"); width: 14px; height: 14px;
    subcontrol-origin: padding; subcontrol-position: center right; right: 6px;
}

QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QAbstractSpinBox {
    background: @panel; color: @text; border: 1px solid @outline; border-radius: 6px;
    padding: 6px 10px; selection-background-color: @accent; selection-color: @on_accent;
    placeholder-text-color: @dim;
}
QPlainTextEdit, QTextEdit { padding: 6px 8px; }
QPlainTextEdit:focus, QTextEdit:focus { padding: 5px 7px; }
QComboBox { padding-left: 12px; }
QComboBox:focus { padding-left: 11px; }
QLineEdit, QComboBox { min-height: 20px; }
QAbstractSpinBox { min-height: 20px; max-height: 20px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus, QAbstractSpinBox:focus {
    border: 2px solid @accent; padding: 5px 9px;
}
QLineEdit:read-only, QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled,
QAbstractSpinBox:disabled, QPlainTextEdit[readOnly="true"] {
    background: @background; color: @dim; border-color: @line;
}
QLineEdit:read-only:focus { border-color: @accent; }
*[invalid="true"] { border-color: @bad; }
*[invalid="true"]:focus { border-color: @bad; }
QAbstractSpinBox QLineEdit, QComboBox QLineEdit {
    border: none; padding: 0; background: transparent; min-height: 0;
}
QComboBox::drop-down, QDateTimeEdit::drop-down {
    subcontrol-origin: padding; subcontrol-position: center right; width: 28px; border: none;
}
QComboBox::down-arrow, QDateTimeEdit::down-arrow {
    image: url("<glyphs>/chevron-down.svg"); width: 16px; height: 16px;
}
QSpinBox::up-button, QSpinBox::down-button { border: none; width: 24px; }
QSpinBox::up-button { subcontrol-position: top right; }
QSpinBox::down-button { subcontrol-position: bottom right; }
QSpinBox::up-arrow { image: url("<glyphs>/chevron-up.svg"); width: 14px; height: 14px; }
QSpinBox::down-arrow { image: url("<glyphs>/chevron-down.svg"); width: 14px; height: 14px; }
QComboBox QAbstractItemView {
    background: @panel; border: 1px solid @outline; selection-background-color: @soft;
    selection-color: @text; outline: none; padding: 4px;
}

QCheckBox, QRadioButton {
    spacing: 8px; border: 2px solid transparent; border-radius: 6px; padding: 2px 4px 2px 2px;
}
QCheckBox:focus, QRadioButton:focus { border-color: @accent; }
QCheckBox:disabled, QRadioButton:disabled { color: @dim; }
QCheckBox::indicator, QRadioButton::indicator, QAbstractItemView::indicator {
    width: 16px; height: 16px; border: 1px solid @outline; background: @panel;
}
QCheckBox::indicator, QAbstractItemView::indicator { border-radius: 4px; }
QRadioButton::indicator { border-radius: <radio>px; }
QCheckBox::indicator:checked, QRadioButton::indicator:checked,
QAbstractItemView::indicator:checked, QCheckBox::indicator:indeterminate {
    background: @accent; border-color: @accent;
}
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked {
    image: url("<glyphs>/check.svg");
}
QCheckBox::indicator:indeterminate { image: url("<glyphs>/minus.svg"); }
QRadioButton::indicator:checked { image: url("<glyphs>/dot.svg"); }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {
    background: @background; border-color: @line;
}
QCheckBox::indicator:checked:disabled, QRadioButton::indicator:checked:disabled {
    background: @outline; border-color: @outline;
}

QTableView, QListView, QTreeView {
    background: @panel; color: @text; border: 1px solid @line; border-radius: 8px;
    outline: none; gridline-color: @line; selection-background-color: @soft;
    selection-color: @text;
}
QTableView:focus, QListView:focus, QTreeView:focus { border: 2px solid @accent; }
QTableView { padding: 1px; }
QTableView:focus { padding: 0; }
QListView, QTreeView { padding: 4px; }
QListView:focus, QTreeView:focus { padding: 3px; }
QListView::item, QTreeView::item { padding: 6px 8px; }
QListView::item:selected, QTreeView::item:selected { background: @soft; color: @text; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section {
    background: transparent; color: @dim; border: none; border-bottom: 1px solid @line;
    padding: 9px 12px; font-size: <label>px; font-weight: 500;
}
QHeaderView::section:hover { color: @text; }
QHeaderView::down-arrow, QHeaderView::up-arrow {
    width: 14px; height: 14px; subcontrol-position: center right; right: 6px;
}
QHeaderView::down-arrow { image: url("<glyphs>/chevron-down.svg"); }
QHeaderView::up-arrow { image: url("<glyphs>/chevron-up.svg"); }
QTableCornerButton::section { background: transparent; border: none; }

QMenu { background: @panel; color: @text; border: 1px solid @outline; padding: 4px; }
QMenu::item { padding: 6px 28px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: @soft; }
QMenu::item:disabled { color: @outline; }
QMenu::separator { height: 1px; background: @line; margin: 4px 8px; }
QMenu::icon { padding-left: 8px; }
QMenuBar { background: @panel; color: @text; }
QMenuBar::item { padding: 4px 10px; background: transparent; }
QMenuBar::item:selected { background: @soft; border-radius: 4px; }
QTabWidget::pane { border: none; border-top: 1px solid @line; }
QTabBar::tab {
    background: transparent; color: @dim; padding: 8px 14px; border: none;
    border-bottom: 2px solid transparent; font-weight: 500;
}
QTabBar::tab:selected { color: @accent; border-bottom-color: @accent; }
QTabBar:focus { border: 2px solid @accent; border-radius: 6px; }
QProgressBar {
    background: @neutral_ground; border: none; border-radius: 3px; max-height: 6px;
    min-height: 6px; text-align: center; color: transparent;
}
QProgressBar::chunk { background: @accent; border-radius: 3px; }

QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 2px; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 2px; }
QScrollBar::handle { background: @outline; border-radius: 3px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: @dim; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QFrame[role="drop"] { background: @panel; border: 1px dashed @outline; border-radius: 8px; }
QFrame[role="drop"][dropping="true"] { background: @soft; border: 2px solid @accent; }
QFrame[role="drop"]:focus { border: 2px solid @accent; }
QWidget[role="side"] { background: @panel; }
"""


def style_sheet(tokens: Tokens, glyphs: Path) -> str:
    """The style sheet of `tokens` at the current text size; `glyphs` holds its SVG files."""
    sheet = _SHEET + "".join(_tone_rules(tokens, tone) for tone in Tone)
    sheet = re.sub(r"@(\w+)", lambda match: str(getattr(tokens, match[1])), sheet)
    names = {"<title>": TITLE, "<label>": LABEL, "<body>": BODY, "<mono>": MONO_FAMILY}
    for name, value in names.items():
        sheet = sheet.replace(name, str(value))
    # Borders stay one or two pixels; everything from three pixels up is measured in text.
    sheet = re.sub(r"\b([3-9]|\d{2,})px", lambda match: f"{scaled(int(match[1]))}px", sheet)
    # Qt drops a radius that is more than half the height, which rounding could make it.
    sheet = sheet.replace("<chip>", str(1 + scaled(3) + scaled(16) // 2))
    sheet = sheet.replace("<radio>", str(1 + scaled(16) // 2))
    return sheet.replace("<glyphs>", glyphs.as_posix())


def restyle(widget: QWidget) -> None:
    """Apply the style sheet again after a dynamic property of `widget` changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


def _tone_rules(tokens: Tokens, tone: Tone) -> str:
    text, ground = tokens.tone(tone)
    return (
        f'QLabel[role="badge"][tone="{tone}"] {{ color: {text}; background: {ground}; }}\n'
        f'QFrame[role="banner"][tone="{tone}"] '
        f"{{ background: {ground}; border: none; border-radius: 6px; }}\n"
        f'QFrame[role="banner"][tone="{tone}"] QLabel {{ color: {text}; }}\n'
    )
