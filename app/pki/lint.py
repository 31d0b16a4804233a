"""Second opinion on a certificate: the rules of RFC 5280 as pkilint knows them."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from app.core.errors import InvalidInputError
from app.core.language import _
from app.pki import der


class LintSeverity(StrEnum):
    """How bad a finding is: breaks a MUST, breaks a SHOULD, or is merely worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True)
class LintFinding:
    """One finding; `code` is pkilint's, `message` English, `where` the path of the field."""

    severity: LintSeverity
    code: str
    message: str
    where: str


_SEVERITIES = {
    "FATAL": LintSeverity.ERROR,
    "ERROR": LintSeverity.ERROR,
    "WARNING": LintSeverity.WARNING,
    "NOTICE": LintSeverity.NOTICE,
}


def lint_certificate(data: bytes) -> tuple[LintFinding, ...]:
    """What is wrong or odd in a DER certificate by RFC 5280, the worst first.

    Takes a few milliseconds, the first time some 150 for loading. May run on any thread.
    Raises InvalidInputError for bytes that are no certificate at all.
    """
    der.parse(data)
    findings = (
        LintFinding(
            _SEVERITIES[found.finding.severity.name],
            found.finding.code,
            found.message or _words(found.finding.code),
            result.node.path,
        )
        for result in _linter()(data)
        for found in result.finding_descriptions
        if found.finding.severity.name in _SEVERITIES
    )
    return tuple(sorted(findings, key=lambda finding: list(LintSeverity).index(finding.severity)))


def _words(code: str) -> str:
    """`pkix.key_usage_extension_not_critical` as words."""
    return code.rpartition(".")[2].replace("_", " ").capitalize() + "."


@cache
def _linter() -> Callable[[bytes], list[Any]]:
    """The rules of pkilint's own `lint_pkix_cert`, loaded when first needed."""
    from pkilint import loader  # type: ignore[import-untyped]  # noqa: PLC0415  takes 150 ms
    from pkilint.pkix import certificate, extension, name  # type: ignore[import-untyped]  # noqa: PLC0415  as above

    # its own words go where our logs go, and nowhere when there are none
    logging.getLogger("pkilint").addHandler(logging.NullHandler())
    rules = certificate.create_pkix_certificate_validator_container(
        certificate.create_decoding_validators(
            name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS
        ),
        [
            certificate.create_issuer_validator_container([]),
            certificate.create_validity_validator_container(),
            certificate.create_subject_validator_container([]),
            certificate.create_extensions_validator_container([]),
            certificate.create_spki_validator_container([]),
        ],
    )
    documents = loader.RFC5280CertificateDocumentLoader()

    def lint(data: bytes) -> list[Any]:
        try:
            document = documents.load_der_document(data)
        except ValueError as error:
            raise InvalidInputError(
                _("The certificate cannot be linted."),
                cause=_("Its outline is not that of a certificate."),
            ) from error
        return list(rules.validate(document.root))

    return lint
