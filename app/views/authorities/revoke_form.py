"""The form that revokes an authority, and says what goes with it."""

from functools import partial

from PySide6.QtWidgets import QWidget

from app.core.language import _, ngettext
from app.models.domain.access import Actor
from app.models.services.authorities.authorities import AuthorityRow
from app.models.services.authorities.revocation import AUTHORITY_REASONS, Dependants
from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs
from app.views.theme.tokens import Tone
from app.views.widgets.revocation_form import RevocationForm


def revoke_form(
    workspace: Workspace,
    actor: Actor,
    row: AuthorityRow,
    dependants: Dependants,
    *,
    jobs: Jobs,
    parent: QWidget,
) -> RevocationForm:
    """Asks why the authority is revoked; `saved(None)`."""
    form = RevocationForm(
        _("Revoke {name}?").format(name=row.name),
        AUTHORITY_REASONS,
        partial(workspace.authority_revocation.revoke, actor, row.id),
        today=workspace.store.clock.now().date(),
        hint=_(
            "EST servers here turn its devices away at once, others from the next revocation list"
            " of the authority above on."
        ),
        jobs=jobs,
        parent=parent,
    )
    form.banner.show_message(Tone.WARNING, _what_goes_with_it(dependants), _what_helps())
    return form


def _what_goes_with_it(dependants: Dependants) -> str:
    refused = _("No device has a valid certificate from it.")
    if dependants.devices:
        refused = ngettext(
            "{n} device has a certificate from it and will be refused.",
            "{n} devices have certificates from it and will be refused.",
            dependants.devices,
        ).format(n=dependants.devices)
    ended = _("It issues nothing any more.")
    if dependants.authorities:
        ended = _("It issues nothing any more, nor do those below it: {names}.")
        ended = ended.format(names=", ".join(dependants.authorities))
    return " ".join((_("This cannot be undone."), refused, ended))


def _what_helps() -> str:
    return _(
        "Roll it over as well: its templates then use the new one, from which devices that have a"
        " password can get new certificates."
    )
