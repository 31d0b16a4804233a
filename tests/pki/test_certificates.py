import hashlib
from dataclasses import FrozenInstanceError
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from app.core.errors import InvalidInputError
from app.pki import der
from app.pki.certificates import (
    CLIENT_AUTH,
    NEVER,
    SERVER_AUTH,
    WISUN,
    CustomExtension,
    KeyUsage,
    build,
    build_root,
    certificate_to_pem,
    new_serial,
    read_certificate,
)
from app.pki.extensions import key_identifier
from app.pki.keys import KeyAlgorithm
from app.pki.names import Attribute, GeneralName, SanKind
from app.pki.tbs import read_fields
from tests.pki.material import (
    CA_USAGE,
    NOW,
    OPENSSL_ALGORITHMS,
    Authority,
    ca_contents,
    common_name,
    contents,
    extension,
    key,
    name,
    openssl,
    root,
    signed,
)

HARDWARE = GeneralName(SanKind.HARDWARE_MODULE_NAME, "1.3.6.1.4.1.99999.1:SN-0001")
DNS = GeneralName(SanKind.DNS, "device.example")
NOT_A_CA = CustomExtension("2.5.29.19", critical=True, value=b"\x30\x00")


@pytest.mark.req("EST-CRT-01")
def test_serial_numbers_are_random_positive_and_short() -> None:
    serials = {new_serial() for _time in range(500)}
    assert len(serials) == 500
    assert all(0 < serial < 2**159 for serial in serials)
    assert max(serials).bit_length() == 159


@pytest.mark.req("EST-CRT-01", "EST-CRT-02", "EST-CRT-04", "EST-CRT-07")
@pytest.mark.parametrize("algorithm", OPENSSL_ALGORITHMS)
def test_openssl_verifies_what_each_kind_of_ca_issues(
    algorithm: KeyAlgorithm, tmp_path: Path
) -> None:
    ca = root("Root", 0, algorithm)
    leaf = ca.issue(san=(DNS, HARDWARE), crl_urls=("http://ca.example/crl",))
    (tmp_path / "root.pem").write_bytes(certificate_to_pem(ca.certificate))
    (tmp_path / "leaf.pem").write_bytes(certificate_to_pem(leaf))
    openssl(
        *("verify", "-x509_strict", "-purpose", "sslclient", "-CAfile"),
        *(tmp_path / "root.pem", tmp_path / "leaf.pem"),
    )


def test_another_implementation_reads_the_same() -> None:
    ca = root()
    issued = ca.issue(
        subject=(Attribute("2.5.4.6", "CH"), Attribute("2.5.4.3", "dev")),
        san=(DNS,),
        key_usage=frozenset({KeyUsage.DIGITAL_SIGNATURE, KeyUsage.KEY_AGREEMENT}),
        extended_key_usage=(WISUN, SERVER_AUTH),
        crl_urls=("http://ca.example/crl",),
        ocsp_urls=("http://ca.example/ocsp",),
        ca_issuer_urls=("http://ca.example/ca",),
        extensions=(CustomExtension("1.3.6.1.5.5.7.1.32", critical=False, value=b"\x16\x01x"),),
    )
    theirs = x509.load_der_x509_certificate(issued)
    theirs.verify_directly_issued_by(x509.load_der_x509_certificate(ca.certificate))
    assert theirs.version is x509.Version.v3
    assert theirs.subject.rfc4514_string() == "CN=dev,C=CH"
    usage = theirs.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.digital_signature
    assert usage.value.key_agreement
    assert not usage.value.key_cert_sign
    purposes = theirs.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [purpose.dotted_string for purpose in purposes] == [WISUN, SERVER_AUTH]
    points = theirs.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert points == x509.CRLDistributionPoints(
        [
            x509.DistributionPoint(
                [x509.UniformResourceIdentifier("http://ca.example/crl")], None, None, None
            )
        ]
    )
    access = theirs.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert [(entry.access_method._name, entry.access_location.value) for entry in access] == [
        ("OCSP", "http://ca.example/ocsp"),
        ("caIssuers", "http://ca.example/ca"),
    ]
    masa = theirs.extensions.get_extension_for_oid(x509.ObjectIdentifier("1.3.6.1.5.5.7.1.32"))
    assert masa.value.public_bytes() == b"\x16\x01x"
    assert [found.oid.dotted_string for found in theirs.extensions].count("2.5.29.19") == 0


@pytest.mark.req("EST-CRT-02", "EST-CRT-04")
def test_issuer_and_key_identifiers_link_to_the_ca() -> None:
    ca = root()
    sub = ca.sub("Sub")
    leaf, middle, top = map(read_certificate, (sub.issue(), sub.certificate, ca.certificate))
    assert leaf.issuer_der == middle.subject_der
    assert middle.issuer_der == top.subject_der
    assert leaf.authority_key_id == middle.subject_key_id == key_identifier(middle.public_key)
    assert middle.authority_key_id == top.subject_key_id
    assert (leaf.is_ca, middle.is_ca, top.is_ca) == (False, True, True)


