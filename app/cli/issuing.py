"""The options and files of a command that has certificates issued."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.cli.actions import add_secret
from app.cli.choosing import chosen, count, moment, pairs
from app.cli.files import check_free, read_file, write_file
from app.cli.output import print_rows
from app.cli.passphrases import secret
from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.certificates import Certificate
from app.models.domain.issuing import IssueRequest
from app.models.domain.templates import Template
from app.models.services.certificates.certification import IssuedCertificate
from app.models.services.workspace.workspace import Workspace
from app.pki import pkcs12
from app.pki.certificates import certificate_to_pem
from app.pki.csr import CertificationRequest, parse_csr
from app.pki.formats import csr_in
from app.pki.keys import private_key_from_der

PFX_VARIABLE = "BIRTHMARK_PFX_PASSPHRASE"

COLUMNS = ("id", "name", "kind", "serial", "subject", "not_before", "not_after", "status")


@dataclass(frozen=True)
class Wanted:
    """What is asked for, and the passphrase of the PKCS#12 file when the key is made here."""

    request: IssueRequest
    pfx_passphrase: str | None = field(repr=False)


def add_request(to: ArgumentParser, *, several: bool = False) -> None:
    """Add the options of one certificate or, with a request each, of several."""
    to.add_argument("--template", required=True, metavar="ID|NAME")
    add_key(to, several=several)
    to.add_argument(
        "--set",
        nargs="+",
        default=[],
        metavar="FIELD=VALUE",
        help=_("fields of the template, like subject.CN=gateway-1"),
    )
    to.add_argument(
        "--from", dest="valid_from", type=moment, metavar="DATE", help=_("first day, in UTC")
    )
    end = to.add_mutually_exclusive_group()
    end.add_argument("--days", type=count, metavar="DAYS", help=_("how long it is valid"))
    end.add_argument(
        "--unlimited", action="store_true", default=None, help=_("valid until 9999-12-31")
    )


def add_key(to: ArgumentParser, *, several: bool = False) -> None:
    """Add the options that say whose key is certified and where the result goes."""
    text = _("PKCS#10 request; without one a key is made here and --out is needed")
    if several:
        to.add_argument("--csr", type=Path, nargs="+", default=[], metavar="FILE", help=text)
    else:
        to.add_argument("--csr", type=Path, metavar="FILE", help=text)
    to.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help=_("new file: PEM with chain or, with a key made here, PKCS#12"),
    )
    to.add_argument(
        "--legacy", action="store_true", help=_("PKCS#12 as old devices read it: 3DES, SHA-1")
    )
    add_secret(to, "--pfx-passphrase-file", PFX_VARIABLE, _("the passphrase of that PKCS#12"))


def read_csr(file: Path) -> CertificationRequest:
    """The request in a file, checked."""
    return parse_csr(csr_in(read_file(file)))


def read_request(options: Namespace, workspace: Workspace, actor: Actor) -> Wanted:
    """The one certificate that the options of `add_request` describe."""
    check_free(options.out)
    csr = None if options.csr is None else read_csr(options.csr)
    return Wanted(
        request_for(options, workspace, actor, csr),
        new_pfx_passphrase(options) if csr is None else None,
    )


def request_for(
    options: Namespace, workspace: Workspace, actor: Actor, csr: CertificationRequest | None
) -> IssueRequest:
    """What is asked for with this CSR."""
    template_id = chosen(options.template, workspace.templates.all(actor))
    typed = dict(pairs(options.set, "set"))
    _check_typed(workspace.templates.read(actor, template_id), typed)
    return IssueRequest(
        template_id,
        csr,
        typed=typed,
        valid_from=None if options.valid_from is None else options.valid_from.date(),
        validity_days=options.days,
        unlimited=False if options.days is not None else options.unlimited,
    )


def new_pfx_passphrase(options: Namespace) -> str:
    """The passphrase of the PKCS#12 file for a key made here; raises without such a file."""
    if options.out is None:
        raise InvalidInputError(
            _("A key that is made here needs a file."),
            remedy=_("Name a new one with --out, or give a request with --csr."),
            field="out",
        )
    question = _("Passphrase of the PKCS#12 file:")
    return secret(options.pfx_passphrase_file, PFX_VARIABLE, question, twice=True)


def save_issued(options: Namespace, issued: IssuedCertificate, passphrase: str | None) -> None:
    """Write one certificate to `--out` and tell about it.

    With its chain as PEM or, when its key was made here, with key and chain as PKCS#12.
    """
    certificate = issued.certificate
    if issued.private_key_der is not None and passphrase is not None:
        key = private_key_from_der(issued.private_key_der)
        pfx = pkcs12.pack(
            key,
            certificate.der,
            issued.chain,
            passphrase,
            certificate.name,
            legacy=options.legacy,
        )
        write_file(options.out, pfx, private=True)
        print_rows(options, COLUMNS, [shown(certificate)])
    else:
        save_all(options, [issued])


def save_all(options: Namespace, issued: Sequence[IssuedCertificate]) -> None:
    """Write certificates and the chain of the first, which is everybody's, to `--out` as PEM."""
    if options.out is not None:
        ders = [*(one.certificate.der for one in issued), *issued[0].chain]
        write_file(options.out, b"".join(map(certificate_to_pem, ders)))
    print_rows(options, COLUMNS, [shown(one.certificate) for one in issued])


def shown(certificate: Certificate) -> dict[str, object]:
    """A certificate in a list."""
    return {
        key: value.value if key in ("kind", "status") else value
        for key, value in vars(certificate).items()
        if key in COLUMNS
    }


def _check_typed(template: Template, typed: dict[str, str]) -> None:
    known = [field.key for field in template.fields]
    unknown = sorted(typed.keys() - set(known))
    if unknown:
        raise InvalidInputError(
            _("The template {name} has no field {field}.").format(
                name=template.name, field=unknown[0]
            ),
            remedy=_("Its fields are: {fields}").format(fields=", ".join(known)),
            field=unknown[0],
        )
