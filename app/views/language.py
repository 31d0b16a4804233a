"""The language of the window: the program's own texts, Qt's, dates and numbers."""

import shiboken6
from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from app.config.paths import resources_folder
from app.core.language import use_language

_NAMES = {"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español"}


def language_name(code: str) -> str:
    """What the language calls itself."""
    return _NAMES.get(code, code)


def speak(app: QCoreApplication, language: str) -> None:
    """Use `language` (a code such as `de`) for everything that is made from now on."""
    use_language(resources_folder() / "translations", language)
    system, wanted = QLocale.system(), QLocale(language)
    # The system's own locale knows the country too, and what the person has set there.
    QLocale.setDefault(system if system.language() == wanted.language() else wanted)
    for before in app.findChildren(QTranslator):
        app.removeTranslator(before)
        shiboken6.delete(before)
    translator = QTranslator(app)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load(wanted, "qtbase", "_", folder):
        app.installTranslator(translator)
