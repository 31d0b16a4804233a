"""A template, and the values of the form that makes or changes it: there and back."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.models.domain.certificate_terms import NOT_A_CA, PURPOSES
from app.models.domain.templates import Template
from app.views.widgets.sharing_fields import sharing_in

_AS_THEY_ARE = (
    "name",
    "description",
    "kind",
    "fields",
    "hash",
    "backdate_minutes",
    "key_retention_days",
    "subject_key_identifier",
    "extension_ids",
    "revocation_urls",
)


def template_in(values: Mapping[str, Any], before: Template) -> Template:
    """The template that a form describes; what it does not ask for stays as it was before."""
    other = [one for one in before.extensions if one != NOT_A_CA]
    own = [NOT_A_CA] if values["not_a_ca"] else []
    return replace(
        before,
        **{key: values[key] for key in _AS_THEY_ARE},
        authority_id=values["authority_id"] or 0,
        key_algorithms=_first(values["made_here"], values["key_algorithms"]),
        key_usage=frozenset(values["key_usage"]),
        extended_key_usage=(*values["extended_key_usage"], *_words(values["other_purposes"])),
        validity_days=None if values["unlimited"] else values["validity_days"],
        extensions=tuple(other + own),
        sharing=sharing_in(values),
    )


def values_of(template: Template) -> dict[str, Any]:
    """What the fields of a form show of a template, apart from its sharing."""
    purposes = template.extended_key_usage
    values = {key: getattr(template, key) for key in _AS_THEY_ARE}
    return values | {
        "key_algorithms": template.key_algorithms,
        "key_usage": tuple(template.key_usage),
        "extended_key_usage": tuple(oid for oid in purposes if oid in PURPOSES),
        "other_purposes": ", ".join(oid for oid in purposes if oid not in PURPOSES),
        "unlimited": template.validity_days is None,
        "not_a_ca": NOT_A_CA in template.extensions,
    }


def _first(chosen: Any, among: tuple[Any, ...]) -> tuple[Any, ...]:  # noqa: ANN401  of any kind
    """`among` with `chosen`, if it is there, at its head."""
    return (*(one for one in among if one == chosen), *(one for one in among if one != chosen))


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())
