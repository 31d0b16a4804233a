"""Who is signed in and as what, and what they can do about it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from app.core.language import _
from app.models.domain.access import Actor
from app.views.commands import Commands
from app.views.role_words import role_text
from app.views.theme.fonts import scaled
from app.views.theme.icons import set_icon
from app.views.widgets.tip import plain_tip

_LEAVING = ("account.switch", "account.lock", "account.sign-out")
_THEMES = ("theme.system", "theme.light", "theme.dark")


class AccountButton(QToolButton):
    """Stands at the end of the title bar of whichever page is shown."""

    def __init__(self, actor: Actor, commands: Commands, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "account")
        name = self.fontMetrics().elidedText(actor.name, Qt.TextElideMode.ElideMiddle, scaled(200))
        role = role_text(actor.role) if actor.role else ""
        self.setText(" · ".join(part for part in (name, role) if part).replace("&", "&&"))
        self.setToolTip(plain_tip(actor.name))
        self.setAccessibleName(_("Account of {name}").format(name=actor.name))
        self.setAccessibleDescription(role)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        set_icon(self, "user", "dim")
        menu = QMenu(self)
        menu.addAction(commands.action("account.profile"))
        themes = menu.addMenu(_("Theme"))
        themes.addActions([commands.action(theme) for theme in _THEMES])
        menu.addAction(commands.action("palette"))
        menu.addSeparator()
        menu.addActions([commands.action(way) for way in _LEAVING])
        self.setMenu(menu)
