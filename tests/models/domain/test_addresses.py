"""Which entries an allow list takes, and whom it lets in."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidInputError
from app.models.domain.addresses import allows, check_addresses


def is_plain(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """It is not IPv4 inside IPv6, which counts as IPv4."""
    return address.version == 4 or address.ipv4_mapped is None


V4, V6 = st.ip_addresses(v=4), st.ip_addresses(v=6).filter(is_plain)
ANY = V4 | V6
SAME_FAMILY = st.tuples(V4, V4) | st.tuples(V6, V6)


@pytest.mark.req("DEC-11", "EST-14")
@pytest.mark.parametrize(
    ("entry", "written"),
    [
        (" 10.0.0.1\t", "10.0.0.1"),
        ("10.0.0.0/24", "10.0.0.0/24"),
        ("10.0.0.1/32", "10.0.0.1"),
        ("10.0.0.5 - 10.0.0.9", "10.0.0.5-10.0.0.9"),
        ("10.0.0.5-10.0.0.5", "10.0.0.5"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("2001:db8:0:0::/32", "2001:db8::/32"),
        ("2001:db8::1-2001:db8::ff", "2001:db8::1-2001:db8::ff"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.0/120", "10.0.0.0/24"),
        ("::ffff:10.0.0.1-10.0.0.9", "10.0.0.1-10.0.0.9"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("::/0", "::/0"),
    ],
)
def test_entries_are_written_in_one_way(entry: str, written: str) -> None:
    assert check_addresses([entry, written]) == (written,)


@pytest.mark.req("DEC-11", "EST-14")
@pytest.mark.parametrize(
    "entry",
    [
        *("", " ", "-", "/", "10.0.0", "10.0.0.256", "010.0.0.1", "10.0.0.1:80", "host.example"),
        *("10.0.0.1/24", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/255.255.255.0", "10.0.0.0/-1"),
        *("10.0.0.9-10.0.0.5", "10.0.0.1-", "10.0.0.1-2001:db8::1", "10.0.0.1-10.0.0.2-10.0.0.3"),
        *(
            "2001:db8::1/32",
            "fe80::1%eth0",
            "fe80::%eth0/64",
            "[::1]",
            "\u0661\u0660.0.0.1",
            "10.0.0.0/\u0662\u0664",
        ),
        *("10.0.0.1, 10.0.0.2", "10.0.0.1\x00", "::ffff:10.0.0.1/120"),
    ],
)
def test_other_entries_are_refused_by_name(entry: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        check_addresses(["10.0.0.1", entry])
    assert refused.value.field == "allowed_addresses"
    assert entry.strip() in refused.value.problem


def test_a_network_is_corrected() -> None:
    with pytest.raises(InvalidInputError, match="cannot be") as refused:
        check_addresses(["10.0.0.7/24"])
    assert refused.value.remedy == "Write the network as 10.0.0.0/24."


@pytest.mark.req("DEC-11", "EST-14")
def test_who_is_let_in() -> None:
    entries = check_addresses(["10.0.0.1", "192.0.2.0/24", "10.1.0.5-10.1.0.9", "fe80::/10"])
    for address in ("10.0.0.1", "::ffff:10.0.0.1", "192.0.2.255", "10.1.0.7", "fe80::1%eth0"):
        assert allows(entries, address), address
    for address in ("10.0.0.2", "192.0.3.0", "10.1.0.10", "::a00:1", "::1", "", "bench", "%"):
        assert not allows(entries, address), address


def test_without_entries_everybody_is_let_in() -> None:
    assert allows((), "")
    assert allows((), "203.0.113.9")


@given(ANY)
def test_an_address_lets_itself_in_and_its_neighbour_not(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    entries = check_addresses([str(address)])
    assert allows(entries, str(address))
    neighbour = ipaddress.ip_address(address.packed[:-1] + bytes([address.packed[-1] ^ 1]))
    assert not allows(entries, str(neighbour))


@given(SAME_FAMILY, ANY)
def test_a_range_lets_in_what_is_between_its_ends(
    ends: tuple[ipaddress.IPv4Address, ipaddress.IPv4Address],
    peer: ipaddress.IPv4Address,
) -> None:
    first, last = sorted(ends)
    entries = check_addresses([f"{first}-{last}"])
    assert check_addresses(entries) == entries
    assert allows(entries, str(first))
    assert allows(entries, str(last))
    between = peer.version == first.version and first <= peer <= last
    assert allows(entries, str(peer)) is between


@given(ANY, st.data())
def test_a_network_lets_in_its_hosts(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, data: st.DataObject
) -> None:
    length = data.draw(st.integers(0, address.max_prefixlen))
    network = ipaddress.ip_network((address, length), strict=False)
    entries = check_addresses([str(network)])
    assert check_addresses(entries) == entries
    assert allows(entries, str(address))
    for outside in (int(network[0]) - 1, int(network[-1]) + 1):
        if 0 <= outside < 2**address.max_prefixlen:
            assert not allows(entries, str(type(address)(outside)))


@given(st.text())
def test_whatever_is_written_is_read_or_refused(text: str) -> None:
    assert isinstance(allows(("10.0.0.1",), text), bool)
    try:
        entries = check_addresses([text])
    except InvalidInputError as error:
        assert error.field == "allowed_addresses"  # noqa: PT017  either outcome is right
    else:
        assert check_addresses(entries) == entries
