import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidInputError
from app.pki import der
from app.pki.names import (
    ATTRIBUTE_TYPES,
    Attribute,
    attribute_type,
    check_attribute,
    decode_name,
    encode_name,
    names_match,
    read_requested_name,
    subject_text,
)
from tests.pki.material import name

CN, ORG, COUNTRY = "2.5.4.3", "2.5.4.10", "2.5.4.6"
UTF8, PRINTABLE, IA5, T61, BMP = (
    der.UTF8_STRING,
    der.PRINTABLE_STRING,
    der.IA5_STRING,
    der.T61_STRING,
    der.BMP_STRING,
)


def attribute(short: str, value: str) -> Attribute:
    return Attribute(ATTRIBUTE_TYPES[short].oid, value)


@pytest.mark.parametrize(
    ("short", "limit"),
    [
        ("CN", 64),
        ("O", 64),
        ("OU", 64),
        ("title", 64),
        ("serialNumber", 64),
        ("L", 128),
        ("ST", 128),
        ("emailAddress", 255),
    ],
)
@pytest.mark.req("EST-CRT-06", "ATK-C06")
def test_upper_bounds_hold(short: str, limit: int) -> None:
    check_attribute(attribute(short, "x" * limit))
    with pytest.raises(InvalidInputError) as refusal:
        check_attribute(attribute(short, "x" * (limit + 1)))
    assert f"{limit} are allowed" in refusal.value.problem
    assert refusal.value.field == short


@pytest.mark.req("ATK-C05", "ATK-C06", "ATK-C07", "EST-CRT-06")
@pytest.mark.parametrize(
    ("short", "value"),
    [
        ("CN", ""),
        ("CN", "   "),
        ("CN", "good.example\0.evil"),
        ("CN", "a\r\nb"),
        ("CN", "a\x7f"),
        ("CN", "\x1b[31mred"),
        ("CN", "a\u202eb"),
        ("CN", "a\u200bb"),
        ("CN", "a\u2066b"),
        ("CN", "\ud800"),
        ("C", "USA"),
        ("C", "C"),
        ("C", "1A"),
        ("C", "\u00dcX"),
        ("serialNumber", "SN_1"),
        ("serialNumber", "a@b"),
        ("serialNumber", "\u00e9"),
        ("DC", "\u00e9"),
        ("emailAddress", "\u00e9@x"),
        ("VID", "fff1"),
        ("VID", "FFF"),
        ("PID", "0x80"),
        ("PID", "80000"),
    ],
)
def test_values_that_cannot_stand_are_refused(short: str, value: str) -> None:
    with pytest.raises(InvalidInputError):
        check_attribute(attribute(short, value))


@pytest.mark.req("ATK-C11")
@pytest.mark.parametrize(
    "value",
    [
        "dev,O=Evil",
        "a+b",
        "#1",
        "${x}",
        "{{x}}",
        "%s",
        "'; drop--",
        "<b>",
        "../../etc",
        "a=b",
        '"',
        "\\",
    ],
)
def test_values_are_data(value: str) -> None:
    subject = (attribute("CN", value),)
    assert decode_name(encode_name(subject)) == subject


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain name", "CN=plain name"),
        ("a,b", "CN=a\\,b"),
        ('+";<>\\', 'CN=\\+\\"\\;\\<\\>\\\\'),
        ("#1", "CN=\\#1"),
        (" x ", "CN=\\ x\\ "),
        (" ", "CN=\\ "),
        ("a\nb\u202e", "CN=a\\0ab\\e2\\80\\ae"),
        ("caf\u00e9", "CN=caf\u00e9"),
    ],
)
def test_text_is_escaped(value: str, text: str) -> None:
    assert subject_text((Attribute(CN, value),)) == text


def test_text_shows_the_last_part_first_and_unknown_types_by_oid() -> None:
    subject = (attribute("C", "CH"), Attribute("1.2.3", "x"), attribute("CN", "dev"))
    assert subject_text(subject) == "CN=dev,1.2.3=x,C=CH"
    assert subject_text(()) == ""


def test_every_type_has_a_title() -> None:
    assert len({kind.title for kind in ATTRIBUTE_TYPES.values()}) == len(ATTRIBUTE_TYPES)
    assert ATTRIBUTE_TYPES["serialNumber"].title == "Serial number"


