"""The words for values that the audit log records: what they are called, and what they say."""

import json
from collections.abc import Mapping
from datetime import datetime

from app.core.language import _
from app.models.domain.access import Access, Role
from app.models.domain.authorities import KeyStore
from app.models.domain.devices import DeviceMode
from app.models.domain.external_cas import VerifiedBy
from app.models.domain.templates import CertificateKind
from app.views.role_words import role_text
from app.views.widgets.times import time_text

_MOMENTS = {"not_after", "until"}


def name_text(name: str) -> str:
    """What a recorded value is called; one without words of its own by its name."""
    return _names().get(name) or name.replace("_", " ")


def value_text(name: str, value: object) -> str:
    """A recorded value, whole; an empty text for none."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    if isinstance(value, str) and name in _MOMENTS:
        return _moment_text(value)
    if isinstance(value, str):
        return _values().get(name, {}).get(value, value)
    return json.dumps(value, ensure_ascii=False)


def _moment_text(value: str) -> str:
    """A recorded time as people of the place write it; what is none, as it is."""
    try:
        return time_text(datetime.fromisoformat(value))
    except ValueError:
        return value


def _names() -> dict[str, str]:
    return _of_certificates() | _of_device_types() | _of_settings() | _of_the_rest()


def _of_certificates() -> dict[str, str]:
    return {
        "authority": _("authority"),
        "authority_id": _("authority ID"),
        "backdate_minutes": _("backdated by minutes"),
        "certificate": _("certificate ID"),
        "critical": _("critical"),
        "crl_hours": _("hours of a revocation list"),
        "crl_partition_size": _("certificates in a part"),
        "extended_key_usage": _("extended key usage"),
        "extension_ids": _("custom extensions"),
        "extensions": _("extensions"),
        "fields": _("fields"),
        "fingerprint": _("fingerprint"),
        "hash": _("hash"),
        "issuer": _("issuer"),
        "key": _("key"),
        "key_algorithms": _("keys"),
        "key_retention_days": _("key kept for days"),
        "key_usage": _("key usage"),
        "not_after": _("valid until"),
        "number": _("number"),
        "oid": _("OID"),
        "partition": _("part"),
        "reason": _("reason"),
        "revocation_urls": _("revocation addresses"),
        "serial": _("serial number"),
        "subject": _("subject"),
        "subject_key_identifier": _("subject key identifier"),
        "successor": _("successor"),
        "template": _("template"),
        "templates": _("templates"),
        "validity_days": _("days of validity"),
        "value": _("value"),
    }


def _of_device_types() -> dict[str, str]:
    return {
        "auto_registration": _("auto-registration"),
        "enforce_factory_mode": _("enforce factory mode"),
        "external_ca_id": _("external CA ID"),
        "factory_mapping": _("fields of the factory certificate"),
        "factory_renewal_hours": _("hours to renew the factory certificate"),
        "factory_template_id": _("factory template ID"),
        "operational_mapping": _("fields of the operational certificates"),
        "operational_renewal_hours": _("hours to renew operational certificates"),
        "operational_template_ids": _("operational templates"),
        "password_enabled": _("password"),
        "password_retention_hours": _("password kept for hours"),
        "use_mapping": _("named by the factory certificate"),
        "version": _("version"),
    }


def _of_settings() -> dict[str, str]:
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


def _of_the_rest() -> dict[str, str]:
    return {
        "access": _("access"),
        "active": _("active"),
        "allowed_addresses": _("allowed addresses"),
        "app_id": _("AppID"),
        "application": _("application"),
        "application_id": _("application ID"),
        "base64_form": _("form of base64"),
        "by": _("verified"),
        "certificate_authentication": _("certificate authentication"),
        "changed": _("changed"),
        "comment": _("comment"),
        "description": _("description"),
        "device_type_id": _("device type ID"),
        "domain": _("domain"),
        "enrol_others": _("enrol others"),
        "impossible": _("impossible"),
        "kind": _("kind"),
        "label": _("label"),
        "labels": _("labels"),
        "mode": _("mode"),
        "name": _("name"),
        "names": _("names"),
        "new": _("new"),
        "organization": _("organization"),
        "organization_id": _("organization ID"),
        "overlap_hours": _("hours the old key stays good"),
        "password_authentication": _("password authentication"),
        "require_pop": _("require proof of possession"),
        "role": _("role"),
        "server_key_generation": _("keys can be made for devices"),
        "signed_by": _("signed by the key"),
        "tenant": _("tenant"),
        "tenant_id": _("tenant ID"),
        "type": _("type"),
        "unchanged": _("unchanged"),
        "until": _("until"),
        "verified_by": _("verified"),
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
