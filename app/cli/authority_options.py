"""What the commands about authorities share: the subject, the file, and how one is shown."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from app.cli.choosing import pairs, shown_sharing
from app.cli.output import print_fields
from app.core.language import _
from app.models.domain.access import Actor
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import read_certificate
from app.pki.subjects import Attribute, Subject, attribute_type


def add_subject(to: ArgumentParser) -> None:
    """Add the option `--subject`."""
    to.add_argument(
        "--subject",
        nargs="+",
        required=True,
        metavar="TYPE=VALUE",
        help=_('in the order of the certificate, like "C=SE" "O=Acme" "CN=Acme Root"'),
    )


def add_out(to: ArgumentParser) -> None:
    """Add the option `--out`."""
    to.add_argument("--out", type=Path, metavar="FILE", help=_("new file; else standard output"))


def subject_of(options: Namespace) -> Subject:
    """The name that `--subject` spells."""
    return tuple(
        Attribute(attribute_type(name).oid, value)
        for name, value in pairs(options.subject, "subject")
    )


def print_authority(
    options: Namespace, workspace: Workspace, actor: Actor, authority_id: int
) -> None:
    """Print what is known of an authority."""
    found = workspace.authority_details.of(actor, authority_id)
    print_fields(
        options,
        {
            "id": found.authority.id,
            "name": found.authority.name,
            "subject": found.subject,
            "issuer": found.issuer,
            "serial": found.serial,
            "fingerprint": found.fingerprint,
            "algorithm": read_certificate(found.authority.certificate).algorithm,
            "key_store": found.authority.key_store.value,
            "not_before": found.not_before,
            "not_after": found.not_after,
            "path_length": found.path_length,
            "crl_hours": found.authority.crl_hours,
            "crl_partition_size": found.authority.crl_partition_size,
            **shown_sharing(found.authority.sharing, workspace, actor),
            "active": found.authority.active,
            "revoked_at": found.authority.revoked_at,
            "revocation_reason": found.authority.revocation_reason,
            "invalid_since": found.authority.invalid_since,
        },
    )
