"""Whatever a request asks for: a certificate holds what its template says, and nothing else."""

from collections.abc import Sequence

import pytest
from cryptography import x509
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.models.domain.access import SYSTEM, Scope
from app.models.domain.issuing import IssueRequest
from app.models.domain.subjects import FieldRule, NamePart, TemplateField
from app.models.domain.templates import CertificateKind, Template
from app.models.services.workspace.workspace import Workspace
from app.pki import der, keys
from app.pki.certificates import CLIENT_AUTH, CustomExtension
from app.pki.csr import CertificationRequest, CsrError, parse_csr
from app.pki.keys import KeyAlgorithm
from app.pki.names import (
    ATTRIBUTE_TYPES,
    Attribute,
    GeneralName,
    SanKind,
    encode_general_names,
    encode_name,
)
from app.pki.sign import SoftwareKey, sign_structure
from tests.models.services.gateways import plant

KEY = SoftwareKey(keys.generate(KeyAlgorithm.EC_P256))
EXTENSION_REQUEST = "1.2.840.113549.1.9.14"
SAN = "2.5.29.17"
TRUE = b"\x01\x01\xff"
NAMES = (
    GeneralName(SanKind.DNS, "pump.example"),
    GeneralName(SanKind.DNS, "bank.example"),
    GeneralName(SanKind.IP, "192.0.2.1"),
    GeneralName(SanKind.EMAIL, "root@bank.example"),
    GeneralName(SanKind.URI, "https://bank.example/"),
)
# OID and value of what a request must never get by asking: a CA's powers, other purposes, other
# names for issuer and CRL, a life without OCSP, and so on.
COVETED = (
    ("2.5.29.19", "30060101ff020100"),  # basicConstraints: CA, path length 0
    ("2.5.29.15", "030201fe"),  # keyUsage: all of them
    ("2.5.29.37", "300606042d"),  # extendedKeyUsage, malformed
    ("2.5.29.37", "30060604551d2500"),  # anyExtendedKeyUsage
    ("2.5.29.30", "3000"),  # nameConstraints
    ("2.5.29.31", "3000"),  # cRLDistributionPoints
    ("2.5.29.32", "300830060604551d2000"),  # anyPolicy
    ("2.5.29.14", "040101"),  # subjectKeyIdentifier
    ("2.5.29.35", "3000"),  # authorityKeyIdentifier
    ("1.3.6.1.5.5.7.1.1", "3000"),  # authorityInfoAccess
    ("1.3.6.1.5.5.7.48.1.5", "0500"),  # id-pkix-ocsp-nocheck
    ("2.16.840.1.113730.1.1", "03020007"),  # Netscape certificate type
)

oids = st.builds(
    lambda first, rest: ".".join(str(arc) for arc in (first, *rest)),
    st.integers(0, 2),
    st.lists(st.integers(0, 39), min_size=1, max_size=6),
)
extensions = st.one_of(
    st.sampled_from([(oid, bytes.fromhex(value)) for oid, value in COVETED]),
    st.tuples(oids, st.binary(max_size=40)),
    st.just((SAN, encode_general_names(NAMES))),
)
attributes = st.tuples(oids, st.lists(st.binary(max_size=20), min_size=1, max_size=2))
subjects = st.lists(
    st.sampled_from(
        [
            Attribute(ATTRIBUTE_TYPES[kind].oid, value)
            for kind, value in (
                ("CN", "pump"),
                ("O", "Evil"),
                ("OU", "Root"),
                ("C", "US"),
                ("emailAddress", "root@bank.example"),
            )
        ]
    ),
    max_size=4,
).map(tuple)


