"""One subject attribute or alternative name in the form of a template."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core.language import _
from app.models.domain.certificate_terms import SanKind
from app.models.domain.subjects import FieldRule, NamePart, TemplateField
from app.views.templates.words import rule_text
from app.views.theme.fonts import mono_font, scaled
from app.views.theme.icons import set_icon

_MOST = 4096
_OID_PLACEHOLDER = "1.3.6.1.4.1.99999.1"


class NameRow(QFrame):
    """Rule, default and length of a field; with an OID where its kind needs one.

    A field whose kind is an OID begins with `kind` empty and is given its OID here.

    Signals: `changed()`, `moved(int)` with -1 for up and 1 for down, `removed()`.
    """

    changed = Signal()
    moved = Signal(int)
    removed = Signal()

    def __init__(self, field: TemplateField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._field = field
        self._by_oid = not field.kind or field.kind[0].isdigit()
        self._title = title_of(field)
        self.rule = QComboBox()
        for rule in FieldRule:
            self.rule.addItem(rule_text(rule))
        self.rule.setCurrentIndex(list(FieldRule).index(field.rule))
        self.default = QLineEdit(field.default)
        self.length = QSpinBox()
        self.length.setRange(0, _MOST)
        self.length.setSpecialValueText(_("any length"))
        # Qt gives the text of a spin box no padding of the style sheet.
        self.length.lineEdit().setTextMargins(scaled(10), 0, scaled(10), 0)
        self.length.setPrefix(_("at most") + " ")
        self.length.setValue(field.max_length or 0)
        self.oid = QLineEdit(field.kind if self._by_oid else field.hardware_type, self)
        self.oid.setFont(mono_font())
        self.up = self._tool("chevron-up", _("Move {field} up"))
        self.down = self._tool("chevron-down", _("Move {field} down"))
        self.remove = self._tool("x", _("Remove {field}"))
        self._name_parts()
        self._lay_out()
        self._connect()
        self._follow_rule()

    def field(self) -> TemplateField:
        """The field as it stands here; `index` is for the list to say."""
        oid = self.oid.text().strip()
        return TemplateField(
            part=self._field.part,
            kind=oid if self._by_oid else self._field.kind,
            rule=list(FieldRule)[self.rule.currentIndex()],
            default=self.default.text().strip(),
            max_length=self.length.value() or None,
            hardware_type="" if self._by_oid else oid,
        )

    def _name_parts(self) -> None:
        names = {
            self.rule: _("{field}: rule"),
            self.default: _("{field}: default value"),
            self.length: _("{field}: length"),
            self.oid: _("{field}: object identifier"),
        }
        for widget, name in names.items():
            widget.setAccessibleName(name.format(field=self._title))
        hardware = self._field.kind == SanKind.HARDWARE_MODULE_NAME
        self.oid.setPlaceholderText(
            _("OID of the hardware type, like {oid}").format(oid=_OID_PLACEHOLDER)
            if hardware
            else _("OID, like {oid}").format(oid=_OID_PLACEHOLDER)
        )
        self.oid.setVisible(hardware or self._by_oid)

    def _lay_out(self) -> None:
        title = QLabel(self._title)
        title.setWordWrap(True)
        top = QHBoxLayout()
        top.setSpacing(scaled(4))
        top.addWidget(title, 1)
        for widget in (self.rule, self.up, self.down, self.remove):
            top.addWidget(widget)
        below = QHBoxLayout()
        below.setSpacing(scaled(8))
        below.addWidget(self.default, 1)
        below.addWidget(self.length)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(scaled(10), scaled(6), scaled(6), scaled(8))
        layout.setSpacing(scaled(6))
        layout.addLayout(top)
        layout.addWidget(self.oid)
        layout.addLayout(below)

    def _connect(self) -> None:
        self.rule.currentIndexChanged.connect(self._follow_rule)
        for signal in (
            self.rule.currentIndexChanged,
            self.default.textChanged,
            self.length.valueChanged,
            self.oid.textChanged,
        ):
            signal.connect(lambda _value: self.changed.emit())
        self.up.clicked.connect(lambda: self.moved.emit(-1))
        self.down.clicked.connect(lambda: self.moved.emit(1))
        self.remove.clicked.connect(self.removed)

    def _follow_rule(self) -> None:
        fixed = list(FieldRule)[self.rule.currentIndex()] is FieldRule.FIXED
        self.default.setPlaceholderText(_("Value") if fixed else _("Default value, if any"))
        self.length.setVisible(not fixed)

    def _tool(self, icon: str, name: str) -> QToolButton:
        button = QToolButton()
        set_icon(button, icon, "dim")
        button.setAccessibleName(name.format(field=self._title))
        button.setToolTip(button.accessibleName())
        return button


def title_of(field: TemplateField) -> str:
    """What people call a field, also one whose OID is not given yet."""
    subject = field.part is NamePart.SUBJECT
    if not field.kind or field.kind[0].isdigit():
        return _("Subject, by OID") if subject else _("Other name, by OID (UTF8String)")
    return f"{field.title} ({field.kind})" if subject else field.title
