"""Values written into files so that a program reads back exactly what was meant."""

import json
import shlex
from collections.abc import Mapping

TomlValue = str | int | list[str]


def sh_word(text: str) -> str:
    """One word of a POSIX shell that stands for `text`, which has no NUL."""
    return shlex.quote(text)


def toml_table(header: str, values: Mapping[str, TomlValue]) -> str:
    """A table of TOML 1.0: its header, a line a value. Header and keys are taken as they are."""
    lines = [header, *(f"{key} = {_toml_value(value)}" for key, value in values.items())]
    return "\n".join([*lines, ""])


def _toml_value(value: TomlValue) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_toml_value, value))}]"
    if isinstance(value, int):
        return str(value)
    # A JSON string is a basic string of TOML but for DEL, which TOML wants escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
