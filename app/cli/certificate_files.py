"""Certificates as text and as files: shown, exported, and checked without a workspace."""

from argparse import Namespace
from collections.abc import Iterable
from contextlib import suppress
from enum import StrEnum

from app.cli.choosing import only
from app.cli.files import check_free, read_file, write_out
from app.cli.issuing import PFX_VARIABLE
from app.cli.output import print_fields, print_json, table
from app.cli.passphrases import PASSPHRASE_VARIABLE, secret
from app.core.errors import InvalidInputError, NotFoundError
from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.certificates import Certificate
from app.models.services.certificates.listed import CertificateQuery
from app.models.services.workspace.workspace import Workspace
from app.pki import pkcs7, pkcs12
from app.pki.certificate_text import describe_certificate, describe_crl, describe_csr
from app.pki.csr import CsrError, parse_csr
from app.pki.descriptions import Section
from app.pki.formats import Kind, certificates_in, described_in
from app.pki.lint import LintFinding, LintSeverity, lint_certificate

_MANY = 1000
_SHORTEST_SERIAL = 16  # what is shorter may be an id


class ExportFormat(StrEnum):
    """How a certificate is written; PKCS#7 brings its chain, PKCS#12 its key, too."""

    PEM = "pem"
    DER = "der"
    PKCS7 = "pkcs7"
    PKCS12 = "pkcs12"


def find(options: Namespace, workspace: Workspace, actor: Actor) -> int:
    """The id of the certificate named by id, serial number, fingerprint or exact name."""
    text = options.object
    folded = text.replace(":", "").lower()
    rows = workspace.certificate_list.page(actor, CertificateQuery(text), 0, _MANY)
    ids = [row.id for row in rows if text == row.name or folded in (row.serial, row.fingerprint)]
    if text.isdecimal() and len(text) < _SHORTEST_SERIAL:
        with suppress(NotFoundError):
            ids.append(workspace.certificates.get(actor, int(text)).id)
    return only(text, ids)


def show(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    """Print what is known of a certificate, and what it says."""
    found = workspace.certificates.get(actor, find(options, workspace, actor))
    fields = _fields(found)
    sections = describe_certificate(found.der)
    if options.json:
        print_json(fields | {"text": _as_json(sections)})
        return
    print_fields(options, fields)
    _print_sections(sections)


def export(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    """Write a certificate in the format asked for."""
    check_free(options.out)
    wanted = ExportFormat(options.format)
    found = workspace.certificates.get(actor, find(options, workspace, actor))
    if wanted is ExportFormat.PKCS12:
        write_out(options.out, _pkcs12(options, workspace, actor, found), private=True)
        return
    if options.chain and wanted is ExportFormat.DER:
        raise InvalidInputError(_("DER holds one certificate."), remedy=_("Choose pem or pkcs7."))
    chain = options.chain or wanted is ExportFormat.PKCS7
    pem = workspace.certificates.pem(actor, found.id, chain=chain)
    writers = {
        ExportFormat.PEM: lambda: pem,
        ExportFormat.DER: lambda: found.der,
        ExportFormat.PKCS7: lambda: pkcs7.certs_only(certificates_in(pem)),
    }
    write_out(options.out, writers[wanted]())


def check(options: Namespace) -> int:
    """Print what certificates, requests and revocation lists in a file say.

    With what a linter finds in certificates, and why a request would be refused.
    """
    checked = [_checked(kind, der) for kind, der in described_in(read_file(options.file))]
    if options.json:
        print_json(
            [
                {"text": _as_json(sections)}
                | ({} if findings is None else {"findings": [vars(one) for one in findings]})
                for sections, findings in checked
            ]
        )
        return 0
    for sections, findings in checked:
        _print_sections(sections)
        if findings is not None:
            print_findings(findings)
    return 0


def _checked(kind: Kind, der: bytes) -> tuple[tuple[Section, ...], tuple[LintFinding, ...] | None]:
    """What is told of one thing, and what was found; None where nothing was looked for."""
    if kind is Kind.CRL:
        return describe_crl(der), None
    if kind is Kind.CERTIFICATE:
        return describe_certificate(der), lint_certificate(der)
    sections = describe_csr(der)
    try:
        parse_csr(der)
    except CsrError as error:
        return sections, (LintFinding(LintSeverity.ERROR, "csr", error.text(), ""),)
    return sections, ()


def print_findings(findings: Iterable[LintFinding]) -> None:
    """Print what a linter found, or that it found nothing."""
    rows = [[one.severity.value, one.code, one.message] for one in findings]
    print()
    print(table([_("Severity"), _("Code"), _("Message")], rows) if rows else _("No findings."))


def _pkcs12(options: Namespace, workspace: Workspace, actor: Actor, found: Certificate) -> bytes:
    question = _("Passphrase of the workspace:")
    workspace.open_keys(secret(options.passphrase_file, PASSPHRASE_VARIABLE, question), actor)
    content = workspace.certificates.download_pfx(actor, found.id)
    if not options.legacy:
        return content
    passphrase = secret(
        options.pfx_passphrase_file, PFX_VARIABLE, _("Passphrase of the PKCS#12 file:")
    )
    opened = pkcs12.unpack(content, passphrase)
    if opened.private_key is None:
        raise InvalidInputError(_("The PKCS#12 file holds no key."))
    return pkcs12.pack(
        opened.private_key, found.der, opened.chain, passphrase, found.name, legacy=True
    )


def _fields(found: Certificate) -> dict[str, object]:
    return {
        "id": found.id,
        "name": found.name,
        "kind": found.kind.value,
        "serial": found.serial,
        "fingerprint": found.fingerprint,
        "subject": found.subject,
        "not_before": found.not_before,
        "not_after": found.not_after,
        "status": found.status.value,
        "revoked_at": found.revoked_at,
        "revocation_reason": found.revocation_reason,
        "invalid_since": found.invalid_since,
        "issued_at": found.issued_at,
        "issued_by": found.issued_by,
        "issued_through": found.issued_through.value,
        "key_until": found.key_until,
        "device_id": found.device_id,
        "application_id": found.application_id,
        "previous_id": found.previous_id,
        "template_id": found.template_id,
        "authority_id": found.authority_id,
        "tenant_id": found.tenant_id,
        "organization_id": found.organization_id,
    }


def _as_json(sections: Iterable[Section]) -> list[dict[str, object]]:
    return [
        {"title": one.title, "lines": [[line.name, line.value] for line in one.lines]}
        for one in sections
    ]


def _print_sections(sections: Iterable[Section]) -> None:
    for section in sections:
        print(f"\n{section.title}")
        rows = [
            [f"  {line.name if number == 0 else ''}", part]
            for line in section.lines
            for number, part in enumerate(line.value.splitlines() or [""])
        ]
        print(table(None, rows))
