"""Certification authorities through the REST API."""

from base64 import b64decode

from app.models.domain.access import SYSTEM, Access, Sharing
from app.models.domain.authorities import KeyAlgorithm, KeyChoice
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import read_certificate, thumbprint
from app.pki.names import ATTRIBUTE_TYPES, Attribute
from tests.api.rest_client import RestClient

PATH = "/certificationauthorities"
NAMES = ["id", "caAlias", "thumbprint", "serverName", "caName", "description", "certificate"]


def test_authorities_are_listed_without_certificates(demo: Workspace, rest: RestClient) -> None:
    answer = rest.get(PATH)
    (listed,) = answer.values()
    assert [one["caAlias"] for one in listed] == [a.name for a in demo.authorities.all(SYSTEM)]
    assert all(list(one) == NAMES and one["certificate"] is None for one in listed)


def test_one_authority_has_its_certificate(demo: Workspace, rest: RestClient) -> None:
    for authority in demo.authorities.all(SYSTEM):
        ca = rest.get(f"{PATH}/{authority.id}")["ca"]
        assert list(ca) == NAMES
        assert b64decode(ca["certificate"], validate=True) == authority.certificate
        assert ca["thumbprint"] == thumbprint(authority.certificate).upper()
        assert f"CN={ca['caName']}" in ca["description"]


def test_both_ends_of_the_chain_are_downloaded(demo: Workspace, rest: RestClient) -> None:
    issuing = next(a for a in demo.authorities.all(SYSTEM) if a.issuer_id is not None)
    answer = rest.get(f"{PATH}/{issuing.id}/download")
    assert list(answer) == ["root", "issuing"]
    assert b64decode(answer["issuing"]["certificate"]) == issuing.certificate
    root = read_certificate(b64decode(answer["root"]["certificate"]))
    assert root.subject_der == root.issuer_der
    assert answer["root"]["subject"] == answer["root"]["issuer"] == answer["issuing"]["issuer"]
    assert answer["issuing"]["subject"] != answer["issuing"]["issuer"]


def test_an_authority_of_others_does_not_exist(demo: Workspace, rest: RestClient) -> None:
    other = demo.tenants.create_tenant(SYSTEM, "Globex")
    hidden = demo.authority_making.create_root(
        SYSTEM,
        "Globex root",
        (Attribute(ATTRIBUTE_TYPES["CN"].oid, "Globex"),),
        KeyChoice(KeyAlgorithm.EC_P256),
        sharing=Sharing(Access.TENANT, other.id),
    )
    (listed,) = rest.get(PATH).values()
    assert hidden.id not in {one["id"] for one in listed}
    for path in (f"{PATH}/{hidden.id}", f"{PATH}/{hidden.id}/download", f"{PATH}/{10**17}"):
        rest.refused(404, "GET", path)
