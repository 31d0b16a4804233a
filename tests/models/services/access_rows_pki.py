"""Rows of `access_cases.py`: authorities, templates, device types, certificates."""

from dataclasses import replace

from app.models.domain.access import EVERYWHERE
from app.models.domain.authorities import TokenAddress
from app.models.services.authorities.imports import Bundle
from app.models.services.certificates.certificates import CertificateFormat
from app.models.services.certificates.listed import CertificateQuery
from app.pki.certificates import read_certificate, thumbprint
from app.pki.revocation import RevocationReason
from tests.models.services.access_cases import EVERYTHING, Act, Listing, ids
from tests.models.services.company import (
    END,
    KEY,
    PASSWORD,
    Place,
    named,
    new_device_type,
    new_extension,
    new_template,
)


def common_name(der: bytes) -> str:
    """The common name that a certificate is for."""
    return next(part.value for part in read_certificate(der).subject if part.short == "CN")


_AUTHORITIES: dict[str, Act] = {
    "authorities.get": Act(
        "authority.view", ("authority",), lambda at: at.of.get(at.actor, at["authority"]), seen=True
    ),
    "authorities.edit": Act(
        "authority.manage",
        ("authority",),
        lambda at: at.of.edit(
            at.actor,
            at["authority"],
            name="new",
            sharing=at.spot.sharing,
            crl_hours=24,
            crl_partition_size=None,
        ),
    ),
    "authorities.set_active": Act(
        "authority.manage",
        ("authority",),
        lambda at: at.of.set_active(at.actor, at["authority"], active=False),
    ),
    "authorities.delete": Act(
        "authority.manage", ("authority",), lambda at: at.of.delete(at.actor, at["authority"])
    ),
    "authorities.test_sign": Act(
        "authority.manage", ("authority",), lambda at: at.of.test_sign(at.actor, at["authority"])
    ),
    "authority_details.of": Act(
        "authority.view", ("authority",), lambda at: at.of.of(at.actor, at["authority"]), seen=True
    ),
    "authority_revocation.dependants": Act(
        "authority.manage", ("authority",), lambda at: at.of.dependants(at.actor, at["authority"])
    ),
    "authority_revocation.revoke": Act(
        "authority.manage",
        ("authority",),
        lambda at: at.of.revoke(at.actor, at["authority"], RevocationReason.SUPERSEDED),
    ),
    # Naming a module runs its code: for those whom the whole workspace belongs to.
    "token_directory.tokens": Act(
        "settings.change", (), lambda at: at.of.tokens(at.actor, "no module")
    ),
    "token_directory.keys": Act(
        "settings.change",
        (),
        lambda at: at.of.keys(at.actor, TokenAddress("no module", "none"), "1234"),
    ),
    "token_directory.set_pin": Act(
        "authority.manage",
        ("authority",),
        lambda at: at.of.set_pin(at.actor, at["authority"], "1234"),
    ),
    "authority_making.create_root": Act(
        "authority.manage",
        (),
        lambda at: at.of.create_root(at.actor, "new", named("new"), KEY, sharing=at.spot.sharing),
    ),
    "authority_making.create_issuing": Act(
        "authority.manage",
        ("authority",),
        lambda at: at.of.create_issuing(
            at.actor,
            at["authority"],
            "new",
            named("new"),
            KEY,
            not_after=END,
            sharing=at.spot.sharing,
        ),
    ),
    "authority_making.roll_over": Act(
        "authority.manage",
        ("authority",),
        lambda at: at.of.roll_over(at.actor, at["authority"], "new", KEY, not_after=END),
    ),
    "authority_imports.request": Act(
        "authority.manage",
        (),
        lambda at: at.of.request(at.actor, "new", named("new"), KEY, sharing=at.spot.sharing),
    ),
    "authority_imports.accept": Act(
        "authority.manage",
        ("request",),
        lambda at: at.of.accept(at.actor, at["request"], at.certificate),
    ),
    "authority_imports.withdraw": Act(
        "authority.manage", ("request",), lambda at: at.of.withdraw(at.actor, at["request"])
    ),
    "authority_imports.import_bundle": Act(
        "authority.manage",
        (),
        lambda at: at.of.import_bundle(
            at.actor, "new", Bundle(b"no bundle", ""), sharing=at.spot.sharing
        ),
    ),
    "authority_imports.import_certificate": Act(
        "authority.manage",
        (),
        lambda at: at.of.import_certificate(
            at.actor, "new", b"no certificate", sharing=at.spot.sharing
        ),
    ),
    "crls.download": Act(
        "authority.view",
        ("authority",),
        lambda at: at.of.download(at.actor, at["authority"]),
        seen=True,
    ),
}

