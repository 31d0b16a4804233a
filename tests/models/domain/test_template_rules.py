from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from app.core.errors import InvalidInputError
from app.models.domain.subjects import FieldRule, NamePart, TemplateField
from app.models.domain.template_rules import check_template
from app.models.domain.templates import CertificateKind, Template
from app.pki.certificates import CLIENT_AUTH, NOT_A_CA, OCSP_SIGNING, CustomExtension, KeyUsage
from app.pki.keys import KeyAlgorithm

CN = TemplateField(NamePart.SUBJECT, "CN", FieldRule.REQUIRED)
SERIAL = TemplateField(NamePart.SUBJECT, "serialNumber", FieldRule.OPTIONAL, max_length=20)
COMPANY = TemplateField(NamePart.SUBJECT, "O", FieldRule.FIXED, "Acme Controls")
MODULE = TemplateField(NamePart.SAN, "hardwareModuleName", hardware_type="1.3.6.1.4.1.32473.1")
GOOD = Template(
    id=0,
    name="Gateway",
    kind=CertificateKind.OPERATIONAL,
    authority_id=1,
    fields=(CN, SERIAL, COMPANY, MODULE),
    key_algorithms=(KeyAlgorithm.EC_P256, KeyAlgorithm.RSA_2048),
    extended_key_usage=(CLIENT_AUTH,),
    extensions=(CustomExtension("1.3.6.1.5.5.7.1.32", False, b"\x16\x01a"),),  # noqa: FBT003
)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"validity_days": None},
        {"validity_days": 1},
        {"key_usage": frozenset()},
        {"extended_key_usage": ()},
        {"backdate_minutes": 0, "key_retention_days": 0},
        {
            "fields": (
                TemplateField(NamePart.SAN, "dns"),
                TemplateField(NamePart.SAN, "dns", index=2),
            )
        },
        {"fields": (replace(CN, default="gateway"),)},
        {"fields": (replace(MODULE, default="SN-1"),)},
        {"fields": (replace(MODULE, max_length=8, rule=FieldRule.REQUIRED),)},
        {"fields": (replace(CN, kind="1.3.6.1.4.1.32473.1"),)},
        {"fields": (TemplateField(NamePart.SAN, "1.3.6.1.4.1.311.20.2.3", default="u@x"),)},
        {"extensions": (NOT_A_CA,)},
        {"hash": "sha512"},
        {"key_usage": frozenset({KeyUsage.DIGITAL_SIGNATURE, KeyUsage.KEY_AGREEMENT})},
    ],
)
def test_good_templates(changes: Mapping[str, Any]) -> None:
    check_template(replace(GOOD, **changes))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"fields": ()}, "fields"),
        ({"extended_key_usage": (CLIENT_AUTH, OCSP_SIGNING)}, "extended_key_usage"),
        ({"fields": (CN, CN)}, "subject.CN"),
        ({"fields": (replace(CN, index=2),)}, "subject.CN"),
        ({"fields": (replace(CN, index=2), CN)}, "subject.CN"),
        ({"fields": (replace(CN, kind="shoeSize"),)}, "subject.shoeSize"),
        ({"fields": (replace(CN, part=NamePart.SAN),)}, "san.CN"),
        ({"fields": (TemplateField(NamePart.SAN, "other"),)}, "san.other"),
        ({"fields": (replace(CN, kind="2.5.4.3"),)}, "subject.2.5.4.3"),
        ({"fields": (replace(CN, kind="9.9"),)}, "subject.9.9"),
        (
            {"fields": (TemplateField(NamePart.SAN, "1.3.6.1.5.5.7.8.4", default="SN"),)},
            "san.1.3.6.1.5.5.7.8.4",
        ),
        ({"fields": (replace(COMPANY, default=""),)}, "subject.O"),
        ({"fields": (replace(COMPANY, default="A" * 65),)}, "subject.O"),
        ({"fields": (replace(CN, default="bad\u202ename"),)}, "subject.CN"),
        ({"fields": (TemplateField(NamePart.SUBJECT, "C", default="Norway"),)}, "subject.C"),
        ({"fields": (TemplateField(NamePart.SAN, "ip", default="300.1.1.1"),)}, "san.ip"),
        ({"fields": (TemplateField(NamePart.SAN, "dns", default="*.example"),)}, "san.dns"),
        ({"fields": (replace(SERIAL, max_length=0),)}, "subject.serialNumber"),
        ({"fields": (replace(SERIAL, default="x" * 21),)}, "subject.serialNumber"),
        ({"fields": (replace(MODULE, hardware_type=""),)}, "san.hardwareModuleName"),
        ({"fields": (replace(MODULE, hardware_type="acme"),)}, "san.hardwareModuleName"),
        ({"fields": (replace(CN, hardware_type="1.3.6.1"),)}, "subject.CN"),
        ({"key_algorithms": ()}, "key_algorithms"),
        ({"key_algorithms": (KeyAlgorithm.EC_P256, KeyAlgorithm.EC_P256)}, "key_algorithms"),
        ({"key_usage": frozenset({KeyUsage.KEY_CERT_SIGN})}, "key_usage"),
        ({"key_usage": frozenset({KeyUsage.CRL_SIGN})}, "key_usage"),
        ({"extended_key_usage": (CLIENT_AUTH, CLIENT_AUTH)}, "extended_key_usage"),
        ({"extended_key_usage": ("clientAuth",)}, "extended_key_usage"),
        ({"hash": "md5"}, "hash"),
        ({"hash": "SHA256"}, "hash"),
        ({"extensions": (NOT_A_CA, NOT_A_CA)}, "extensions"),
        ({"extensions": (replace(NOT_A_CA, critical=False),)}, "extensions"),
        ({"validity_days": 0}, "validity_days"),
        ({"validity_days": 36_501}, "validity_days"),
        ({"backdate_minutes": -1}, "backdate_minutes"),
        ({"backdate_minutes": 10_081}, "backdate_minutes"),
        ({"key_retention_days": -1}, "key_retention_days"),
        ({"key_retention_days": 3651}, "key_retention_days"),
        ({"extensions": GOOD.extensions * 2}, "extensions"),
    ],
)
def test_bad_templates(changes: Mapping[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_template(replace(GOOD, **changes))
    assert caught.value.field == field


@pytest.mark.parametrize(
    "usage",
    [
        KeyUsage.KEY_ENCIPHERMENT,
        KeyUsage.DATA_ENCIPHERMENT,
        KeyUsage.KEY_AGREEMENT,
        KeyUsage.ENCIPHER_ONLY,
        KeyUsage.DECIPHER_ONLY,
    ],
)
@pytest.mark.parametrize("algorithm", [KeyAlgorithm.ED25519, KeyAlgorithm.ML_DSA_65])
def test_keys_that_only_sign_have_no_other_usage(algorithm: KeyAlgorithm, usage: KeyUsage) -> None:
    both = frozenset({KeyUsage.DIGITAL_SIGNATURE, usage})
    check_template(replace(GOOD, key_usage=both))
    with pytest.raises(InvalidInputError, match=algorithm.label) as caught:
        check_template(
            replace(GOOD, key_usage=both, key_algorithms=(GOOD.key_algorithms[0], algorithm))
        )
    assert caught.value.field == "key_usage"


@pytest.mark.parametrize("oid", ["2.5.29.14", "2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.35"])
def test_own_extensions_cannot_be_given(oid: str) -> None:
    ca_true = CustomExtension(oid, True, bytes.fromhex("30030101ff"))  # noqa: FBT003
    with pytest.raises(InvalidInputError, match="follows from the other settings"):
        check_template(replace(GOOD, extensions=(ca_true,)))


@pytest.mark.parametrize(
    "changes",
    [
        {"extended_key_usage": ("clientAuth",)},
        {"extensions": (CustomExtension("acme", False, b"\x05\x00"),)},  # noqa: FBT003
        {"extensions": (CustomExtension("1.3.6.1", False, b"\x30\x05"),)},  # noqa: FBT003
    ],
)
def test_malformed_values_are_refused(changes: Mapping[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        check_template(replace(GOOD, **changes))