def test_the_authority_key_identifier_of_a_ca_without_one_comes_from_its_key() -> None:
    ca = root()
    fields = read_fields(ca.certificate)
    tbs = der.sequence(
        *(part.encoded for part in der.parse(ca.certificate).children()[0].children()[:-1]),
        der.tlv(
            0xA3,
            der.sequence(
                *(
                    extension(found.oid, found.value, critical=found.critical)
                    for found in fields.extensions.values()
                    if found.oid not in {"2.5.29.14", "2.5.29.35"}
                )
            ),
        ),
    )
    leaf = Authority(signed(tbs, ca.key), ca.key).issue()
    assert read_certificate(leaf).authority_key_id == key_identifier(ca.key.public_key)


@pytest.mark.req("EST-CRT-05")
def test_alternative_names_are_critical_exactly_without_a_subject() -> None:
    unnamed = read_fields(root().issue(subject=(), san=(HARDWARE,)))
    assert unnamed.subject == b"\x30\x00"
    san = unnamed.extensions["2.5.29.17"]
    assert san.critical
    assert extension(san.oid, san.value, critical=True).hex() == (
        "30300603551d110101ff04263024a02206082b06010505070804a01630140609"
        "2b06010401868d1f010407534e2d30303031"
    )
    assert not read_fields(root().issue(san=(HARDWARE,))).extensions["2.5.29.17"].critical


def test_device_certificates_may_leave_things_out() -> None:
    lean = read_fields(
        root().issue(key_usage=frozenset(), extended_key_usage=(), subject_key_identifier=False)
    )
    assert list(lean.extensions) == ["2.5.29.35"]


def test_a_profile_may_say_that_the_device_is_no_ca() -> None:
    told = read_fields(root().issue(extensions=(NOT_A_CA,))).extensions["2.5.29.19"]
    assert (told.critical, told.value) == (True, b"\x30\x00")


@pytest.mark.req("EST-CRT-03", "EST-CRT-08", "EST-ENR-12")
@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        (
            (NOW - timedelta(days=9000), NEVER),
            (NOW - timedelta(days=10), NOW + timedelta(days=10)),
        ),
        (
            (NOW - timedelta(days=1), NOW + timedelta(days=1)),
            (NOW - timedelta(days=1), NOW + timedelta(days=1)),
        ),
    ],
)
def test_validity_stays_inside_the_ca(
    wanted: tuple[datetime, datetime], got: tuple[datetime, datetime]
) -> None:
    days = timedelta(days=10)
    ca = root().sub("Short", not_before=NOW - days, not_after=NOW + days)
    issued = read_certificate(ca.issue(not_before=wanted[0], not_after=wanted[1]))
    assert (issued.not_before, issued.not_after) == got


def test_never_is_never() -> None:
    issued = root().issue(not_after=NEVER)
    assert read_certificate(issued).not_after == NEVER
    assert b"\x18\x0f99991231235959Z" in issued


def custom(oid: str) -> CustomExtension:
    return CustomExtension(oid, critical=False, value=b"\x05\x00")


@pytest.mark.req("ATK-C01", "ATK-C06", "EST-CRT-05")
@pytest.mark.parametrize(
    "changes",
    [
        {"key_usage": frozenset({KeyUsage.KEY_CERT_SIGN})},
        {"key_usage": frozenset({KeyUsage.DIGITAL_SIGNATURE, KeyUsage.CRL_SIGN})},
        {"path_length": 0},
        {"ca": True},  # without keyCertSign
        {"ca": True, "key_usage": CA_USAGE, "subject": (), "san": (DNS,)},
        {"subject": ()},
        {"subject": common_name("x" * 65)},
        {"san": (GeneralName(SanKind.DNS, "*.example"),)},
        {"not_before": NOW, "not_after": NOW},
        {"not_before": NOW + timedelta(days=2), "not_after": NOW + timedelta(days=1)},
        {"public_key": b"\x30\x00"},
        {
            "extensions": (
                CustomExtension("2.5.29.19", critical=True, value=b"\x30\x03\x01\x01\xff"),
            )
        },
        {"extensions": (custom("2.5.29.15"),)},
        {"extensions": (custom("2.5.29.17"),)},
        {"extensions": (custom("1.2.3"), custom("1.2.3"))},
        {"extensions": (NOT_A_CA, NOT_A_CA)},
        {"extensions": (custom("2.5.29.31"),), "crl_urls": ("http://a/b",)},
        {"extensions": (custom("1.3.6.1.5.5.7.1.1"),), "ocsp_urls": ("http://a/b",)},
        {"extensions": (CustomExtension("1.2.3", critical=False, value=b"rubbish"),)},
        {"extensions": (custom("not an oid"),)},
        {"extended_key_usage": ("x",)},
        {"crl_urls": ("not a url",)},
        {"ocsp_urls": ("http://\u00e9",)},
    ],
)
def test_contents_that_break_the_rules_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        root().issue(**changes)


