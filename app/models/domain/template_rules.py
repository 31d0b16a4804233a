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
from app.pki.certificates import KEY_ESTABLISHMENT, NOT_A_CA, OCSP_SIGNING, KeyUsage
from app.pki.names import ATTRIBUTE_TYPES, SanKind, attribute_type
from app.pki.sign import HASH_NAMES

MAX_BACKDATE_MINUTES = 7 * 24 * 60
MAX_KEY_RETENTION_DAYS = 3650


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
    _check_kind(field)
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


def _check_kind(field: TemplateField) -> None:
    """A name that is known, or an OID that none of these names stands for."""
    subject = field.part is NamePart.SUBJECT
    names = set(ATTRIBUTE_TYPES) if subject else set(SanKind) - {SanKind.OTHER}
    if field.kind in names:
        return
    problem = _("A certificate field of this kind is not known.")
    try:
        der.oid(field.kind)
        if subject and attribute_type(field.kind).short != field.kind:
            problem = _("The type {oid} has a name of its own: {name}.").format(
                oid=field.kind, name=attribute_type(field.kind).short
            )
        else:
            return
    except der.DerError:
        pass
    raise InvalidInputError(
        problem,
        remedy=_("Choose a kind from the list, or give the OID of another."),
        field=f"{field.part}.{field.kind}",
    )


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
    signing = [kind.label for kind in template.key_algorithms if kind.signs_only]
    if signing and template.key_usage & KEY_ESTABLISHMENT:
        raise InvalidInputError(
            _("Keys of this kind can only sign: {kinds}.").format(kinds=", ".join(signing)),
            cause=_("Encryption and key agreement must not be among their usages (RFC 9295)."),
            remedy=_("Leave out these kinds of key, or these usages."),
            field="key_usage",
        )
    _check_purposes(template)


def _check_purposes(template: Template) -> None:
    """Purposes are OIDs; to answer for the authority is none of whom it certifies.

    Whoever had a certificate for that could call revoked certificates of anybody good, and good
    ones revoked (RFC 6960 section 4.2.2.2).
    """
    _check_once("extended_key_usage", template.extended_key_usage)
    if OCSP_SIGNING in template.extended_key_usage:
        raise InvalidInputError(
            _("A device's certificate cannot sign OCSP answers for its authority."),
            remedy=_("Leave it out: the OCSP responder of this program has its own certificates."),
            field="extended_key_usage",
        )
    for oid in template.extended_key_usage:
        try:
            der.oid(oid)
        except der.DerError as error:
            raise InvalidInputError(
                _("{oid} is not an object identifier.").format(oid=oid),
                remedy=_("Write numbers with dots between them, such as 1.3.6.1.4.1.32473.1."),
                field="extended_key_usage",
            ) from error


def _check_extensions(template: Template) -> None:
    extensions = (*template.extensions, *template.attached)
    _check_once("extensions", tuple(extension.oid for extension in extensions))
    _check_once("extension_ids", tuple(str(id_) for id_ in template.extension_ids))
    for extension in extensions:
        if extension == NOT_A_CA:
            continue  # other settings do not say it, and some profiles want it said
        try:
            check_extension(extension)
        except InvalidInputError as error:
            raise InvalidInputError(
                error.problem, cause=error.cause, remedy=error.remedy, field="extensions"
            ) from error
    if template.hash is not None and template.hash not in HASH_NAMES:
        raise InvalidInputError(
            _("The hash {name} is not known.").format(name=template.hash),
            remedy=_("Choose one of: {names}.").format(names=", ".join(HASH_NAMES)),
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
