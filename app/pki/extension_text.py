"""Decoded certificate extensions for people (RFC 5280 section 4.2 and others)."""

import ipaddress
from collections.abc import Callable, Iterable, Iterator, Mapping

from app.core.language import _
from app.pki import der, extensions
from app.pki.descriptions import Line, Section, general_name_line, hex_line, number_text
from app.pki.extension_values import ExtensionValueKind, decode_value
from app.pki.extensions import CustomExtension, KeyUsage
from app.pki.names import decode_general_names
from app.pki.strings import escape_unsafe, is_string, read_string

_OCSP_NO_CHECK, _MASA_URL = "1.3.6.1.5.5.7.48.1.5", "1.3.6.1.5.5.7.1.32"
_ISSUER_ALTERNATIVE_NAME, _NAME_CONSTRAINTS = "2.5.29.18", "2.5.29.30"
_POLICIES, _POLICY_MAPPINGS, _POLICY_CONSTRAINTS = "2.5.29.32", "2.5.29.33", "2.5.29.36"
_FRESHEST_CRL, _INHIBIT_ANY_POLICY = "2.5.29.46", "2.5.29.54"
_SUBJECT_INFORMATION_ACCESS = "1.3.6.1.5.5.7.1.11"
_CPS, _ANY_POLICY = "1.3.6.1.5.5.7.2.1", "2.5.29.32.0"
_IP_ADDRESS = 0x87


def describe_extension(extension: CustomExtension) -> Section:
    """An extension by its name, its criticality and its content; never raises.

    Content that is unknown, or not what its type should be, is shown in hexadecimal.
    """
    title = _titles().get(extension.oid)
    lines = [
        Line(_("Object identifier"), extension.oid),
        Line(_("Critical"), _("yes") if extension.critical else _("no")),
    ]
    read = _READERS.get(extension.oid)
    try:
        lines.extend(read(extension.value) if read else _unknown(extension.value))
    except der.DerError as error:
        lines.append(Line(_("Malformed"), error.cause or error.problem))
        lines.append(hex_line(_("Value"), extension.value))
    return Section(title or _("Extension {oid}").format(oid=extension.oid), tuple(lines))


def _titles() -> Mapping[str, str]:
    return {
        extensions.SUBJECT_KEY_IDENTIFIER: _("Subject key identifier"),
        extensions.KEY_USAGE: _("Key usage"),
        "2.5.29.16": _("Private key usage period"),
        extensions.SUBJECT_ALTERNATIVE_NAME: _("Subject alternative name"),
        _ISSUER_ALTERNATIVE_NAME: _("Issuer alternative name"),
        extensions.BASIC_CONSTRAINTS: _("Basic constraints"),
        _NAME_CONSTRAINTS: _("Name constraints"),
        extensions.CRL_DISTRIBUTION_POINTS: _("CRL distribution points"),
        _POLICIES: _("Certificate policies"),
        _POLICY_MAPPINGS: _("Policy mappings"),
        extensions.AUTHORITY_KEY_IDENTIFIER: _("Authority key identifier"),
        _POLICY_CONSTRAINTS: _("Policy constraints"),
        extensions.EXTENDED_KEY_USAGE: _("Extended key usage"),
        _FRESHEST_CRL: _("Freshest CRL"),
        _INHIBIT_ANY_POLICY: _("Inhibit any policy"),
        extensions.AUTHORITY_INFORMATION_ACCESS: _("Authority information access"),
        _SUBJECT_INFORMATION_ACCESS: _("Subject information access"),
        "1.3.6.1.5.5.7.1.24": _("TLS feature"),
        _MASA_URL: _("MASA URL"),
        _OCSP_NO_CHECK: _("OCSP no check"),
        "1.3.6.1.4.1.11129.2.4.2": _("Signed certificate timestamps"),
        "2.16.840.1.113730.1.1": _("Netscape certificate type"),
    }


