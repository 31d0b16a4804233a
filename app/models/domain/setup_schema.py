"""Reads JSON by the published schema of set-up files (JSON Schema 2020-12, what we use of it).

`resources/setup.schema.json` is the only place that says what a set-up file looks like.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from app.config.paths import resources_folder
from app.core.errors import InvalidInputError
from app.core.language import _

SCHEMA = "setup.schema.json"

_MAX_SHOWN = 60
_TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "null": type(None),
}


@cache
def schema() -> Mapping[str, Any]:
    """The published schema."""
    content: Mapping[str, Any] = json.loads((resources_folder() / SCHEMA).read_text("utf-8"))
    return content


def definition(name: str) -> Mapping[str, Any]:
    """The part of the schema that tells of one kind of thing, such as `device_type`."""
    part: Mapping[str, Any] = schema()["$defs"][name]
    return part


def read_by(part: Mapping[str, Any], value: Any, place: str = "") -> Any:  # noqa: ANN401  JSON
    """The value with defaults for what it leaves out.

    Raises `InvalidInputError` whose field is the place at fault, such as
    `templates[2].fields[0].rule`.
    """
    if "$ref" in part:
        part = {**definition(part["$ref"].rpartition("/")[2]), **part}
    _check_type(part, value, place)
    _check_choice(part, value, place)
    if isinstance(value, str):
        _check_text(part, value, place)
    elif isinstance(value, int):
        _check_number(part, value, place)
    elif isinstance(value, list):
        return _items(part, value, place)
    elif isinstance(value, dict):
        return _members(part, value, place)
    return value


def _check_type(part: Mapping[str, Any], value: object, place: str) -> None:
    wanted = part.get("type", [])
    names = [wanted] if isinstance(wanted, str) else wanted
    if names and not any(type(value) is _TYPES[name] for name in names):  # True is no number here
        texts: dict[str, str] = {
            "object": _("an object"),
            "array": _("a list"),
            "string": _("a text"),
            "integer": _("a whole number"),
            "boolean": _("true or false"),
            "null": _("null"),
        }
        expected = _(" or ").join(texts[name] for name in names)
        raise _fault(place, _("{what} is expected here.").format(what=expected.capitalize()))


def _check_choice(part: Mapping[str, Any], value: object, place: str) -> None:
    if "const" in part:
        choices = [part["const"]]
    elif "enum" in part:
        choices = part["enum"]
    else:
        return
    if not any(type(value) is type(one) and value == one for one in choices):
        expected = ", ".join(json.dumps(one) for one in choices)
        raise _fault(place, _("Expected here: {choices}.").format(choices=expected))


def _check_text(part: Mapping[str, Any], value: str, place: str) -> None:
    least, most = part.get("minLength", 0), part.get("maxLength")
    if len(value) < least:
        raise _fault(place, _("This must not be empty."))
    _check_most(len(value), most, place, _("At most {count} characters are allowed here."))
    if "pattern" in part and re.search(part["pattern"], value) is None:
        raise _fault(place, _("Octets are expected here, in hexadecimal and lower case."))


def _check_number(part: Mapping[str, Any], value: int, place: str) -> None:
    if "minimum" not in part:
        return
    least, most = part["minimum"], part["maximum"]
    if not least <= value <= most:
        text = _("A number from {least} to {most} is expected here.")
        raise _fault(place, text.format(least=least, most=most))


def _items(part: Mapping[str, Any], value: list[Any], place: str) -> list[Any]:
    if len(value) < part.get("minItems", 0):
        raise _fault(place, _("This must not be empty."))
    text = _("At most {count} are allowed here.")
    _check_most(len(value), part.get("maxItems"), place, text)
    return [read_by(part["items"], one, f"{place}[{at}]") for at, one in enumerate(value)]


def _members(part: Mapping[str, Any], value: dict[str, Any], place: str) -> dict[str, Any]:
    text = _("At most {count} are allowed here.")
    _check_most(len(value), part.get("maxProperties"), place, text)
    known, others = part.get("properties", {}), part["additionalProperties"]
    for name in value:
        if name not in known and others is False:
            raise _fault(_inside(place, name), _("There is no such member."))
    for name in part.get("required", ()):
        if name not in value:
            raise _fault(_inside(place, name), _("This is missing."))
    given = {
        name: read_by(known.get(name, others), one, _inside(place, name))
        for name, one in value.items()
    }
    defaults = {
        name: read_by(one, one["default"], _inside(place, name))
        for name, one in known.items()
        if name not in value and "default" in one
    }
    return given | defaults


def _check_most(count: int, most: int | None, place: str, text: str) -> None:
    if most is not None and count > most:
        raise _fault(place, text.format(count=most))


def _inside(place: str, name: str) -> str:
    shown = name if name.isprintable() and len(name) <= _MAX_SHOWN else ascii(name[:_MAX_SHOWN])
    return f"{place}.{shown}" if place else shown


def _fault(place: str, problem: str) -> InvalidInputError:
    return InvalidInputError(f"{place}: {problem}" if place else problem, field=place or None)
