from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pki import der

arcs = st.integers(min_value=0, max_value=2**64 - 100)


@given(st.integers(min_value=-(2**200), max_value=2**200))
def test_integers_come_back(value: int) -> None:
    assert der.read_integer(der.parse(der.integer(value))) == value


@given(st.integers(0, 2), st.integers(0, 39), st.lists(arcs, max_size=8))
def test_object_identifiers_come_back(first: int, second: int, rest: list[int]) -> None:
    text = ".".join(map(str, (first, second, *rest)))
    assert der.read_oid(der.parse(der.oid(text))) == text


@given(st.sets(st.integers(0, 40)))
def test_named_bits_come_back_without_trailing_zeros(bits: set[int]) -> None:
    octets, unused = der.read_bit_string(der.parse(der.named_bits(sorted(bits))))
    set_bits = {
        8 * index + bit
        for index, octet in enumerate(octets)
        for bit in range(8)
        if octet & 128 >> bit
    }
    assert set_bits == bits
    assert 8 * len(octets) - unused == (max(bits) + 1 if bits else 0)


@given(st.binary(max_size=70_000))
def test_octet_strings_of_any_length_come_back(value: bytes) -> None:
    assert der.parse(der.octet_string(value)).content == value


@given(st.binary(max_size=60))
def test_any_bytes_are_parsed_or_refused(data: bytes) -> None:
    with suppress(der.DerError):
        assert der.parse(data).encoded == data


@pytest.mark.req("ATK-A05", "ATK-A06", "ATK-A08", "ATK-A13", "EST-ENC-05")
@pytest.mark.parametrize(
    "data",
    [
        "",
        "30",
        "3000" + "00",  # a byte too many
        "3080" + "0000",  # indefinite length
        "308100",  # long form of a short length
        "30820001" + "00",  # leading zero
        "30847fffffff",
        "308500ffffffff",  # five octets of length
        "3088" + "7fffffffffffffff",
        "3004" + "0201",  # inner length points past the end
        "3003" + "020500",
        "1f2000",  # long-form tag
        "3f812000",
        "1000",  # SEQUENCE that is primitive
        "2403040161",  # constructed OCTET STRING
        "0100",
        "010101",  # BOOLEAN 01
        "0200",
        "02020001",  # padded INTEGER
        "0202ff80",
        "0300",
        "030108",
        "030101",  # unused bits of nothing
        "03020101",  # an unused bit that is set
        "050100",  # NULL with a value
        "0600",
        "060180",
        "06028001",  # padded arc
        "06022a86",  # unfinished arc
        "060b2a83ffffffffffffffff7f",  # arc of 2^64 and more
        "0681c8" + "01" * 200,
    ],
)
def test_what_is_not_der_is_refused(data: str) -> None:
    with pytest.raises(der.DerError):
        der.parse(bytes.fromhex(data))


@pytest.mark.req("ATK-A13")
def test_second_arc_above_39_is_understood() -> None:
    assert der.read_oid(der.parse(bytes.fromhex("06028837"))) == "2.999"


@pytest.mark.req("ATK-A07")
@pytest.mark.parametrize("depth", [der.MAX_DEPTH + 1, 10_000])
def test_deep_nesting_is_refused(depth: int) -> None:
    nested = b"\x05\x00"
    for _level in range(depth):
        nested = der.sequence(nested)
    with pytest.raises(der.DerError, match="not valid DER"):
        der.parse(nested)


@pytest.mark.req("ATK-A12")
def test_a_structure_of_very_many_elements_is_refused() -> None:
    assert der.parse(der.sequence(*[b"\x05\x00"] * (der.MAX_ELEMENTS - 1)))
    with pytest.raises(der.DerError):
        der.parse(der.sequence(*[b"\x05\x00"] * der.MAX_ELEMENTS))


@pytest.mark.parametrize(
    "text",
    ["", "1", "3.1", "1.40", "1.2.", "1.02", "a.b", "1.2.-3", f"1.2.{2**64}", "1.2." + "9" * 5000],
)
def test_text_that_is_no_object_identifier_is_refused(text: str) -> None:
    with pytest.raises(der.DerError):
        der.oid(text)


@pytest.mark.req("EST-CRT-03")
@pytest.mark.parametrize(
    ("moment", "encoded"),
    [
        (datetime(1949, 12, 31, 23, 59, 59, tzinfo=UTC), b"\x18\x0f19491231235959Z"),
        (datetime(1950, 1, 1, tzinfo=UTC), b"\x17\x0d500101000000Z"),
        (datetime(2049, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), b"\x17\x0d491231235959Z"),
        (datetime(2050, 1, 1, tzinfo=UTC), b"\x18\x0f20500101000000Z"),
        (
            datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
            bytes.fromhex("180f39393939313233313233353935395a"),
        ),
    ],
)
def test_times_change_their_type_in_2050(moment: datetime, encoded: bytes) -> None:
    assert der.time(moment) == encoded


def test_sets_are_sorted() -> None:
    assert der.set_of([b"\x02\x01\x05", b"\x02\x01\x01"]) == bytes.fromhex("3106020101020105")


def test_a_wrong_tag_is_named() -> None:
    with pytest.raises(der.DerError) as refusal:
        der.parse(b"\x05\x00").sequence()
    assert refusal.value.cause == "Tag 0x05 stands where 0x30 belongs."


def test_bits_that_are_not_whole_octets_are_no_key() -> None:
    with pytest.raises(der.DerError):
        der.read_octets(der.parse(bytes.fromhex("03020780")))
