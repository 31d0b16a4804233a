"""Where certificates say that their CRL, OCSP responder and issuer are."""

import pytest
from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtensionOID
from sqlalchemy import update

from app.core.errors import InvalidInputError
from app.models.db.tables import authority, template
from app.models.domain.access import SYSTEM, Scope
from app.models.domain.certificates import Certificate
from app.models.domain.issuing import IssueRequest
from app.models.domain.publication import RevocationUrls, crl_path, urls_below
from app.models.services.workspace import Workspace
from tests.models.services.gateways import device_type, new_csr, plant

BASE = "http://pki.example:8080/station/"


def test_urls_below_a_base() -> None:
    assert urls_below("", 7, 3) == RevocationUrls(partition=3)
    urls = urls_below(BASE, 7, 3)
    assert urls.crl == ("http://pki.example:8080/station/crl/7-3.crl",)
    assert urls.ocsp == ("http://pki.example:8080/station/ocsp",)
    assert urls.ca_issuers == ("http://pki.example:8080/station/ca/7.cer",)
    assert (crl_path(7, 0), crl_path(7, 1)) == ("crl/7.crl", "crl/7-1.crl")


def published(workspace: Workspace, *, says: bool) -> Certificate:
    """A certificate from a template that says, or does not, where its CRL is."""
    template_id = device_type(workspace).operational_template_ids[0]
    with workspace.store.change(SYSTEM) as change:
        change.connection.execute(update(template).values(revocation_urls=says))
    owner = Scope(plant(workspace).tenant_id, plant(workspace).id)
    request = IssueRequest(template_id, new_csr(), typed={"subject.CN": "pump"})
    return workspace.certificate_issuing.issue(SYSTEM, request, owner).certificate


def test_a_template_decides_whether_a_certificate_says_them(demo: Workspace) -> None:
    demo.settings.change(publication_url=BASE)
    silent = x509.load_der_x509_certificate(published(demo, says=False).der)
    oids = {extension.oid for extension in silent.extensions}
    assert ExtensionOID.CRL_DISTRIBUTION_POINTS not in oids
    assert ExtensionOID.AUTHORITY_INFORMATION_ACCESS not in oids

    issued = published(demo, says=True)
    urls = urls_below(BASE, issued.authority_id, 0)
    extensions = x509.load_der_x509_certificate(issued.der).extensions
    (point,) = extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert point.full_name is not None
    assert tuple(name.value for name in point.full_name) == urls.crl
    access = extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    found = {entry.access_method: entry.access_location.value for entry in access}
    assert (found[AuthorityInformationAccessOID.OCSP],) == urls.ocsp
    assert (found[AuthorityInformationAccessOID.CA_ISSUERS],) == urls.ca_issuers


def test_without_a_base_nothing_is_said(demo: Workspace) -> None:
    certificate = x509.load_der_x509_certificate(published(demo, says=True).der)
    oids = {extension.oid for extension in certificate.extensions}
    assert ExtensionOID.CRL_DISTRIBUTION_POINTS not in oids


def test_a_full_partition_is_followed_by_the_next(demo: Workspace) -> None:
    demo.settings.change(publication_url=BASE)
    with demo.store.change(SYSTEM) as change:
        change.connection.execute(update(authority).values(crl_partition_size=2))
    issued = [published(demo, says=True) for _turn in range(5)]
    assert [one.crl_partition for one in issued] == [0, 0, 1, 1, 2]
    last = f"/crl/{issued[-1].authority_id}-2.crl".encode()
    assert last in issued[-1].der
    with demo.store.change(SYSTEM) as change:
        change.connection.execute(update(authority).values(crl_partition_size=1))
    assert published(demo, says=True).crl_partition == 3
    assert published(demo, says=False).crl_partition == 0  # it names none of them


@pytest.mark.parametrize("text", ["ftp://pki.example", "http://", "http://a b", "nonsense", 7])
def test_an_address_is_one_of_the_web(demo: Workspace, text: object) -> None:
    with pytest.raises(InvalidInputError) as caught:
        demo.settings.change(publication_url=text)
    assert caught.value.field == "publication_url"
