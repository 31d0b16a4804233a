"""A password that was made here, shown once to be handed over."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.core.language import _
from app.views.theme.fonts import scaled
from app.views.widgets.copy_label import CopyLabel
from app.views.widgets.plain_label import plain_label


class PasswordDialog(QDialog):
    """Shows the password of the user `name` until it is closed; nobody can ask for it again."""

    def __init__(self, name: str, password: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        title = _("Password of {name}").format(name=name)
        self.setWindowTitle(title)
        self.setMinimumWidth(scaled(440))
        heading = plain_label(title, "heading")
        text = plain_label(
            _(
                "It is shown only now. Hand it over in person: {name} chooses another one at the"
                " next sign-in."
            ).format(name=name),
            "",
        )
        self.password = CopyLabel(_("password"), password)
        close = QPushButton(_("Close"), self)
        close.setProperty("role", "primary")
        close.setAutoDefault(False)  # Enter must not take the password away unread
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(scaled(24), scaled(24), scaled(24), scaled(16))
        layout.setSpacing(scaled(12))
        for widget in (heading, text, self.password):
            layout.addWidget(widget)
        layout.addSpacing(scaled(8))
        layout.addLayout(buttons)
        self.password.setFocus()
