"""Certificates found by what they say: thumbprint, serial number, common name."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from app.core.errors import NotFoundError
from app.models.domain.access import SYSTEM, Actor, Channel, Role
from app.models.domain.certificates import Certificate
from app.models.domain.issuing import IssueRequest
from app.models.services.certificates.certificates import NEWEST
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import thumbprint
from tests.models.services.gateways import gateway, new_csr, operational
from tests.models.services.server_certificates import north, server_csr, template

LOOK_UPS = ("by_thumbprint", "by_serial", "by_common_name")


@pytest.fixture
def issued(demo: Workspace) -> Certificate:
    """A certificate that no device holds; its subject is `O=Acme Controls,CN=mes.example`."""
    return issue(demo, template(demo).id)


def issue(workspace: Workspace, template_id: int, name: str = "mes.example") -> Certificate:
    request = IssueRequest(template_id, server_csr(name))
    return workspace.certificate_issuing.issue(SYSTEM, request, north(workspace)).certificate


def ids(found: tuple[Certificate, ...]) -> list[int]:
    return [one.id for one in found]


def test_a_thumbprint_finds_one(demo: Workspace, issued: Certificate) -> None:
    sha1 = thumbprint(issued.der)
    for digits in (sha1, sha1.upper(), issued.fingerprint, issued.fingerprint.upper()):
        found = demo.certificates.by_thumbprint(SYSTEM, digits)
        assert (found, found.der) == (issued, issued.der)
    for digits in ("", sha1[:-1], f"0{sha1}", "0" * 40, "0" * 64):
        with pytest.raises(NotFoundError):
            demo.certificates.by_thumbprint(SYSTEM, digits)


def test_a_serial_number_finds_one(demo: Workspace, issued: Certificate) -> None:
    for digits in (issued.serial, issued.serial.upper(), f"00{issued.serial}"):
        assert demo.certificates.by_serial(SYSTEM, digits) == (issued,)
    for digits in ("", "0", issued.serial[:-1], f"{issued.serial}0"):
        assert demo.certificates.by_serial(SYSTEM, digits) == ()


def test_a_common_name_finds_the_newest(demo: Workspace) -> None:
    template_id = template(demo).id
    made = [issue(demo, template_id).id for _number in range(NEWEST + 2)]
    issue(demo, template_id, "mes.example.org")
    found = demo.certificates.by_common_name(SYSTEM, "mes.example")
    assert ids(found) == made[::-1][:NEWEST]
    assert all(one.der for one in found)


def test_a_common_name_is_found_whoever_holds_the_certificate(demo: Workspace) -> None:
    request = operational(demo, csr=new_csr())
    held = gateway(demo, "GW-1", operational=(request,)).operational[0].certificate
    assert ids(demo.certificates.by_common_name(SYSTEM, "GW-1")) == [held.id]
    fields = template(demo, name="Reversed").fields
    last = template(demo, name="Last", fields=tuple(reversed(fields)))
    request = IssueRequest(last.id, new_csr(), typed={"subject.CN": "a,b.example"})
    named = demo.certificate_issuing.issue(SYSTEM, request, north(demo), "Press 4")
    assert named.certificate.subject == r"CN=a\,b.example,O=Acme Controls"
    for text in ("a,b.example", "Press 4"):
        found = demo.certificates.by_common_name(SYSTEM, text)
        assert ids(found) == [named.certificate.id]


def test_a_look_up_stays_within_reach(demo: Workspace, issued: Certificate) -> None:
    stranger = Actor("tara", Channel.WINDOW, Role.TENANT_ADMIN, tenant_id=10**6)
    with pytest.raises(NotFoundError):
        demo.certificates.by_thumbprint(stranger, thumbprint(issued.der))
    assert demo.certificates.by_serial(stranger, issued.serial) == ()
    assert demo.certificates.by_common_name(stranger, "mes.example") == ()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.text(st.characters(exclude_categories=()), max_size=70), st.sampled_from(LOOK_UPS))
def test_no_text_makes_it_stumble(demo: Workspace, text: str, look_up: str) -> None:
    try:
        found = getattr(demo.certificates, look_up)(SYSTEM, text)
    except NotFoundError:
        return
    assert found == ()


@pytest.mark.parametrize(
    ("look_up", "text", "indexes"),
    [
        ("by_thumbprint", "0" * 40, ["ix_certificate_thumbprint"]),
        ("by_thumbprint", "0" * 64, ["sqlite_autoindex_certificate"]),
        ("by_serial", "1", ["ix_certificate_serial_id"]),
        ("by_common_name", "x", ["ix_certificate_name_id", "ix_certificate_subject_id"]),
    ],
)
def test_indexes_answer(demo: Workspace, look_up: str, text: str, indexes: list[str]) -> None:
    statements: list[tuple[str, Any]] = []

    def noted(_c: object, _k: object, sql: str, values: Any, *_rest: object) -> None:
        statements.append((sql, values))

    engine = demo.store.database.engine
    operator = Actor("nora", Channel.WINDOW, Role.TENANT_OPERATOR, tenant_id=north(demo).tenant_id)
    event.listen(engine, "before_cursor_execute", noted)
    with suppress(NotFoundError):
        getattr(demo.certificates, look_up)(operator, text)
    event.remove(engine, "before_cursor_execute", noted)
    sql, values = next(one for one in statements if "UNION" in one[0] or "LIMIT" in one[0])
    with demo.store.database.read() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)
        plan = "\n".join(row[3] for row in rows)
    assert "SCAN certificate" not in plan, plan
    for index in indexes:
        assert index in plan
