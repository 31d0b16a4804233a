"""What makes a certificate template a good one."""

from collections import Counter
from dataclasses import replace

from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.extensions import check_extension
from app.models.domain.issuing import MAX_VALIDITY_DAYS
from app.models.domain.subjects import FieldRule, NamePart, TemplateField, resolve
from app.models.domain.templates import Template
from app.pki import der
from app.pki.certificates import KeyUsage
from app.pki.names import ATTRIBUTE_TYPES, SanKind

MAX_BACKDATE_MINUTES = 7 * 24 * 60
MAX_KEY_RETENTION_DAYS = 3650

HASHES = ("sha256", "sha384", "sha512")


def check_template(template: Template) -> None:
    """Raise `InvalidInputError`, naming the field at fault, for the first rule broken."""
    _check_fields(template.fields)
    _check_keys(template)
    _check_extensions(template)
    days = template.validity_days
    if days is not None:
        _check_range("validity_days", days, 1, MAX_VALIDITY_DAYS)
    _check_range("backdate_minutes", template.backdate_minutes, 0, MAX_BACKDATE_MINUTES)
    _check_range("key_retention_days", template.key_retention_days, 0, MAX_KEY_RETENTION_DAYS)


def _check_fields(fields: tuple[TemplateField, ...]) -> None:
    if not fields:
        raise InvalidInputError(
            _("A template needs at least one subject or SAN field."), field="fields"
        )
    for field in fields:
        _check_field(field)
    indexes: dict[tuple[str, str], list[int]] = {}
    for field in fields:
        indexes.setdefault((field.part, field.kind), []).append(field.index)
    for (part, kind), found in indexes.items():
        if found != list(range(1, len(found) + 1)):
            raise InvalidInputError(
                _("Fields of one kind are numbered from 1 in their order."), field=f"{part}.{kind}"
            )


def _check_field(field: TemplateField) -> None:
    if field.part is NamePart.SUBJECT:
        known = field.kind in ATTRIBUTE_TYPES
    else:
        known = field.kind in set(SanKind) - {SanKind.OTHER}
    if not known:
        raise InvalidInputError(
            _("A certificate field of this kind is not known."), field=f"{field.part}.{field.kind}"
        )
    if field.max_length is not None and field.max_length < 1:
        raise InvalidInputError(_("A length is at least 1."), field=field.key)
    needs_type = field.kind == SanKind.HARDWARE_MODULE_NAME
    if needs_type != bool(field.hardware_type):
        raise InvalidInputError(
            _("A hardware module name, and nothing else, needs the OID of the hardware type."),
            field=field.key,
        )
    probe = replace(field, default="0", max_length=None) if needs_type else field
    for one in (probe, field):
        (resolved,) = resolve((one,), {}, {})
        if resolved.problem and (one.default or one.rule is FieldRule.FIXED):
            raise InvalidInputError(f"{field.title}: {resolved.problem}", field=field.key)


def _check_keys(template: Template) -> None:
    if not template.key_algorithms:
        raise InvalidInputError(
            _("A template needs at least one key algorithm."), field="key_algorithms"
        )
    _check_once("key_algorithms", template.key_algorithms)
    if template.key_usage & {KeyUsage.KEY_CERT_SIGN, KeyUsage.CRL_SIGN}:
        raise InvalidInputError(
            _("A device's certificate cannot sign certificates or revocation lists."),
            field="key_usage",
        )
    _check_once("extended_key_usage", template.extended_key_usage)
    for oid in template.extended_key_usage:
        der.oid(oid)


def _check_extensions(template: Template) -> None:
    extensions = (*template.extensions, *template.attached)
    _check_once("extensions", tuple(extension.oid for extension in extensions))
    _check_once("extension_ids", tuple(str(id_) for id_ in template.extension_ids))
    for extension in extensions:
        try:
            check_extension(extension)
        except InvalidInputError as error:
            raise InvalidInputError(
                error.problem, cause=error.cause, remedy=error.remedy, field="extensions"
            ) from error
    if template.hash is not None and template.hash not in HASHES:
        raise InvalidInputError(
            _("The hash {name} is not known.").format(name=template.hash),
            remedy=_("Choose one of: {names}.").format(names=", ".join(HASHES)),
            field="hash",
        )


def _check_once(field: str, values: tuple[str, ...]) -> None:
    for value, count in Counter(values).items():
        if count > 1:
            raise InvalidInputError(
                _("{value} is given more than once.").format(value=value), field=field
            )


def _check_range(field: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise InvalidInputError(
            _("A number from {least} to {most} is expected here.").format(least=least, most=most),
            field=field,
        )