_TEMPLATES_AND_TYPES: dict[str, Act] = {
    "extensions.create": Act(
        "extension.manage", (), lambda at: at.of.create(at.actor, new_extension(at.spot, "new"))
    ),
    "extensions.edit": Act(
        "extension.manage",
        ("extension",),
        lambda at: at.of.edit(at.actor, replace(new_extension(at.spot, "new"), id=at["extension"])),
    ),
    "extensions.set_active": Act(
        "extension.manage",
        ("extension",),
        lambda at: at.of.set_active(at.actor, at["extension"], active=False),
    ),
    "extensions.delete": Act(
        "extension.manage", ("extension",), lambda at: at.of.delete(at.actor, at["extension"])
    ),
    "extensions.get": Act(
        "extension.view", ("extension",), lambda at: at.of.get(at.actor, at["extension"]), seen=True
    ),
    "templates.create": Act(
        "template.manage",
        (),
        lambda at: at.of.create(at.actor, new_template(at.spot, "new", at["authority"])),
    ),
    "templates.edit": Act(
        "template.manage",
        ("template",),
        lambda at: at.of.edit(
            at.actor, replace(new_template(at.spot, "new", at["authority"]), id=at["template"])
        ),
    ),
    "templates.set_active": Act(
        "template.manage",
        ("template",),
        lambda at: at.of.set_active(at.actor, at["template"], active=False),
    ),
    "templates.delete": Act(
        "template.manage", ("template",), lambda at: at.of.delete(at.actor, at["template"])
    ),
    "templates.read": Act(
        "template.view", ("template",), lambda at: at.of.read(at.actor, at["template"]), seen=True
    ),
    "template_samples.sample": Act(
        "authority.view",
        ("authority",),
        lambda at: at.of.sample(at.actor, new_template(at.spot, "new", at["authority"])),
        seen=True,
    ),
    "device_types.create": Act(
        "device-type.manage",
        (),
        lambda at: at.of.create(at.actor, new_device_type(at.spot, "new")),
    ),
}

_CERTIFICATES: dict[str, Act] = {
    "certificates.get": Act(
        "certificate.view",
        ("certificate",),
        lambda at: at.of.get(at.actor, at["certificate"]),
    ),
    "certificates.by_thumbprint": Act(
        "certificate.view",
        ("certificate",),
        lambda at: at.of.by_thumbprint(at.actor, thumbprint(at.certificate_of(at["certificate"]))),
    ),
    "certificates.by_serial": Act(
        "certificate.view",
        ("certificate",),
        lambda at: at.of.by_serial(
            at.actor, read_certificate(at.certificate_of(at["certificate"])).serial_hex
        ),
    ),
    "certificates.by_common_name": Act(
        "certificate.view",
        ("certificate",),
        lambda at: (
            at["certificate"]
            in ids(
                at.of.by_common_name(at.actor, common_name(at.certificate_of(at["certificate"])))
            )
        ),
    ),
    "certificates.pem": Act(
        "certificate.view",
        ("certificate",),
        lambda at: at.of.pem(at.actor, at["certificate"], chain=True),
    ),
    "certificates.details": Act(
        "certificate.view",
        ("certificate",),
        lambda at: at.of.details(at.actor, at["certificate"]),
    ),
    "certificates.export": Act(
        "certificate.view",
        ("certificate",),
        lambda at: at.of.export(at.actor, at["certificate"], CertificateFormat.PKCS7, chain=True),
    ),
    "certificates.download_legacy_pfx": Act(
        "secret.download",
        ("certificate",),
        lambda at: at.of.download_legacy_pfx(at.actor, at["certificate"], PASSWORD),
    ),
    "certificate_checks.check": Act(
        "certificate.view",
        ("certificate",),
        lambda at: at.of.check(at.actor, at.certificate_of(at["certificate"])).known or "",
    ),
    "certificates.of_device": Act(
        "certificate.view", ("device",), lambda at: at.of.of_device(at.actor, at["device"])
    ),
    "certificates.download_pfx": Act(
        "secret.download",
        ("certificate",),
        lambda at: at.of.download_pfx(at.actor, at["certificate"]),
    ),
    "revocation.revoke": Act(
        "certificate.revoke",
        ("certificate",),
        lambda at: at.of.revoke(at.actor, at["certificate"], RevocationReason.SUPERSEDED),
    ),
    "revocation.release": Act(
        "certificate.revoke",
        ("certificate",),
        lambda at: at.of.release(at.actor, at["certificate"]),
    ),
    "issuance.plan": Act(
        "certificate.issue",
        ("device-type",),
        lambda at: at.of.plan(at.actor, at["device-type"], {}, at.request),
        seen=True,
    ),
    "certificate_issuing.preview": Act(
        "certificate.issue",
        (),
        lambda at: at.of.preview(at.actor, at.request, at.spot.scope),
    ),
    "certificate_issuing.issue": Act(
        "certificate.issue", (), lambda at: at.of.issue(at.actor, at.request, at.spot.scope)
    ),
    "certificate_issuing.issue_group": Act(
        "certificate.issue",
        (),
        lambda at: at.of.issue_group(at.actor, [at.request], at.spot.scope),
    ),
    "certificate_issuing.issue_for_application": Act(
        "certificate.issue",
        ("application",),
        lambda at: at.of.issue_for_application(at.actor, at["application"], at.request),
    ),
    "certificate_renewal.renew": Act(
        "certificate.issue",
        ("certificate",),
        lambda at: at.of.renew(at.actor, at["certificate"]),
    ),
    "certificate_renewal.rekey": Act(
        "certificate.issue",
        ("certificate",),
        lambda at: at.of.rekey(at.actor, at["certificate"], pfx_passphrase=PASSWORD),
    ),
    "certificates.of_application": Act(
        "certificate.view",
        ("application",),
        lambda at: at.of.of_application(at.actor, at["application"]),
    ),
}