def purpose_text(oid: str) -> str:
    """An extended key usage by its name, with its OID."""
    names = {
        extensions.SERVER_AUTH: _("TLS server"),
        extensions.CLIENT_AUTH: _("TLS client"),
        extensions.CODE_SIGNING: _("Code signing"),
        extensions.EMAIL_PROTECTION: _("E-mail protection"),
        extensions.TIME_STAMPING: _("Time stamping"),
        extensions.OCSP_SIGNING: _("OCSP signing"),
        extensions.CMC_CA: _("CMC certification authority"),
        extensions.CMC_RA: _("CMC registration authority"),
        extensions.WISUN: _("Wi-SUN FAN device"),
        extensions.ANY: _("any purpose"),
    }
    return f"{names[oid]} ({oid})" if oid in names else oid


def _unknown(value: bytes) -> Iterator[Line]:
    kind, text = decode_value(value)
    if kind is not ExtensionValueKind.DER:
        yield Line(kind.label, text, mono=kind is ExtensionValueKind.OCTET_STRING)
    yield hex_line(_("Value"), value)


def _subject_key_identifier(value: bytes) -> Iterator[Line]:
    yield hex_line(_("Identifier"), extensions.read_subject_key_identifier(value))


def _key_usage(value: bytes) -> Iterator[Line]:
    usage = extensions.read_key_usage(value)
    yield Line(_("Usage"), ", ".join(name for name in KeyUsage if name in usage))


def _extended_key_usage(value: bytes) -> Iterator[Line]:
    for purpose in extensions.read_extended_key_usage(value):
        yield Line(_("Purpose"), purpose_text(purpose))


def _basic_constraints(value: bytes) -> Iterator[Line]:
    limits = extensions.read_basic_constraints(value)
    yield Line(_("Certification authority"), _("yes") if limits.ca else _("no"))
    if limits.ca:
        limit = _("not limited") if limits.path_length is None else number_text(limits.path_length)
        yield Line(_("Path length"), limit)


def _general_names(value: bytes) -> Iterator[Line]:
    yield from map(general_name_line, decode_general_names(value))


def _names_in(elements: Iterable[der.Element]) -> Iterator[Line]:
    yield from _general_names(der.sequence(*(element.encoded for element in elements)))


def _authority_key_identifier(value: bytes) -> Iterator[Line]:
    for part in der.parse(value).sequence():
        if part.tag == 0x80:
            yield hex_line(_("Identifier"), part.content)
        elif part.tag == 0xA1:
            yield from _names_in(part.children())
        elif part.tag == 0x82:
            yield hex_line(_("Serial number"), part.content)
        else:
            raise der.malformed(_("The authority key identifier holds an unknown field."))


def _name_constraints(value: bytes) -> Iterator[Line]:
    names = {0xA0: _("Permitted"), 0xA1: _("Excluded")}
    for trees in der.parse(value).sequence():
        if trees.tag not in names:
            raise der.malformed(_("The name constraints hold an unknown field."))
        for tree in trees.children():
            base = tree.sequence()
            if not base:
                raise der.malformed(_("A name constraint is empty."))
            yield Line(names[trees.tag], _constraint(base[0]))


def _constraint(base: der.Element) -> str:
    if base.tag == _IP_ADDRESS and len(base.content) in {8, 32}:
        half = len(base.content) // 2
        address, mask = base.content[:half], base.content[half:]
        return f"{ipaddress.ip_address(address)}/{ipaddress.ip_address(mask)}"
    (line,) = _names_in([base])
    return f"{line.name}: {line.value}"


def _distribution_points(value: bytes) -> Iterator[Line]:
    for point in der.parse(value).sequence():
        for part in point.sequence():
            if part.tag == 0xA0:
                yield from _distribution_point_name(part)
            elif part.tag == 0x81:
                yield hex_line(_("Reasons"), part.content)
            elif part.tag == 0xA2:
                yield Line(_("CRL issuer"), _joined(_names_in(part.children())))
            else:
                raise der.malformed(_("A distribution point holds an unknown field."))


def _distribution_point_name(part: der.Element) -> Iterator[Line]:
    for choice in part.children():
        if choice.tag == 0xA0:
            yield from _names_in(choice.children())
        else:
            yield hex_line(_("Name relative to the issuer"), choice.content)


def _joined(lines: Iterable[Line]) -> str:
    return ", ".join(f"{line.name}: {line.value}" for line in lines)


