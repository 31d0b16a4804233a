"""Reads what `app.pki.certificate_text` tells."""

from collections.abc import Iterable

from app.pki.descriptions import Section


def lines(sections: Iterable[Section], title: str) -> dict[str, str]:
    """The lines of the one section of this title; rows of equal names joined."""
    (section,) = (section for section in sections if section.title == title)
    found: dict[str, str] = {}
    for line in section.lines:
        found[line.name] = f"{found[line.name]} {line.value}" if line.name in found else line.value
    return found
