"""A decoded structure, part by part, to be read, searched by eye and copied."""

from collections.abc import Sequence
from html import escape

from PySide6.QtWidgets import QTextBrowser, QWidget

from app.models.domain.certificate_terms import Line, Section
from app.views.theme.fonts import mono_font, scaled


class DecodedView(QTextBrowser):
    """Sections of lines under headings; nothing in it is a link."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setOpenLinks(False)
        self.setTabChangesFocus(True)

    def show_sections(self, sections: Sequence[Section]) -> None:
        """Show other sections; one who has scrolled stays where they are."""
        place = self.verticalScrollBar().value()
        self.setHtml("".join(_section(section) for section in sections))
        self.verticalScrollBar().setValue(place)


def _section(section: Section) -> str:
    rows = "".join(_row(line) for line in section.lines)
    return f"<p><b>{escape(section.title)}</b></p><table cellpadding=2>{rows}</table>"


def _row(line: Line) -> str:
    value = escape(line.value).replace("\n", "<br>")
    if line.mono:  # small enough for sixteen octets a row
        style = f"font-family: '{mono_font().family()}'; font-size: {scaled(12)}px"
        value = f'<span style="{style}">{value}</span>'
    return f"<tr><td width={scaled(144)}>{escape(line.name)}</td><td>{value}</td></tr>"