@pytest.mark.parametrize("serial", [0, -1, 2**159])
def test_serial_numbers_out_of_bounds_are_refused(serial: int) -> None:
    with pytest.raises(InvalidInputError):
        build(contents(), root().certificate, root().key, serial)


@pytest.mark.req("ATK-F05")
def test_only_a_ca_issues_and_only_with_its_key() -> None:
    ca = root()
    device = Authority(ca.issue(), key())
    with pytest.raises(InvalidInputError, match="not a CA"):
        device.issue()
    with pytest.raises(InvalidInputError, match="does not belong"):
        Authority(ca.certificate, key(number=99)).issue()


def test_path_length_zero_forbids_sub_cas() -> None:
    last = root().sub("Last", path_length=0)
    assert read_certificate(last.certificate).path_length == 0
    assert last.issue()
    with pytest.raises(InvalidInputError, match="may not issue CA"):
        last.sub("One too many", 51)


def test_a_root_is_a_ca_of_its_own_key() -> None:
    for wrong in (contents(), ca_contents("R", key(number=1))):
        with pytest.raises(InvalidInputError):
            build_root(wrong, key())


@pytest.mark.req("DEC-18", "EST-REN-04", "EST-REN-07")
@pytest.mark.parametrize("subject", [b"\x30\x00", name(("2.5.4.3", der.T61_STRING, b"d\xe9v"))])
def test_a_renewal_repeats_the_names_byte_for_byte(subject: bytes) -> None:
    ca = root()
    parts = der.parse(ca.issue(san=(DNS,))).children()[0].children()
    san = extension("2.5.29.17", bytes.fromhex("30058203412e42"), critical=True)
    tbs = der.sequence(
        *(part.encoded for part in parts[:5]),
        subject,
        parts[6].encoded,
        der.tlv(0xA3, der.sequence(san)),
    )
    old = signed(tbs, ca.key)
    new = read_fields(ca.issue(names_of=old, subject=common_name("ignored"), san=()))
    assert new.subject == subject
    assert new.extensions["2.5.29.17"] == read_fields(old).extensions["2.5.29.17"]


def test_a_renewal_of_a_certificate_without_alternative_names_has_none() -> None:
    ca = root()
    renewed = ca.issue(names_of=ca.issue(subject=common_name("old")), san=(DNS,))
    assert read_certificate(renewed).san == ()
    assert read_certificate(renewed).subject == common_name("old")


@pytest.mark.req("DEC-10")
def test_what_is_read_is_what_was_written() -> None:
    ca = root()
    issued = build(contents(san=(DNS,)), ca.certificate, ca.key, 0xABC)
    info = read_certificate(issued)
    assert info.der == issued
    assert info.fingerprint == hashlib.sha256(issued).hexdigest()
    assert info.public_key_fingerprint == hashlib.sha256(key().public_key).hexdigest()
    assert (info.serial, info.serial_hex) == (0xABC, "abc")
    assert (info.subject, info.issuer) == (common_name("device"), common_name("Root"))
    assert info.san == (DNS,)
    assert info.algorithm is KeyAlgorithm.EC_P256
    assert info.key_usage == frozenset({KeyUsage.DIGITAL_SIGNATURE})
    assert info.extended_key_usage == (CLIENT_AUTH,)
    assert info.path_length is None
    with pytest.raises(FrozenInstanceError):
        info.is_ca = True  # type: ignore[misc]


def test_pem_is_what_openssl_writes(tmp_path: Path) -> None:
    issued = root().issue()
    (tmp_path / "leaf.der").write_bytes(issued)
    assert openssl("x509", "-inform", "DER", "-in", tmp_path / "leaf.der").encode() == (
        certificate_to_pem(issued)
    )


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.ED25519, KeyAlgorithm.ML_DSA_44])
@pytest.mark.parametrize("usage", [KeyUsage.KEY_ENCIPHERMENT, KeyUsage.KEY_AGREEMENT])
def test_keys_that_only_sign_are_certified_for_nothing_else(
    algorithm: KeyAlgorithm, usage: KeyUsage
) -> None:
    wanted = frozenset({KeyUsage.DIGITAL_SIGNATURE, usage})
    with pytest.raises(InvalidInputError, match="can only sign"):
        root().issue(public_key=key(algorithm).public_key, key_usage=wanted)


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.EC_P256, KeyAlgorithm.RSA_2048])
def test_the_issuer_signs_with_the_hash_that_was_chosen(algorithm: KeyAlgorithm) -> None:
    ca = root("R", 0, algorithm)
    made = x509.load_der_x509_certificate(ca.issue(hash_name="sha512"))
    assert isinstance(made.signature_hash_algorithm, hashes.SHA512)
    made.verify_directly_issued_by(x509.load_der_x509_certificate(ca.certificate))