@pytest.mark.parametrize("short", [*ATTRIBUTE_TYPES])
def test_encoding_agrees_with_another_implementation(short: str) -> None:
    value = {"C": "CH", "VID": "FFF1", "PID": "8000"}.get(short, "Value 1")
    encoded = encode_name((attribute(short, value),))
    kind = ATTRIBUTE_TYPES[short]
    string_type = {
        der.PRINTABLE_STRING: x509.name._ASN1Type.PrintableString,
        der.IA5_STRING: x509.name._ASN1Type.IA5String,
        der.UTF8_STRING: x509.name._ASN1Type.UTF8String,
    }[kind.string_tag]
    oid = x509.ObjectIdentifier(kind.oid)
    assert encoded == x509.Name([x509.NameAttribute(oid, value, string_type)]).public_bytes()


def test_matter_vendor_id_is_written_as_the_profile_says() -> None:
    expected = bytes.fromhex("31143012060a2b0601040182a27c02010c0446464631")
    assert encode_name((attribute("VID", "FFF1"),)) == der.sequence(expected)


@pytest.mark.req("ATK-C07")
@pytest.mark.parametrize(
    ("tag", "octets", "value"),
    [
        (UTF8, "caf\u00e9".encode(), "caf\u00e9"),
        (PRINTABLE, b"a@b_c*", "a@b_c*"),
        (IA5, b"abc", "abc"),
        (T61, b"caf\xe9", "caf\u00e9"),
        (BMP, "caf\u00e9".encode("utf-16-be"), "caf\u00e9"),
        (der.UNIVERSAL_STRING, "\u00e9".encode("utf-32-be"), "\u00e9"),
        (der.BIT_STRING, b"\x00\x01", "#03020001"),
    ],
)
def test_string_types_are_read(tag: int, octets: bytes, value: str) -> None:
    assert decode_name(name((CN, tag, octets))) == (Attribute(CN, value),)


@pytest.mark.req("ATK-C07")
@pytest.mark.parametrize(
    ("tag", "octets"),
    [
        (UTF8, b"\xc0\xaf"),  # overlong
        (UTF8, b"\xed\xa0\x80"),  # surrogate
        (UTF8, b"\xff"),
        (PRINTABLE, b"\xe9"),
        (IA5, b"\x80"),
        (BMP, b"\x00"),  # odd length
        (BMP, b"\xd8\x00"),  # half a surrogate pair
        (der.UNIVERSAL_STRING, b"\x00\x11\x00\x00"),
    ],
)
def test_bad_octets_are_refused(tag: int, octets: bytes) -> None:
    with pytest.raises(der.DerError):
        decode_name(name((CN, tag, octets)))


@pytest.mark.parametrize(
    "data", ["0500", "30020500", "30023100", "3004310205 00", "300631043002 0500"]
)
def test_what_is_no_name_is_refused(data: str) -> None:
    with pytest.raises(der.DerError):
        decode_name(bytes.fromhex(data))


