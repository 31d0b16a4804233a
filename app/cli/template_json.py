"""A certificate template as JSON: what `template show --json` prints, `--file` reads again."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any, TypeVar

from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.access import Access, Sharing
from app.models.domain.subjects import FieldRule, NamePart, TemplateField
from app.models.domain.templates import CertificateKind, Template
from app.pki.certificates import CustomExtension, KeyUsage
from app.pki.keys import KeyAlgorithm

EMPTY = Template(0, "", CertificateKind.OPERATIONAL, 0, (), ())

Item = TypeVar("Item")


def template_to_json(template: Template) -> dict[str, Any]:
    """The template as a JSON object; sets are sorted, values of extensions hexadecimal."""
    values = asdict(template)
    del values["attached"]
    return values | {
        "key_usage": sorted(template.key_usage),
        "extensions": [asdict(one) | {"value": one.value.hex()} for one in template.extensions],
    }


def template_from_json(content: bytes, base: Template = EMPTY) -> Template:
    """`base` with what the JSON object says; its id and whether it is active do not count.

    Raises `InvalidInputError`, naming the member at fault.
    """
    try:
        given = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(_("The file is not JSON."), cause=str(error)) from error
    if not isinstance(given, dict):
        raise InvalidInputError(
            _("The file is not a JSON object."),
            remedy=_("birthmark template show --json shows what it has to look like."),
        )
    wanted = {key: value for key, value in given.items() if key not in ("id", "active")}
    return replace(base, **{key: _read(key, value) for key, value in wanted.items()})


def _read(key: str, value: object) -> Any:  # noqa: ANN401  what the field is
    reader = _READERS.get(key)
    if reader is None:
        raise InvalidInputError(_("A template has no {member}.").format(member=key), field=key)
    try:
        return reader(value)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise InvalidInputError(
            _("The value of {member} is not what it has to be.").format(member=key),
            cause=str(error),
            field=key,
        ) from error


def _of_type(wanted: type[Item]) -> Callable[[Any], Item]:
    def read(value: Any) -> Item:  # noqa: ANN401  JSON
        if type(value) is not wanted:  # a bool is an int, but not here
            raise TypeError(f"{value!r}")
        return value

    return read


_text, _number, _truth = _of_type(str), _of_type(int), _of_type(bool)


def _or_none(read: Callable[[Any], Item]) -> Callable[[Any], Item | None]:
    return lambda value: None if value is None else read(value)


def _each(read: Callable[[Any], Item]) -> Callable[[Any], tuple[Item, ...]]:
    return lambda value: tuple(map(read, _of_type(list)(value)))


def _field(value: Mapping[str, Any]) -> TemplateField:
    readers: dict[str, Callable[[Any], Any]] = {
        "part": NamePart,
        "kind": _text,
        "rule": FieldRule,
        "default": _text,
        "max_length": _or_none(_number),
        "hardware_type": _text,
        "index": _number,
    }
    return TemplateField(**{key: readers[key](one) for key, one in value.items()})


def _extension(value: Mapping[str, Any]) -> CustomExtension:
    content = bytes.fromhex(_text(value["value"]))
    return CustomExtension(_text(value["oid"]), _truth(value["critical"]), content)


def _sharing(value: Mapping[str, Any]) -> Sharing:
    ids = (_or_none(_number)(value.get(key)) for key in ("tenant_id", "organization_id"))
    return Sharing(Access(value["access"]), *ids)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "name": _text,
    "description": _text,
    "kind": CertificateKind,
    "authority_id": _number,
    "fields": _each(_field),
    "key_algorithms": _each(KeyAlgorithm),
    "key_usage": lambda value: frozenset(_each(KeyUsage)(value)),
    "extended_key_usage": _each(_text),
    "subject_key_identifier": _truth,
    "validity_days": _or_none(_number),
    "backdate_minutes": _number,
    "key_retention_days": _number,
    "extensions": _each(_extension),
    "extension_ids": _each(_number),
    "hash": _or_none(_text),
    "revocation_urls": _truth,
    "sharing": _sharing,
}
