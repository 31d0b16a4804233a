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
from app.models.services.workspace.workspace import Workspace
from tests.models.services.authority_material import IN_TEN_YEARS, KEY, new_issuing, new_root
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


def told(certificate: bytes) -> RevocationUrls:
    """The addresses in a certificate (DER), as another library reads them."""
    extensions = x509.load_der_x509_certificate(certificate).extensions
    (point,) = extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert point.full_name is not None
    access = extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    found = {entry.access_method: entry.access_location.value for entry in access}
    return RevocationUrls(
        crl=tuple(str(name.value) for name in point.full_name),
        ocsp=(found[AuthorityInformationAccessOID.OCSP],),
        ca_issuers=(found[AuthorityInformationAccessOID.CA_ISSUERS],),
    )


def is_silent(certificate: bytes) -> bool:
    """Whether a certificate (DER) names no addresses at all."""
    oids = {extension.oid for extension in x509.load_der_x509_certificate(certificate).extensions}
    links = {
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
        ExtensionOID.AUTHORITY_INFORMATION_ACCESS,
    }
    return not oids & links


def test_a_template_decides_whether_a_certificate_says_them(demo: Workspace) -> None:
    demo.settings.change(publication_url=BASE)
    assert is_silent(published(demo, says=False).der)
    issued = published(demo, says=True)
    urls = urls_below(BASE, issued.authority_id, 0)
    assert told(issued.der) == urls


def test_without_a_base_nothing_is_said(demo: Workspace) -> None:
    assert is_silent(published(demo, says=True).der)
    assert is_silent(new_issuing(demo, new_root(demo)).certificate)


def test_an_authority_says_where_the_one_above_publishes(demo: Workspace) -> None:
    demo.settings.change(publication_url=BASE)
    root = new_root(demo)
    issuing = new_issuing(demo, root)
    assert is_silent(root.certificate)
    assert told(issuing.certificate) == urls_below(BASE, root.id)
    making = demo.authority_making
    root_2 = making.roll_over(SYSTEM, root.id, "Root 2", KEY, not_after=IN_TEN_YEARS)
    issuing_2 = making.roll_over(SYSTEM, issuing.id, "Issuing 2", KEY, not_after=IN_TEN_YEARS)
    assert is_silent(root_2.certificate)
    assert told(issuing_2.certificate) == urls_below(BASE, root_2.id)


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


def test_authorities_are_of_the_first_partition(demo: Workspace) -> None:
    demo.settings.change(publication_url=BASE)
    root = new_root(demo)
    with demo.store.change(SYSTEM) as change:
        change.connection.execute(update(authority).values(crl_partition_size=1))
    for name in ("One", "Two"):
        assert told(new_issuing(demo, root, name).certificate) == urls_below(BASE, root.id)


@pytest.mark.parametrize("text", ["ftp://pki.example", "http://", "http://a b", "nonsense", 7])
def test_an_address_is_one_of_the_web(demo: Workspace, text: object) -> None:
    with pytest.raises(InvalidInputError) as caught:
        demo.settings.change(publication_url=text)
    assert caught.value.field == "publication_url"
