"""The words for what the audit log records."""

from app.core.language import _
from app.models.domain.audit import AuditEvent
from app.views.recorded_words import name_text, value_text

_LONGEST = 80
_NOTHING = "\N{EN DASH}"


def action_text(action: str) -> str:
    """What was done, in words.

    An action is called `object.verb`: one without words of its own is told by its verb, one
    whose verb is unknown as it is recorded.
    """
    own = {
        "access.refuse": _("Right refused"),
        "audit.check": _("Audit log checked"),
        "audit.export": _("Audit log exported"),
        "certificate.issue": _("Certificate issued"),
        "certificate.release": _("Released from hold"),
        "certificate.second-key": _("Renewed with two different keys"),
        "credential.set": _("Password set"),
        "crl.sign": _("Revocation list signed"),
        "device.set-as-factory": _("Set as factory mode"),
        "est.refuse": _("Enrolment refused"),
        "external-ca.challenge": _("Code to be signed made"),
        "ocsp-responder.issue": _("OCSP certificate issued"),
        "secret.destroy": _("Secrets past their retention destroyed"),
        "tls-identity.issue": _("TLS certificate of the listener issued"),
        "workspace.create": _("Workspace made"),
        "workspace.create-key": _("Signing key made"),
        "workspace.lock": _("Keys locked"),
        "workspace.unlock": _("Keys unlocked"),
    }
    return own.get(action) or _verb_texts().get(action.partition(".")[2], action)


def _verb_texts() -> dict[str, str]:
    return {
        "accept": _("Accepted"),
        "activate": _("Activated"),
        "add-label": _("Label added"),
        "change": _("Changed"),
        "change-passphrase": _("Passphrase changed"),
        "change-password": _("Password changed"),
        "confirm": _("Identity confirmed"),
        "create": _("Created"),
        "deactivate": _("Deactivated"),
        "delete": _("Deleted"),
        "disable": _("Disabled"),
        "download": _("Downloaded"),
        "edit": _("Changed"),
        "enable": _("Enabled"),
        "export": _("Exported"),
        "hold": _("On hold"),
        "import": _("Imported"),
        "issue": _("Issued"),
        "link-application": _("API application linked"),
        "pin": _("Token PIN changed"),
        "register": _("Registered"),
        "remove-certificate": _("Sign-in certificate removed"),
        "remove-label": _("Label removed"),
        "rename": _("Renamed"),
        "renew": _("Renewed"),
        "request": _("Requested"),
        "reset-password": _("Password reset"),
        "resume-session": _("Signed in again"),
        "revoke": _("Revoked"),
        "roll-over": _("Rolled over"),
        "rotate-key": _("AppKey rotated"),
        "set-certificate": _("Sign-in certificate set"),
        "set-language": _("Language chosen"),
        "sign-in": _("Signed in"),
        "sign-out": _("Signed out"),
        "sign-out-elsewhere": _("Signed out everywhere else"),
        "sign-out-everywhere": _("Signed out everywhere"),
        "unlink-application": _("API application unlinked"),
        "verify": _("Verified"),
        "withdraw": _("Withdrawn"),
    }


def outcome_text(event: AuditEvent) -> str:
    """Why the action was not done; an empty text when it was."""
    if event.outcome == "done":
        return ""
    what = {"refused": _("Refused"), "failed": _("Failed")}.get(event.outcome, event.outcome)
    return _("{outcome}: {reason}").format(outcome=what, reason=event.reason)


def change_texts(event: AuditEvent) -> tuple[str, ...]:
    """What is different after the event: `name: before → after`, one text a value."""
    changes = []
    for key in event.before | event.after:
        before, after = (
            _short(value_text(key, values.get(key))) for values in (event.before, event.after)
        )
        if before != after:
            shown = f"{before or _NOTHING} → {after or _NOTHING}" if event.before else after
            changes.append(f"{name_text(key)}: {shown}")
    return tuple(changes)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
