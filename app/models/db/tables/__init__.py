"""The tables. Column names are the domain's field names; see `app.models.domain` for meanings."""

from app.models.db.tables.audit import audit_checkpoint, audit_event, audit_key
from app.models.db.tables.authorities import (
    authority,
    authority_request,
    crl,
    cross_certificate,
    ocsp_responder,
    secret,
    tls_identity,
)
from app.models.db.tables.certificates import certificate
from app.models.db.tables.columns import metadata
from app.models.db.tables.devices import (
    device,
    device_credential,
    device_transition,
    device_type,
    device_type_version,
    est_label,
    est_server,
    est_server_application,
    external_ca,
    external_certificate,
)
from app.models.db.tables.owners import api_application, organization, tenant, user, user_session
from app.models.db.tables.templates import custom_extension, template

__all__ = [
    "api_application",
    "audit_checkpoint",
    "audit_event",
    "audit_key",
    "authority",
    "authority_request",
    "certificate",
    "crl",
    "cross_certificate",
    "custom_extension",
    "device",
    "device_credential",
    "device_transition",
    "device_type",
    "device_type_version",
    "est_label",
    "est_server",
    "est_server_application",
    "external_ca",
    "external_certificate",
    "metadata",
    "ocsp_responder",
    "organization",
    "secret",
    "template",
    "tenant",
    "tls_identity",
    "user",
    "user_session",
]