def request(
    subject: tuple[Attribute, ...],
    wanted: Sequence[tuple[str, bool, bytes]],
    others: Sequence[tuple[str, list[bytes]]],
) -> CertificationRequest | None:
    """A request signed by `KEY`, whatever stands in it; None when it is not even read."""
    asked = [
        der.sequence(der.oid(oid), TRUE if critical else b"", der.octet_string(value))
        for oid, critical, value in wanted
    ]
    given_attributes = [
        der.sequence(der.oid(oid), der.set_of([der.octet_string(value) for value in values]))
        for oid, values in others
    ]
    if asked:
        attribute = der.sequence(der.oid(EXTENSION_REQUEST), der.set_of([der.sequence(*asked)]))
        given_attributes.append(attribute)
    info = der.sequence(
        der.integer(0),
        encode_name(subject),
        KEY.public_key,
        der.tlv(0xA0, *sorted(given_attributes)),
    )
    try:
        return parse_csr(sign_structure(info, KEY))
    except CsrError:
        return None


@pytest.fixture
def template_id(demo: Workspace) -> int:
    """A template that takes a common name and one DNS name, and adds an extension of its own."""
    like = next(t for t in demo.templates.all(SYSTEM) if t.name == "Gateway mTLS client")
    new = Template(
        id=0,
        name="Strict",
        kind=CertificateKind.OPERATIONAL,
        authority_id=like.authority_id,
        fields=(
            TemplateField(NamePart.SUBJECT, "CN", default="nobody"),
            TemplateField(NamePart.SUBJECT, "O", FieldRule.FIXED, "Acme Controls"),
            TemplateField(NamePart.SAN, "dns"),
        ),
        key_algorithms=(KeyAlgorithm.EC_P256,),
        extended_key_usage=(CLIENT_AUTH,),
        extensions=(CustomExtension("1.3.6.1.4.1.32473.2", critical=False, value=b"\x05\x00"),),
    )
    return demo.templates.create(SYSTEM, new).id


def issue(demo: Workspace, template_id: int, csr: CertificationRequest) -> x509.Certificate:
    owner = Scope(plant(demo).tenant_id, plant(demo).id)
    issued = demo.certificate_issuing.issue(SYSTEM, IssueRequest(template_id, csr), owner)
    return x509.load_der_x509_certificate(issued.certificate.der)


def parts(certificate: x509.Certificate) -> dict[str, tuple[bool, bytes]]:
    """Every extension but the alternative name: criticality and DER value by OID."""
    return {
        one.oid.dotted_string: (one.critical, one.value.public_bytes())
        for one in certificate.extensions
        if one.oid.dotted_string != SAN
    }


@pytest.mark.req("FAC-15", "FAC-19")
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    subject=subjects,
    wanted=st.lists(st.tuples(extensions, st.booleans()), max_size=5, unique_by=lambda e: e[0][0]),
    others=st.lists(attributes, max_size=3, unique_by=lambda attribute: attribute[0]),
)
def test_nothing_comes_from_a_request_unless_the_template_says_so(
    demo: Workspace,
    template_id: int,
    subject: tuple[Attribute, ...],
    wanted: list[tuple[tuple[str, bytes], bool]],
    others: list[tuple[str, list[bytes]]],
) -> None:
    csr = request(subject, [(oid, critical, value) for (oid, value), critical in wanted], others)
    if csr is None:
        return
    plain = request((), (), ())
    assert plain is not None
    issued = issue(demo, template_id, csr)
    assert parts(issued) == parts(issue(demo, template_id, plain))
    asked_for = [one.value for one in subject if one.oid == ATTRIBUTE_TYPES["CN"].oid]
    names = [(str(one.rfc4514_attribute_name), one.value) for one in issued.subject]
    assert names == [("CN", (asked_for or ["nobody"])[0]), ("O", "Acme Controls")]
    san = [one for one in issued.extensions if one.oid.dotted_string == SAN]
    if any(oid == SAN for (oid, _value), _critical in wanted):
        (extension,) = san
        assert list(extension.value) == [x509.DNSName("pump.example")]
    else:
        assert san == []


@pytest.mark.parametrize(("oid", "value"), COVETED)
def test_what_a_request_covets_it_does_not_get(
    demo: Workspace, template_id: int, oid: str, value: str
) -> None:
    csr = request((), [(oid, True, bytes.fromhex(value))], ())
    plain = request((), (), ())
    assert plain is not None
    if csr is None:  # so malformed that the request is refused
        assert value in {"300606042d", "3000"}
        return
    assert parts(issue(demo, template_id, csr)) == parts(issue(demo, template_id, plain))
