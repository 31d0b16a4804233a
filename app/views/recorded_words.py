"""The words for values that the audit log records: what they are called, and what they say."""

import json
from collections.abc import Mapping

from app.core.language import _
from app.models.domain.access import Access, Role
from app.models.domain.authorities import KeyStore
from app.models.domain.devices import DeviceMode
from app.models.domain.external_cas import VerifiedBy
from app.models.domain.templates import CertificateKind
from app.views.role_words import role_text


def name_text(name: str) -> str:
    """What a recorded value is called; one without words of its own by its name."""
    return (_names() | _settings()).get(name) or name.replace("_", " ")


def value_text(name: str, value: object) -> str:
    """A recorded value, whole; an empty text for none."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    if isinstance(value, str):
        return _values().get(name, {}).get(value, value)
    return json.dumps(value, ensure_ascii=False)


def _names() -> dict[str, str]:
    return {
        "access": _("access"),
        "active": _("active"),
        "app_id": _("AppID"),
        "application": _("application"),
        "auto_registration": _("auto-registration"),
        "authority": _("authority"),
        "by": _("by"),
        "certificate": _("certificate"),
        "certificate_authentication": _("certificate authentication"),
        "critical": _("critical"),
        "crl_hours": _("hours of a revocation list"),
        "crl_partition_size": _("certificates in a part"),
        "description": _("description"),
        "domain": _("domain"),
        "enforce_factory_mode": _("enforce factory mode"),
        "enrol_others": _("enrol others"),
        "extended_key_usage": _("extended key usage"),
        "extensions": _("extensions"),
        "fields": _("fields"),
        "fingerprint": _("fingerprint"),
        "issuer": _("issuer"),
        "key": _("key"),
        "key_algorithms": _("keys"),
        "key_retention_days": _("key kept for days"),
        "key_usage": _("key usage"),
        "kind": _("kind"),
        "mode": _("mode"),
        "name": _("name"),
        "names": _("names"),
        "not_after": _("valid until"),
        "number": _("number"),
        "organization": _("organization"),
        "partition": _("part"),
        "password_authentication": _("password authentication"),
        "reason": _("reason"),
        "require_pop": _("require proof of possession"),
        "role": _("role"),
        "serial": _("serial number"),
        "subject": _("subject"),
        "successor": _("successor"),
        "template": _("template"),
        "templates": _("templates"),
        "tenant": _("tenant"),
        "type": _("type"),
        "until": _("until"),
        "validity_days": _("days of validity"),
        "value": _("value"),
        "verified_by": _("verified"),
    }


def _settings() -> dict[str, str]:
    return {
        "est_base_domain": _("EST base domain"),
        "language": _("language"),
        "listener_host": _("address of the listener"),
        "listener_port": _("port of the listener"),
        "listener_starts": _("listener starts with the program"),
        "lock_after_minutes": _("minutes until locked"),
        "publication_host": _("address of the publication"),
        "publication_port": _("port of the publication"),
        "publication_url": _("address in certificates"),
        "theme": _("theme"),
    }


def _values() -> Mapping[str, Mapping[str, str]]:
    """What is recorded as the value of an enumeration, by the name it is recorded under."""
    verified: dict[str, str] = {
        VerifiedBy.POSSESSION: _("by proof of possession of its key"),
        VerifiedBy.OVERRIDE: _("without proof, by an administrator"),
    }
    return {
        "access": {
            Access.GLOBAL: _("Global"),
            Access.TENANT: _("Tenant"),
            Access.ORGANIZATION: _("Organization"),
        },
        "by": verified,
        "key": {
            KeyStore.SOFTWARE: _("Workspace"),
            KeyStore.TOKEN: _("Token"),
            KeyStore.ELSEWHERE: _("Elsewhere"),
        },
        "kind": {
            CertificateKind.FACTORY: _("Factory"),
            CertificateKind.OPERATIONAL: _("Operational"),
            CertificateKind.APPLICATION: _("Application"),
            "credential": _("Credentials"),
        },
        "mode": {mode: mode.label for mode in DeviceMode},
        "role": {role: role_text(role) for role in Role},
        "verified_by": verified,
    }
