"""How the window looks and which language it speaks."""

from typing import cast

from PySide6.QtWidgets import QApplication

from app.config.paths import resources_folder
from app.config.settings import SettingsFile
from app.core.language import _, languages
from app.views.language import language_name
from app.views.settings.card import Card
from app.views.theme import ThemeMode, apply_theme
from app.views.theme.tokens import Tone
from app.views.widgets.field import ChoiceField


class AppearanceCard(Card):
    """Theme, at once, and language, from the next start."""

    def __init__(self, settings: SettingsFile) -> None:
        super().__init__(_("Appearance"))
        self._settings = settings
        self.theme: ChoiceField[str] = ChoiceField(
            _("Theme"),
            [("system", _("As the desktop")), ("light", _("Light")), ("dark", _("Dark"))],
        )
        codes = languages(resources_folder() / "translations")
        self.language: ChoiceField[str] = ChoiceField(
            _("Language"),
            [(code, language_name(code)) for code in codes],
            hint=_("Of the station; you can choose your own in your profile."),
        )
        self.look()
        self.theme.changed.connect(self._change_theme)
        self.language.changed.connect(self._change_language)
        self.body.addWidget(self.theme)
        self.body.addWidget(self.language)

    def look(self) -> None:
        """Show the present settings, which a command may have changed."""
        self.theme.set_value(self._settings.current.theme)
        if self._settings.current.language in languages(resources_folder() / "translations"):
            self.language.set_value(self._settings.current.language)

    def _change_theme(self) -> None:
        mode = self.theme.value()
        if mode != self._settings.current.theme:
            self._settings.change(theme=mode)
            apply_theme(cast("QApplication", QApplication.instance()), cast("ThemeMode", mode))

    def _change_language(self) -> None:
        if self.language.value() != self._settings.current.language:
            self._settings.change(language=self.language.value())
            self.language.set_message(_("From the next start of the program."), Tone.NEUTRAL)