@pytest.mark.req("ATK-C09")
@pytest.mark.parametrize(
    ("encoded", "problem"),
    [
        (name((CN, UTF8, b"a"), (CN, UTF8, b"b")), "more than one common name"),
        (name((CN, T61, b"\xe9")), "TeletexString"),
        (name((CN, der.BIT_STRING, b"\x00")), "not text"),
        (name((CN, UTF8, b"")), "is empty"),
        (name((CN, UTF8, b"a\0b")), "invisible character U+0000"),
        (
            der.sequence(
                der.set_of(
                    [
                        der.sequence(der.oid(CN), der.tlv(UTF8, b"a")),
                        der.sequence(der.oid(ORG), der.tlv(UTF8, b"b")),
                    ]
                )
            ),
            "several attributes in one part",
        ),
    ],
)
def test_names_nobody_may_ask_for(encoded: bytes, problem: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        read_requested_name(der.parse(encoded))
    assert problem in refusal.value.problem


def test_an_empty_name_may_be_asked_for() -> None:
    assert read_requested_name(der.parse(b"\x30\x00")) == ()


def test_asked_names_may_hold_ascii_in_any_string_type() -> None:
    asked = name((CN, T61, b"dev"), (ORG, BMP, b"\x00x"), (COUNTRY, UTF8, b"CH"))
    assert read_requested_name(der.parse(asked)) == (
        Attribute(CN, "dev"),
        Attribute(ORG, "x"),
        Attribute(COUNTRY, "CH"),
    )


@pytest.mark.req("DEC-18", "EST-REN-04")
@pytest.mark.parametrize(
    ("left", "right"),
    [
        (name((CN, PRINTABLE, b"dev")), name((CN, UTF8, b"dev"))),
        (name((CN, UTF8, b"Dev One")), name((CN, UTF8, b" dev  ONE "))),
        (name((CN, UTF8, "e\u0301".encode())), name((CN, UTF8, "\u00e9".encode()))),
        (name((CN, BMP, b"\x00a")), name((CN, UTF8, b"A"))),
        (name((CN, der.BIT_STRING, b"\x00\x01")), name((CN, der.BIT_STRING, b"\x00\x01"))),
        (b"\x30\x00", b"\x30\x00"),
    ],
)
def test_same_names(left: bytes, right: bytes) -> None:
    assert names_match(left, right)
    assert names_match(right, left)


@pytest.mark.req("EST-REN-03", "ATK-C08")
@pytest.mark.parametrize(
    ("left", "right"),
    [
        (name((CN, UTF8, b"a"), (ORG, UTF8, b"b")), name((ORG, UTF8, b"b"), (CN, UTF8, b"a"))),
        (name((CN, UTF8, b"a")), name((ORG, UTF8, b"a"))),
        (name((CN, UTF8, b"a")), name((CN, UTF8, b"a"), (ORG, UTF8, b"b"))),
        (name((CN, UTF8, b"ab")), name((CN, UTF8, b"a b"))),
        (name((CN, UTF8, "\u0430".encode())), name((CN, UTF8, b"a"))),  # Cyrillic
        (name((CN, UTF8, b"a")), b"\x30\x00"),
        (name((CN, der.BIT_STRING, b"\x00\x01")), name((CN, der.BIT_STRING, b"\x00\x02"))),
    ],
)
def test_different_names(left: bytes, right: bytes) -> None:
    assert not names_match(left, right)


def test_order_inside_a_part_does_not_count() -> None:
    one = der.sequence(der.oid(CN), der.tlv(UTF8, b"x"))
    two = der.sequence(der.oid(ORG), der.tlv(UTF8, b"y"))
    assert names_match(
        der.sequence(der.tlv(der.SET, one, two)), der.sequence(der.tlv(der.SET, two, one))
    )


text = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=64
)


@given(
    st.lists(
        st.sampled_from(["CN", "O", "OU", "L", "UID"]).flatmap(
            lambda short: text.filter(str.strip).map(lambda value: attribute(short, value))
        ),
        max_size=6,
    )
)
def test_subjects_come_back(parts: list[Attribute]) -> None:
    encoded = encode_name(tuple(parts))
    assert decode_name(encoded) == tuple(parts)


def test_serial_number_is_a_printable_string() -> None:
    encoded = encode_name((attribute("serialNumber", "SN-0001"),))
    parsed = x509.Name([x509.NameAttribute(NameOID.SERIAL_NUMBER, "SN-0001")])
    assert encoded == parsed.public_bytes()


def test_every_type_of_the_standard_is_known() -> None:
    id_at = (41, 4, 42, 43, 44, 3, 7, 8, 10, 11, 12, 46, 6, 5, 65)  # RFC 5280 appendix A.1
    others = ("0.9.2342.19200300.100.1.25", "1.2.840.113549.1.9.1", "2.5.4.97")
    known = {kind.oid for kind in ATTRIBUTE_TYPES.values()}
    assert known >= {*(f"2.5.4.{arc}" for arc in id_at), *others}


def test_types_are_found_by_name_and_by_oid() -> None:
    assert attribute_type("CN") is attribute_type("2.5.4.3") is ATTRIBUTE_TYPES["CN"]
    with pytest.raises(der.DerError):
        attribute_type("commonName")


def test_a_type_of_ones_own_is_utf8_text_under_its_oid() -> None:
    own = attribute_type("1.3.6.1.4.1.99999.7")
    assert (own.title, own.max_length) == ("1.3.6.1.4.1.99999.7", 256)
    encoded = encode_name((Attribute(own.oid, "caf\u00e9"),))
    assert encoded == name((own.oid, UTF8, "caf\u00e9".encode()))
    with pytest.raises(InvalidInputError, match="256 are allowed"):
        encode_name((Attribute(own.oid, "x" * 257),))
    with pytest.raises(der.DerError):
        encode_name((Attribute("1.2.x", "value"),))
