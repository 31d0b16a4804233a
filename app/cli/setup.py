"""`birthmark init`: a new workspace with its first administrator (ROLE-03)."""

from pathlib import Path

from app.cli.passphrases import ADMIN_PASSWORD_VARIABLE, PASSPHRASE_VARIABLE, secret
from app.core.clock import Clock
from app.core.language import _
from app.models.domain.access import SYSTEM, Role
from app.models.domain.passwords import check_password
from app.models.services.workspace.opening import create_workspace


def init(
    folder: Path,
    passphrase_file: Path | None,
    admin: str,
    password_file: Path | None,
    clock: Clock,
) -> int:
    """Make the workspace and the user, say where it is, and return the exit code."""
    passphrase = secret(
        passphrase_file, PASSPHRASE_VARIABLE, _("Passphrase of the new workspace:"), twice=True
    )
    password = secret(
        password_file,
        ADMIN_PASSWORD_VARIABLE,
        _("Password of the user {name}:").format(name=admin),
        twice=True,
    )
    check_password(password, admin)
    workspace = create_workspace(folder, passphrase, clock)
    workspace.users.create(SYSTEM, admin, password, Role.ADMIN, must_change=False)
    workspace.close()
    print(_("Made a workspace in {folder}.").format(folder=folder))
    print(_("The passphrase cannot be recovered: without it every key in there is lost."))
    return 0