ACTS: dict[str, Act] = _AUTHORITIES | _TEMPLATES_AND_TYPES | _CERTIFICATES

LISTS: dict[str, Listing] = {
    "authorities.all": Listing(
        "authority.view", "authority", lambda at: ids(at.of.all(at.actor)), seen=True
    ),
    "authorities.page": Listing(
        "authority.view",
        "authority",
        lambda at: ids(at.of.page(at.actor, *EVERYTHING)),
        seen=True,
    ),
    "authorities.count": Listing(
        "authority.view",
        "authority",
        lambda at: at.of.count(at.actor, EVERYTHING[0]),
        seen=True,
    ),
    "authorities.expiring": Listing(
        "authority.view",
        "authority",
        lambda at: ids(at.of.expiring(at.actor)),
        seen=True,
    ),
    "authority_imports.requests": Listing(
        "authority.view", "request", lambda at: ids(at.of.requests(at.actor)), seen=True
    ),
    "extensions.page": Listing(
        "extension.view",
        "extension",
        lambda at: ids(at.of.page(at.actor, *EVERYTHING)),
        seen=True,
    ),
    "extensions.count": Listing(
        "extension.view",
        "extension",
        lambda at: at.of.count(at.actor, EVERYTHING[0]),
        seen=True,
    ),
    "extensions.offered": Listing(
        "extension.view",
        "extension",
        lambda at: ids(at.of.offered(at.actor, EVERYWHERE)),
        seen=True,
        among=(Place.GLOBAL,),
    ),
    "templates.all": Listing(
        "template.view", "template", lambda at: ids(at.of.all(at.actor)), seen=True
    ),
    "templates.page": Listing(
        "template.view",
        "template",
        lambda at: ids(at.of.page(at.actor, *EVERYTHING)),
        seen=True,
    ),
    "templates.count": Listing(
        "template.view",
        "template",
        lambda at: at.of.count(at.actor, EVERYTHING[0]),
        seen=True,
    ),
    "device_types.all": Listing(
        "device-type.view", "device-type", lambda at: ids(at.of.all(at.actor)), seen=True
    ),
    "device_types.offered": Listing(
        "device-type.view",
        "device-type",
        lambda at: ids(
            at.of.offered(at.actor, at.spot.sharing.tenant_id, at.spot.sharing.organization_id)
        ),
        seen=True,
        among=(Place.GLOBAL, Place.OWN_TENANT, Place.OWN),
    ),
    "certificate_list.page": Listing(
        "certificate.view",
        "certificate",
        lambda at: ids(at.of.page(at.actor, CertificateQuery(), 0, 1000)),
    ),
    "certificate_list.count": Listing(
        "certificate.view", "certificate", lambda at: at.of.count(at.actor, CertificateQuery())
    ),
}
