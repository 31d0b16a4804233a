"""The plan of a certificate: what it will contain, until when, and what stands in the way."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidInputError
from app.models.domain.issuing import MAX_VALIDITY_DAYS, CertificatePlan, IssueRequest, plan
from app.models.domain.subjects import FieldRule, NamePart, Provenance, TemplateField
from app.models.domain.templates import CertificateKind, Template
from app.pki import keys
from app.pki.certificates import (
    CLIENT_AUTH,
    NEVER,
    CertificateContents,
    CertificateInfo,
    CustomExtension,
    KeyUsage,
    build_root,
    read_certificate,
)
from app.pki.csr import build_csr, parse_csr
from app.pki.keys import KeyAlgorithm
from app.pki.names import ATTRIBUTE_TYPES, Attribute
from app.pki.sign import SoftwareKey

NOW = datetime(2026, 3, 2, 8, 0, 0, 250_000, tzinfo=UTC)
KEY = keys.generate(KeyAlgorithm.EC_P256)
SPKI = keys.public_key_der(KEY.public_key())
CN = ATTRIBUTE_TYPES["CN"].oid
TEMPLATE = Template(
    id=1,
    name="client",
    kind=CertificateKind.OPERATIONAL,
    authority_id=1,
    fields=(
        TemplateField(NamePart.SUBJECT, "CN", FieldRule.REQUIRED),
        TemplateField(NamePart.SUBJECT, "O", FieldRule.FIXED, "Acme"),
        TemplateField(NamePart.SAN, "dns"),
    ),
    key_algorithms=(KeyAlgorithm.EC_P384, KeyAlgorithm.EC_P256),
    extended_key_usage=(CLIENT_AUTH,),
    extensions=(CustomExtension("1.3.6.1.4.1.32473.2", critical=False, value=b"\x05\x00"),),
)


def issuer(not_before: datetime, not_after: datetime) -> CertificateInfo:
    contents = CertificateContents(
        subject=(Attribute(CN, "root"),),
        san=(),
        public_key=SPKI,
        not_before=not_before,
        not_after=not_after,
        key_usage=frozenset({KeyUsage.KEY_CERT_SIGN}),
        extended_key_usage=(),
        ca=True,
    )
    return read_certificate(build_root(contents, SoftwareKey(KEY)))


ISSUER = issuer(datetime(2025, 1, 1, tzinfo=UTC), NEVER)


def planned(
    request: IssueRequest = IssueRequest(1),  # noqa: B008  frozen
    template: Template = TEMPLATE,
    root: CertificateInfo = ISSUER,
    name: str = "gw-1",
) -> CertificatePlan:
    return plan(template, {"subject.CN": "name"}, {"name": name}, request, root, now=NOW)


@pytest.mark.req("FAC-06", "FAC-08", "FAC-09", "FAC-22", "FAC-23", "OPC-03", "OPC-07")
def test_a_key_made_here() -> None:
    result = planned(template=replace(TEMPLATE, key_retention_days=3))
    assert result.problems == {}
    assert result.algorithm is KeyAlgorithm.EC_P384
    assert result.key_until == date(2026, 3, 5)
    assert result.not_before == datetime(2026, 3, 2, 7, 55, tzinfo=UTC)
    assert result.not_after == datetime(2027, 3, 2, 8, 0, tzinfo=UTC)
    assert not result.cut
    contents = result.contents(SPKI)
    assert [attribute.value for attribute in contents.subject] == ["gw-1", "Acme"]
    assert contents.san == ()
    assert contents.public_key == SPKI
    assert contents.extended_key_usage == (CLIENT_AUTH,)
    assert contents.extensions == TEMPLATE.extensions
    assert not contents.ca


@pytest.mark.req("FAC-06", "FAC-07", "FAC-18", "OPC-05")
def test_a_csr_of_the_device() -> None:
    csr = parse_csr(build_csr(SoftwareKey(KEY), (Attribute(CN, "from-csr"),)))
    result = planned(IssueRequest(1, csr), name="")
    assert result.problems == {}
    assert result.key_until is None
    assert result.algorithm is KeyAlgorithm.EC_P256
    assert (result.fields[0].value, result.fields[0].provenance) == ("from-csr", Provenance.CSR)


@pytest.mark.req("FAC-07")
def test_a_key_the_template_does_not_take() -> None:
    csr = parse_csr(build_csr(SoftwareKey(KEY), ()))
    template = replace(TEMPLATE, key_algorithms=(KeyAlgorithm.RSA_2048, KeyAlgorithm.EC_P384))
    result = planned(IssueRequest(1, csr), template)
    assert result.problems["csr"].startswith("EC P-256 is not allowed")
    assert "RSA 2048, EC P-384" in result.problems["csr"]
    with pytest.raises(InvalidInputError) as caught:
        result.contents(SPKI)
    assert caught.value.field == "csr"


@pytest.mark.req("FAC-13", "FAC-17")
def test_a_required_field_without_a_value() -> None:
    result = planned(name="")
    assert set(result.problems) == {"subject.CN"}
    with pytest.raises(InvalidInputError) as caught:
        result.contents(SPKI)
    assert caught.value.field == "subject.CN"


def test_a_certificate_names_somebody() -> None:
    template = replace(TEMPLATE, fields=(TemplateField(NamePart.SAN, "dns"),))
    result = planned(template=template)
    assert set(result.problems) == {"subject"}
    with pytest.raises(InvalidInputError, match="nobody"):
        result.contents(SPKI)


@pytest.mark.req("DEC-18")
def test_reissued_names_are_not_the_plans_concern() -> None:
    result = planned(name="")
    contents = result.contents(SPKI, ISSUER.der)
    assert contents.names_of == ISSUER.der
    wrong_days = planned(IssueRequest(1, validity_days=0), name="")
    with pytest.raises(InvalidInputError) as caught:
        wrong_days.contents(SPKI, ISSUER.der)
    assert caught.value.field == "validity_days"


@pytest.mark.req("FAC-22", "FAC-23", "FAC-24", "OPC-07")
@pytest.mark.parametrize(
    ("template_days", "days", "unlimited", "end"),
    [
        (365, None, None, NOW + timedelta(days=365)),
        (365, 10, None, NOW + timedelta(days=10)),
        (365, None, True, NEVER),
        (365, 10, True, NEVER),
        (None, None, None, NEVER),
        (None, None, True, NEVER),
        (None, 10, None, NEVER),
        (None, 10, False, NOW + timedelta(days=10)),
    ],
)
def test_validity(
    template_days: int | None, days: int | None, unlimited: bool | None, end: datetime
) -> None:
    template = replace(TEMPLATE, validity_days=template_days)
    result = planned(IssueRequest(1, validity_days=days, unlimited=unlimited), template)
    assert result.problems == {}
    assert result.not_after == end.replace(microsecond=0)


@pytest.mark.req("FAC-24")
def test_limited_without_days_is_asked_for() -> None:
    template = replace(TEMPLATE, validity_days=None)
    assert set(planned(IssueRequest(1, unlimited=False), template).problems) == {"validity_days"}


@pytest.mark.req("FAC-22")
def test_validity_from_a_chosen_day() -> None:
    result = planned(IssueRequest(1, valid_from=date(2026, 4, 1), validity_days=2))
    assert result.not_before == datetime(2026, 4, 1, tzinfo=UTC)
    assert result.not_after == datetime(2026, 4, 3, tzinfo=UTC)


def test_nothing_outlives_its_issuer() -> None:
    root = issuer(datetime(2026, 3, 2, 7, 58, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC))
    result = planned(root=root)
    assert (result.not_before, result.not_after) == (root.not_before, root.not_after)
    assert result.cut
    after = planned(IssueRequest(1, valid_from=date(2026, 7, 1)), root=root)
    assert set(after.problems) == {"valid_from"}
    unlimited = planned(IssueRequest(1, unlimited=True), root=root)
    assert (unlimited.not_after, unlimited.cut) == (root.not_after, True)


@given(
    days=st.none() | st.integers(-10, 4_000_000),
    unlimited=st.none() | st.booleans(),
    start=st.none() | st.dates(),
    template_days=st.none() | st.integers(1, MAX_VALIDITY_DAYS),
)
def test_any_validity_is_sound_or_a_problem(
    days: int | None, unlimited: bool | None, start: date | None, template_days: int | None
) -> None:
    request = IssueRequest(1, valid_from=start, validity_days=days, unlimited=unlimited)
    result = planned(request, replace(TEMPLATE, validity_days=template_days))
    assert result.not_before >= ISSUER.not_before
    assert result.not_after <= ISSUER.not_after
    if not result.problems:
        assert result.not_before < result.not_after
    elif days is not None and not unlimited and not 1 <= days <= MAX_VALIDITY_DAYS:
        assert "validity_days" in result.problems
