"""The words for what a certificate template allows."""

from collections.abc import Sequence

from app.core.language import _, ngettext
from app.models.domain.certificate_terms import PURPOSES, KeyAlgorithm, KeyUsage
from app.models.domain.subjects import FieldRule, TemplateField

NOTHING = "\N{EN DASH}"


def rule_text(rule: FieldRule) -> str:
    """How much a template leaves open."""
    return {
        FieldRule.FIXED: _("Fixed"),
        FieldRule.REQUIRED: _("Required"),
        FieldRule.OPTIONAL: _("Optional"),
    }[rule]


def keys_text(algorithms: Sequence[KeyAlgorithm]) -> str:
    """The kinds of key, the one made here first."""
    return ", ".join(algorithm.label for algorithm in algorithms)


def validity_text(days: int | None) -> str:
    """How long certificates are valid; None is without end."""
    if days is None:
        return _("unlimited")
    return ngettext("{count} day", "{count} days", days).format(count=days)


def retention_text(days: int) -> str:
    """How long a key made here can be downloaded."""
    if days == 0:
        return _("not kept")
    return ngettext("kept {count} day", "kept {count} days", days).format(count=days)


def usages_text(usages: Sequence[KeyUsage] | frozenset[KeyUsage]) -> str:
    """Key usages by their names in RFC 5280, in the order of its bits."""
    return ", ".join(usage.value for usage in KeyUsage if usage in usages) or NOTHING


def purposes_text(oids: Sequence[str]) -> str:
    """Extended key usages by name, those without one as they are."""
    return ", ".join(PURPOSES.get(oid, oid) for oid in oids) or NOTHING


def field_text(field: TemplateField) -> str:
    """What a template says of one field of the name: its rule, default and length."""
    parts = [rule_text(field.rule)]
    if field.default:
        parts.append(
            f"\N{LEFT DOUBLE QUOTATION MARK}{field.default}\N{RIGHT DOUBLE QUOTATION MARK}"
        )
    if field.max_length is not None:
        parts.append(_("at most {count} characters").format(count=field.max_length))
    if field.hardware_type:
        parts.append(_("type {oid}").format(oid=field.hardware_type))
    return ", ".join(parts)