def _access_methods(value: bytes) -> Iterator[Line]:
    names = {extensions.OCSP: _("OCSP"), extensions.CA_ISSUERS: _("CA certificate")}
    for description in der.parse(value).sequence():
        method, location = _pair(description)
        oid = der.read_oid(method)
        (line,) = _names_in([location])
        yield Line(names.get(oid, oid), line.value)


def _pair(element: der.Element) -> tuple[der.Element, der.Element]:
    parts = element.sequence()
    if len(parts) != 2:
        raise der.malformed(_("A pair does not have two parts."))
    return parts[0], parts[1]


def _policies(value: bytes) -> Iterator[Line]:
    for policy in der.parse(value).sequence():
        parts = policy.sequence()
        if not 1 <= len(parts) <= 2:
            raise der.malformed(_("A policy is not an identifier and its qualifiers."))
        yield Line(_("Policy"), _policy(parts[0]))
        for qualifier in parts[1].sequence() if len(parts) == 2 else ():
            kind, content = _pair(qualifier)
            if der.read_oid(kind) == _CPS:
                yield Line(_("Practice statement"), escape_unsafe(read_string(content)))
            else:
                yield from _user_notice(content)


def _policy(element: der.Element) -> str:
    oid = der.read_oid(element)
    return _("any policy") if oid == _ANY_POLICY else oid


def _user_notice(notice: der.Element) -> Iterator[Line]:
    parts = notice.children() if notice.tag == der.SEQUENCE else []
    texts = [part for part in parts if is_string(part)]
    for text in texts:
        yield Line(_("Notice"), escape_unsafe(read_string(text)))
    if not texts:
        yield hex_line(_("Qualifier"), notice.encoded)


def _policy_mappings(value: bytes) -> Iterator[Line]:
    for mapping in der.parse(value).sequence():
        issuer, subject = _pair(mapping)
        yield Line(_("Mapping"), f"{_policy(issuer)} = {_policy(subject)}")


def _policy_constraints(value: bytes) -> Iterator[Line]:
    names = {0x80: _("Explicit policy after"), 0x81: _("No policy mapping after")}
    for part in der.parse(value).sequence():
        if part.tag not in names:
            raise der.malformed(_("The policy constraints hold an unknown field."))
        yield Line(names[part.tag], number_text(der.read_integer(part._replace(tag=der.INTEGER))))


def _inhibit_any_policy(value: bytes) -> Iterator[Line]:
    yield Line(_("Certificates to skip"), number_text(der.read_integer(der.parse(value))))


def _ocsp_no_check(value: bytes) -> Iterator[Line]:
    der.parse(value).expect(der.NULL)
    yield Line(_("Meaning"), _("The revocation of this certificate is not checked."))


def _masa_url(value: bytes) -> Iterator[Line]:
    yield Line(_("URI"), escape_unsafe(read_string(der.parse(value).expect(der.IA5_STRING))))


_READERS: Mapping[str, Callable[[bytes], Iterable[Line]]] = {
    extensions.SUBJECT_KEY_IDENTIFIER: _subject_key_identifier,
    extensions.KEY_USAGE: _key_usage,
    extensions.SUBJECT_ALTERNATIVE_NAME: _general_names,
    _ISSUER_ALTERNATIVE_NAME: _general_names,
    extensions.BASIC_CONSTRAINTS: _basic_constraints,
    _NAME_CONSTRAINTS: _name_constraints,
    extensions.CRL_DISTRIBUTION_POINTS: _distribution_points,
    _FRESHEST_CRL: _distribution_points,
    _POLICIES: _policies,
    _POLICY_MAPPINGS: _policy_mappings,
    _POLICY_CONSTRAINTS: _policy_constraints,
    _INHIBIT_ANY_POLICY: _inhibit_any_policy,
    extensions.AUTHORITY_KEY_IDENTIFIER: _authority_key_identifier,
    extensions.EXTENDED_KEY_USAGE: _extended_key_usage,
    extensions.AUTHORITY_INFORMATION_ACCESS: _access_methods,
    _SUBJECT_INFORMATION_ACCESS: _access_methods,
    _OCSP_NO_CHECK: _ocsp_no_check,
    _MASA_URL: _masa_url,
}
