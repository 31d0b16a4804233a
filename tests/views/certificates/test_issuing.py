"""Certificates that no device holds, issued from the Certificates page."""

from pathlib import Path

import pytest

from app.models.domain.access import SYSTEM
from app.models.services.certificates.listed import CertificateQuery
from app.models.services.workspace.workspace import Workspace
from app.views.certificates.issue_form import IssueForm
from app.views.certificates.page import CertificatesPage
from app.views.widgets.file_field import FileField
from tests.models.services.gateways import PASSPHRASE, plant
from tests.models.services.server_certificates import server_csr, template
from tests.pki.material import openssl
from tests.views.certificates.conftest import Give, OpenAs
from tests.views.hands import fill, form, names, offered, press, shown_fields, texts
from tests.views.soon import soon

HERE = "Make the key here and keep it as PKCS #12 for a while"


@pytest.fixture(autouse=True)
def _server_template(demo: Workspace, give: Give) -> None:
    template(demo)
    give("GW-1")


def issue_form(page: CertificatesPage) -> IssueForm:
    press(page, "Issue certificate…")
    shown = form(page)
    assert isinstance(shown, IssueForm)
    return shown


def hand_in(shown: IssueForm, content: bytes) -> None:
    csr = shown.fields["csr"]
    assert isinstance(csr, FileField)
    csr.input.received.emit(content, "server.csr")


def test_a_csr_fills_the_fields_and_the_preview_and_is_issued(
    demo: Workspace, open_as: OpenAs, saved: Path
) -> None:
    page = open_as()
    shown = issue_form(page)
    fill(shown, "owner", "Acme Controls: North plant")
    fill(shown, "template_id", "Server")
    hand_in(shown, server_csr("scada.acme.example").der)
    soon(lambda: shown.fields["subject.CN"].value() == "scada.acme.example")
    assert shown.fields["subject.CN"].message() == "From the CSR"
    soon(lambda: {"from the CSR", "fixed by template"} <= set(texts(shown.preview)))
    fill(shown, "name", "SCADA front end")
    press(shown, "Issue certificate")
    soon(lambda: page.banner.text() == "The certificate of SCADA front end is issued.")
    soon(lambda: names(page)[0] == "SCADA front end")
    press(form(page), "Save as…")
    soon(saved.exists)
    assert "scada.acme.example" in openssl("x509", "-noout", "-subject", "-in", saved)
    query = CertificateQuery(text="SCADA front end")
    (found,) = demo.certificate_list.page(SYSTEM, query, 0, 10)
    north = plant(demo)
    assert (found.tenant_id, found.organization_id) == (north.tenant_id, north.id)
    assert found.device_id is None


def test_a_value_that_was_typed_stays_and_wins(open_as: OpenAs) -> None:
    page = open_as()
    shown = issue_form(page)
    fill(shown, "owner", "Acme Controls: North plant")
    fill(shown, "template_id", "Server")
    fill(shown, "subject.CN", "typed.acme.example")
    hand_in(shown, server_csr("asked.acme.example").der)
    soon(lambda: "typed" in texts(shown.preview))
    assert shown.fields["subject.CN"].value() == "typed.acme.example"
    press(shown, "Issue certificate")
    soon(lambda: page.banner.text() == "The certificate of typed.acme.example is issued.")


def test_a_key_made_here_is_offered_as_pkcs12(open_as: OpenAs) -> None:
    page = open_as()
    shown = issue_form(page)
    fill(shown, "owner", "Acme Controls: North plant")
    fill(shown, "template_id", "Server")
    fill(shown, "source", HERE)
    fill(shown, "subject.CN", "made.acme.example")
    fill(shown, "pfx_passphrase", PASSPHRASE)
    fill(shown, "repeated", PASSPHRASE)
    press(shown, "Issue certificate")
    soon(lambda: page.banner.text() == "The certificate of made.acme.example is issued.")
    assert "PKCS #12: with its private key" in offered(form(page), "kind")


def test_what_is_missing_is_said_under_its_field(open_as: OpenAs) -> None:
    page = open_as()
    shown = issue_form(page)
    fill(shown, "owner", "Acme Controls: North plant")
    fill(shown, "template_id", "Server")
    press(shown, "Issue certificate")
    assert shown.fields["csr"].message() == "Fill this in."
    assert shown.fields["subject.CN"].message() == "Fill this in."
    soon(lambda: "Hand in a CSR, or have the key made here." in texts(shown.preview))


@pytest.mark.parametrize(
    ("name", "owners"),
    [
        (
            "admin",
            [
                "Acme Controls: the whole tenant",
                "Acme Controls: North plant",
                "Acme Controls: South plant",
                "Whole workspace",
            ],
        ),
        ("nora.lind", ["Acme Controls: North plant"]),
    ],
)
def test_only_owners_within_reach_are_offered(
    open_as: OpenAs, name: str, owners: list[str]
) -> None:
    assert offered(issue_form(open_as(name)), "owner") == owners


def test_only_fields_of_the_template_are_asked_for(open_as: OpenAs) -> None:
    page = open_as()
    shown = issue_form(page)
    fill(shown, "owner", "Acme Controls: North plant")
    fill(shown, "template_id", "Server")
    named = [key for key in shown_fields(shown) if "." in key]
    assert named == ["subject.CN", "san.dns"]
