import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidInputError
from app.pki import der, extensions
from app.pki.certificate_text import describe_certificate
from app.pki.extension_text import describe_extension
from app.pki.extensions import CustomExtension
from tests.pki.material import root
from tests.pki.told import lines

OIDS = [
    "2.5.29.18", "2.5.29.30", "2.5.29.31", "2.5.29.32", "2.5.29.33", "2.5.29.36", "2.5.29.46",
    "2.5.29.54", "1.3.6.1.5.5.7.1.1", "1.3.6.1.5.5.7.1.11", "1.3.6.1.5.5.7.1.32",
    "1.3.6.1.5.5.7.48.1.5", "2.5.29.16", "1.2.3.4", f"2.25.{2**64 - 81}",
]  # fmt: skip
READ_OIDS = [
    extensions.SUBJECT_KEY_IDENTIFIER,
    extensions.KEY_USAGE,
    extensions.SUBJECT_ALTERNATIVE_NAME,
    extensions.BASIC_CONSTRAINTS,
    extensions.AUTHORITY_KEY_IDENTIFIER,
    extensions.EXTENDED_KEY_USAGE,
]
TAGS = [
    der.BOOLEAN, der.OCTET_STRING, der.OID, der.IA5_STRING, der.UTF8_STRING, der.BMP_STRING,
    der.NULL, 0x80, 0x81, 0x82, 0x86, 0x87, 0x88,
]  # fmt: skip
STRUCTURES = [der.SEQUENCE, der.SET, 0xA0, 0xA1, 0xA2, 0xA4]
HUGE = der.integer(2**20000)
values = st.recursive(
    st.tuples(st.sampled_from(TAGS), st.binary(max_size=40)).map(lambda tv: der.tlv(*tv))
    | st.integers(-(2**70), 2**70).map(der.integer)
    | st.sampled_from(
        [der.oid("1.3.6.1.5.5.7.2.1"), der.oid("2.5.29.32.0"), der.integer(2**20000)]
    ),
    lambda inner: st.tuples(
        st.sampled_from([der.SEQUENCE, der.SET, 0xA0, 0xA1, 0xA2, 0xA4]),
        st.lists(inner, max_size=3),
    ).map(lambda tree: der.tlv(tree[0], *tree[1])),
    max_leaves=12,
)


def described(oid: str, value: bytes, *, critical: bool = False) -> dict[str, str]:
    section = describe_extension(CustomExtension(oid, critical, value))
    return lines([section], section.title)


@given(st.sampled_from(OIDS + READ_OIDS), values | st.binary(max_size=60), st.booleans())
def test_no_extension_is_too_strange_to_be_told(oid: str, value: bytes, critical: bool) -> None:
    section = describe_extension(CustomExtension(oid, critical, value))
    assert section.lines[0].value == oid
    assert all(line.value.isprintable() or line.mono for line in section.lines)


@given(
    st.lists(st.tuples(st.sampled_from(OIDS), values), max_size=4, unique_by=lambda pair: pair[0])
)
def test_whatever_certificate_is_read_is_told(wanted: list[tuple[str, bytes]]) -> None:
    custom = []
    for oid, value in wanted:
        try:
            extensions.encode_extension(CustomExtension(oid, critical=False, value=value))
        except InvalidInputError:
            continue
        custom.append(CustomExtension(oid, critical=False, value=value))
    data = root().issue(extensions=tuple(custom))
    assert len(describe_certificate(data)) == 6 + 4 + len(custom)


def url(text: str) -> bytes:
    return der.tlv(0x86, text.encode())


@pytest.mark.parametrize(
    ("oid", "value", "expected"),
    [
        (
            "2.5.29.30",
            der.sequence(
                der.tlv(0xA0, der.sequence(der.tlv(0x82, b"example.com"))),
                der.tlv(0xA1, der.sequence(der.tlv(0x87, bytes((10, 0, 0, 0, 255, 0, 0, 0))))),
            ),
            {"Permitted": "DNS name: example.com", "Excluded": "10.0.0.0/255.0.0.0"},
        ),
        (
            "2.5.29.32",
            der.sequence(
                der.sequence(
                    der.oid("1.2.3"),
                    der.sequence(
                        der.sequence(der.oid("1.3.6.1.5.5.7.2.1"), der.tlv(0x16, b"http://a.b")),
                        der.sequence(
                            der.oid("1.3.6.1.5.5.7.2.2"),
                            der.sequence(der.tlv(der.UTF8_STRING, b"Read this")),
                        ),
                    ),
                ),
                der.sequence(der.oid("2.5.29.32.0")),
            ),
            {
                "Policy": "1.2.3 any policy",
                "Practice statement": "http://a.b",
                "Notice": "Read this",
            },
        ),
        (
            "2.5.29.33",
            der.sequence(der.sequence(der.oid("1.2.3"), der.oid("1.2.4"))),
            {"Mapping": "1.2.3 = 1.2.4"},
        ),
        (
            "2.5.29.36",
            der.sequence(der.tlv(0x80, b"\x00"), der.tlv(0x81, b"\x02")),
            {"Explicit policy after": "0", "No policy mapping after": "2"},
        ),
        ("2.5.29.54", der.integer(3), {"Certificates to skip": "3"}),
        (
            "2.5.29.46",
            der.sequence(der.sequence(der.tlv(0xA0, der.tlv(0xA0, url("http://d.e/delta"))))),
            {"URI": "http://d.e/delta"},
        ),
        (
            "2.5.29.35",
            der.sequence(der.tlv(0x80, b"\x01\x02"), der.tlv(0x82, b"\x07")),
            {"Identifier": "01 02", "Serial number": "07"},
        ),
        ("1.3.6.1.5.5.7.1.32", der.tlv(der.IA5_STRING, b"masa.example"), {"URI": "masa.example"}),
        ("1.3.6.1.4.1.99999.1", der.tlv(der.UTF8_STRING, b"batch 7"), {"UTF8String": "batch 7"}),
        ("1.3.6.1.4.1.99999.1", b"\x99", {"Value": "99"}),
        ("2.5.29.15", der.integer(1), {"Value": "02 01 01"}),
    ],
)
def test_extensions_are_told_by_their_content(
    oid: str, value: bytes, expected: dict[str, str]
) -> None:
    told = described(oid, value, critical=True)
    assert told["Critical"] == "yes"
    assert told["Object identifier"] == oid
    assert told.items() >= expected.items()


def test_a_malformed_extension_says_so() -> None:
    assert "Tag 0x02" in described("2.5.29.15", der.integer(1))["Malformed"]


def test_who_is_no_ca_is_told_so() -> None:
    assert described(extensions.BASIC_CONSTRAINTS, b"\x30\x00")["Certification authority"] == "no"
