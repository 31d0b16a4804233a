"""What tests of certificates through REST have in common: a template, bodies, requests."""

import json
from base64 import b64encode
from dataclasses import replace
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from app.models.domain.access import SYSTEM
from app.models.domain.subjects import FieldRule, NamePart, TemplateField
from app.models.domain.templates import Template
from app.models.services.workspace.workspace import Workspace
from tests.plant import DeviceKey, ec_key
from tests.plant import csr as der_csr

CERTIFICATES = "/certificates"
SIXTEEN = [
    *("certificate_id", "organization_id", "common_name", "issued_dn", "certificate"),
    *("certificate_pkcs12", "passphrase", "status", "issuer", "serial_number", "valid_from"),
    *("valid_until", "revocation_reason", "revocation_date", "thumbprint", "san"),
]


def add_template(workspace: Workspace, **changes: Any) -> int:
    """A template as the real service has one: CN, serial number and country, no SAN."""
    like = next(t for t in workspace.templates.all(SYSTEM) if t.name == "Gateway mTLS client")
    fields = (
        TemplateField(NamePart.SUBJECT, "CN", FieldRule.REQUIRED),
        TemplateField(NamePart.SUBJECT, "serialNumber"),
        TemplateField(NamePart.SUBJECT, "C"),
    )
    new: Template = replace(like, id=0, name="ZTP", fields=fields)
    return workspace.templates.create(SYSTEM, replace(new, **changes)).id


def new_csr(name: str = "dev-one", key: DeviceKey | None = None) -> bytes:
    """The DER of a request for a new key, unless one is given."""
    return der_csr(key or ec_key(), name)


def bare(csr: bytes) -> str:
    """Base64 on one line, as the client of the field sends it to rekey."""
    return b64encode(csr).decode()


def armoured(csr: bytes) -> str:
    """PEM with a line end before each line and none at the end, as it sends it to issue."""
    lines = x509.load_der_x509_csr(csr).public_bytes(serialization.Encoding.PEM).decode()
    return "".join(f"\n{line}" for line in lines.splitlines())


def sdk_order(template_id: int, csr: str, name: str = "dev-one", days: int = 30) -> bytes:
    """The body of an order to the letter, as the client of the field writes it."""
    subject = ",".join(
        f'{{"oid": "{oid}", "value": "{value}"}}'
        for oid, value in (
            ("2.5.4.3", name),
            ("2.5.4.6", "FR"),
            ("2.5.4.7", ""),
            ("2.5.4.10", ""),
            ("2.5.4.17", ""),
            ("2.5.4.5", "1234"),
        )
    )
    return (
        f'{{"template_id": {template_id},"subject": [{subject}],'
        f'"san":[{{"name": "dns","value": "wisekeydemo.com"}}], "csr": {json.dumps(csr)},'
        f' "passphrase": "","include_chain_in_pkcs12": true, "valid_from": "",'
        f' "validity_period": {days}}}'
    ).encode()


def order(template_id: int, csr: bytes | None = None, **more: object) -> dict[str, object]:
    """A short order: a common name, and a request unless the key is to be made here."""
    asked: dict[str, object] = {
        "template_id": template_id,
        "subject": [{"oid": "2.5.4.3", "value": "dev-one"}],
    }
    if csr is not None:
        asked["csr"] = bare(csr)
    return asked | more
