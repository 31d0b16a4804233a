import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidInputError
from app.pki import der
from app.pki.extension_values import MAX_SIZE, ExtensionValueKind, decode_value, encode_value
from tests.pki.material import openssl

Kind = ExtensionValueKind

visible = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=80
).filter(str.strip)
oids = st.tuples(
    st.integers(0, 2), st.integers(0, 39), st.lists(st.integers(0, 2**40), max_size=8)
).map(lambda arcs: ".".join(map(str, (arcs[0], arcs[1], *arcs[2]))))
TEXTS = {
    Kind.UTF8_STRING: visible,
    Kind.IA5_STRING: st.text(string.ascii_letters + string.punctuation + " ", min_size=1).filter(
        str.strip
    ),
    Kind.INTEGER: st.integers(-(2**200), 2**200).map(str),
    Kind.OID: oids,
    Kind.OCTET_STRING: st.binary(min_size=1, max_size=80).map(bytes.hex),
    Kind.BOOLEAN: st.sampled_from(["true", "false"]),
    Kind.DER: st.binary(max_size=40).map(
        lambda octets: der.sequence(der.octet_string(octets)).hex()
    ),
}


@pytest.mark.parametrize(
    ("kind", "text", "encoded"),
    [
        (Kind.UTF8_STRING, "Zürich", "0c075ac3bc72696368"),
        (Kind.IA5_STRING, "https://masa.example", "1614" + b"https://masa.example".hex()),
        (Kind.INTEGER, "127", "02017f"),
        (Kind.INTEGER, "128", "02020080"),
        (Kind.INTEGER, "-129", "0202ff7f"),
        (Kind.OID, "1.3.6.1.5.5.7.8.4", "06082b06010505070804"),
        (Kind.OCTET_STRING, "00:FF 10", "040300ff10"),
        (Kind.BOOLEAN, "TRUE", "0101ff"),
        (Kind.BOOLEAN, "false", "010100"),
        (Kind.DER, "30 03 02 01 05", "3003020105"),
        (Kind.DER, "0500", "0500"),
    ],
)
def test_values_are_written_as_x_690_says(kind: Kind, text: str, encoded: str) -> None:
    assert encode_value(kind, text).hex() == encoded


@pytest.mark.parametrize("kind", Kind)
@given(data=st.data())
def test_what_is_written_is_read(kind: Kind, data: st.DataObject) -> None:
    text = data.draw(TEXTS[kind])
    assert decode_value(encode_value(kind, text)) == (kind, text)


@given(st.one_of(st.binary(max_size=60), visible.map(str.encode)))
def test_any_octets_are_shown_and_never_lost(octets: bytes) -> None:
    kind, text = decode_value(octets)
    if kind is Kind.DER:
        assert bytes.fromhex(text) == octets
    else:
        assert encode_value(kind, text) == octets


@given(st.sampled_from(Kind), st.text(max_size=60))
def test_any_text_is_encoded_or_refused_at_its_field(kind: Kind, text: str) -> None:
    try:
        der.parse(encode_value(kind, text))
        field = "value"
    except InvalidInputError as refusal:
        field = str(refusal.field)
    assert field == "value"


@pytest.mark.parametrize(
    ("kind", "text", "problem"),
    [
        (Kind.UTF8_STRING, "", "is empty"),
        (Kind.BOOLEAN, "  ", "is empty"),
        (Kind.UTF8_STRING, "a\u202eb", r"U\+202E"),
        (Kind.UTF8_STRING, "a\nb", r"U\+000A"),
        (Kind.UTF8_STRING, "a\ud800", r"U\+D800"),
        (Kind.IA5_STRING, "Zürich", "plain ASCII"),
        (Kind.INTEGER, "0x10", "whole number"),
        (Kind.INTEGER, "1.5", "whole number"),
        (Kind.INTEGER, "-0", "whole number"),
        (Kind.INTEGER, "\u0663", "whole number"),
        (Kind.INTEGER, "9" * 5000, "whole number"),
        (Kind.OID, "3.1", "object identifier"),
        (Kind.OID, "1.2..3", "object identifier"),
        (Kind.OCTET_STRING, "0", "hexadecimal"),
        (Kind.OCTET_STRING, "xx", "hexadecimal"),
        (Kind.OCTET_STRING, "00" * MAX_SIZE, "longer than"),
        (Kind.UTF8_STRING, "x" * 10 * MAX_SIZE, "longer than"),
        (Kind.BOOLEAN, "yes", "neither true nor false"),
        (Kind.DER, "3003", "not valid DER"),
        (Kind.DER, "050000", "not valid DER"),
    ],
)
def test_what_cannot_stand_is_refused(kind: Kind, text: str, problem: str) -> None:
    with pytest.raises(InvalidInputError, match=problem) as refusal:
        encode_value(kind, text)
    assert refusal.value.field == "value"


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\x0c\x01\xff",  # not UTF-8
        der.tlv(der.UTF8_STRING, b"a\x00b"),
        der.integer(2**5000),
        b"\x01\x01\x01",  # BOOLEAN of BER, not DER
        der.sequence(der.integer(1)),
        b"\x04\x00",
    ],
)
def test_what_no_kind_writes_is_shown_in_hexadecimal(octets: bytes) -> None:
    assert decode_value(octets) == (Kind.DER, octets.hex())


@pytest.mark.parametrize("kind", Kind)
def test_openssl_reads_it_under_the_same_name(kind: Kind) -> None:
    text = {"integer": "42", "oid": "1.2.3.4", "boolean": "true", "octet-string": "00ff"}
    value = encode_value(kind, text.get(kind, "0500" if kind is Kind.DER else "text"))
    listing = openssl("asn1parse", "-inform", "DER", data=value)
    assert {"OBJECT IDENTIFIER": "OBJECT", "DER": "NULL"}.get(kind.label, kind.label).upper() in (
        listing.upper()
    )
