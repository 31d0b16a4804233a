"""The settings of a workspace, each declared once: type, default and text."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from threading import Lock
from typing import Any

from app.core.errors import InvalidInputError
from app.core.files import replace_file
from app.core.language import _

THEMES = ("system", "light", "dark")


@dataclass(frozen=True)
class Settings:
    """What a workspace remembers beside its database. `listener_port` 0 lets the system choose.

    `publication_url` is the address below which CRLs, OCSP and authorities' certificates are
    found, as certificates say; empty when they are to say nothing. `publication_host` and
    `publication_port` are where this computer answers for them, then.
    """

    theme: str = "system"
    language: str = "en"
    listener_host: str = "0.0.0.0"  # noqa: S104  devices on the bench come from other hosts
    listener_port: int = 8443
    listener_starts: bool = False
    est_base_domain: str = "est.local"
    lock_after_minutes: int = 15
    publication_url: str = ""
    publication_host: str = "0.0.0.0"  # noqa: S104  whoever checks a certificate is elsewhere
    publication_port: int = 8080


# http alone: to look up a TLS certificate by TLS goes round in circles (RFC 5280 section 8).
_PUBLICATION_URL = re.compile(
    r"http://([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?(/[\w.~/-]{0,200})?",
    re.ASCII,
).fullmatch
_RULES: dict[str, Callable[[Any], bool]] = {
    "theme": lambda value: value in THEMES,
    "language": lambda value: isinstance(value, str) and value.isalpha(),
    "listener_host": lambda value: isinstance(value, str) and bool(value),
    "listener_port": lambda value: type(value) is int and 0 <= value <= 65535,
    "listener_starts": lambda value: isinstance(value, bool),
    "est_base_domain": lambda value: isinstance(value, str) and bool(value),
    "lock_after_minutes": lambda value: type(value) is int and 0 <= value <= 1440,
    "publication_url": lambda value: value == "" or _is_publication_url(value),
    "publication_host": lambda value: isinstance(value, str) and bool(value),
    "publication_port": lambda value: type(value) is int and 0 <= value <= 65535,
}


class SettingsFile:
    """Settings kept as JSON. Keys of a newer version are kept as they are.

    Safe to share by threads.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._stored: dict[str, Any] = _load(path)
        known = {f.name: self._stored[f.name] for f in fields(Settings) if f.name in self._stored}
        _check(known)
        self.current = Settings(**known)

    def change(self, **values: object) -> Settings:
        """Set some settings and write the file; raises `InvalidInputError` and changes nothing."""
        _check(values)
        with self._lock:
            changed = replace(self.current, **values)  # type: ignore[arg-type]  # checked above
            stored = self._stored | values
            replace_file(self._path, json.dumps(stored, indent=2))
            self._stored, self.current = stored, changed
        return changed


def _is_publication_url(value: object) -> bool:
    return isinstance(value, str) and _PUBLICATION_URL(value) is not None


def _load(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        stored = json.loads(path.read_text("utf-8"))
    except ValueError:
        stored = None
    if not isinstance(stored, dict):
        raise InvalidInputError(
            _("The settings file cannot be read."),
            cause=str(path),
            remedy=_("Mend it, or move it away to start with the defaults."),
        )
    return stored


def _check(values: dict[str, object]) -> None:
    for key, value in values.items():
        if not _RULES[key](value):
            raise InvalidInputError(
                _("The setting {key} takes {expected}.").format(key=key, expected=_expected(key)),
                field=key,
            )


def _expected(key: str) -> str:
    """What a setting takes, in words."""
    return {
        "theme": _("system, light or dark"),
        "language": _("a language code"),
        "listener_host": _("an address"),
        "listener_port": _("a number from 0 to 65535"),
        "listener_starts": _("true or false"),
        "est_base_domain": _("a domain"),
        "publication_url": _("an address like http://pki.example.com:8080, or nothing"),
        "publication_host": _("an address"),
        "publication_port": _("a number from 0 to 65535"),
        "lock_after_minutes": _("minutes from 0 (never) to 1440"),
    }[key]
