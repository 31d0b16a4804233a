"""Which client certificates are believed."""

from datetime import timedelta

import pytest

from app.pki import der
from app.pki.certificates import (
    ANY,
    CLIENT_AUTH,
    CODE_SIGNING,
    NEVER,
    SERVER_AUTH,
    CustomExtension,
    KeyUsage,
    build_root,
)
from app.pki.chains import (
    ChainFault,
    ClientCertificateError,
    order_chain,
    validate_client_chain,
)
from app.pki.keys import KeyAlgorithm
from app.pki.names import GeneralName, SanKind
from tests.pki.chain_material import fault, low, middle
from tests.pki.material import (
    NOW,
    Authority,
    ca_contents,
    common_name,
    extension,
    key,
    name,
    root,
    signed,
)

HARDWARE = GeneralName(SanKind.HARDWARE_MODULE_NAME, "1.2.3:42")
DAY = timedelta(days=1)


@pytest.mark.req("ATK-F07")
def test_the_chain_is_built_from_the_leaf_and_what_is_known() -> None:
    leaf = low().issue()
    whole = (leaf, low().certificate, middle().certificate, root().certificate)
    known = [middle().certificate, root().certificate, low().certificate]
    assert validate_client_chain(leaf, known, [root().certificate], NOW) == whole


@pytest.mark.req("ATK-F07")
def test_order_duplicates_and_strangers_do_not_matter() -> None:
    leaf = low().issue()
    sent = [
        root("Other", 30).certificate,
        low().certificate,
        b"rubbish",
        middle().certificate,
        low().certificate,
        leaf,
    ]
    for candidates in (sent, sent[::-1]):
        chain = validate_client_chain(leaf, candidates, [root().certificate], NOW)
        assert chain[1:3] == (low().certificate, middle().certificate)


def test_an_intermediate_may_be_the_anchor() -> None:
    leaf = low().issue()
    chain = validate_client_chain(leaf, [low().certificate], [middle().certificate], NOW)
    assert chain == (leaf, low().certificate, middle().certificate)
    assert validate_client_chain(leaf, [], [low().certificate], NOW)[-1] == low().certificate


@pytest.mark.req("ATK-F04")
@pytest.mark.parametrize(
    "changes",
    [
        {"extended_key_usage": ()},
        {"extended_key_usage": (), "key_usage": frozenset(), "not_after": NEVER},
        {"extended_key_usage": (ANY,)},
        {"extended_key_usage": (SERVER_AUTH, CLIENT_AUTH)},
        {"subject": (), "san": (HARDWARE,)},
        {"subject_key_identifier": False},
        {"extensions": (CustomExtension("1.2.3", critical=False, value=b"\x05\x00"),)},
        {
            "extensions": (
                CustomExtension(
                    "2.5.29.32",
                    critical=True,
                    value=der.sequence(der.sequence(der.oid("1.2.3"))),
                ),
            )
        },
    ],
)
def test_what_device_makers_issue_is_accepted(changes: dict[str, object]) -> None:
    leaf = root().issue(**changes)
    assert validate_client_chain(leaf, [], [root().certificate], NOW)[0] == leaf


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_every_kind_of_key_is_accepted(algorithm: KeyAlgorithm) -> None:
    ca = root("R", 0, algorithm)
    leaf = ca.issue(public_key=key(algorithm).public_key)
    assert validate_client_chain(leaf, [], [ca.certificate], NOW)


@pytest.mark.req("ATK-F04", "ATK-F08")
@pytest.mark.parametrize(
    "changes",
    [
        {"extended_key_usage": (SERVER_AUTH,)},
        {"extended_key_usage": (CODE_SIGNING,)},
        {"key_usage": frozenset({KeyUsage.KEY_AGREEMENT})},
    ],
)
def test_other_usages_are_refused(changes: dict[str, object]) -> None:
    assert fault(root().issue(**changes)) is ChainFault.WRONG_USAGE


@pytest.mark.req("ATK-F08")
def test_a_ca_is_no_client() -> None:
    assert fault(root().certificate) is ChainFault.IS_CA
    assert fault(middle().certificate) is ChainFault.IS_CA


@pytest.mark.req("ATK-F01")
def test_time_is_kept_to_the_second() -> None:
    leaf = root().issue(not_before=NOW - DAY, not_after=NOW + DAY)
    anchors = [root().certificate]
    for good in (NOW - DAY, NOW, NOW + DAY):
        assert validate_client_chain(leaf, [], anchors, good)
    second = timedelta(seconds=1)
    assert fault(leaf, now=NOW + DAY + second) is ChainFault.EXPIRED
    assert fault(leaf, now=NOW - DAY - second) is ChainFault.NOT_YET_VALID


@pytest.mark.req("ATK-F01")
def test_an_expired_intermediate_is_refused() -> None:
    short = root().sub("Short", 22, not_after=NOW + DAY)
    leaf = short.issue()
    assert validate_client_chain(leaf, [short.certificate], [root().certificate], NOW)
    assert fault(leaf, [short.certificate], now=NOW + 2 * DAY) is ChainFault.EXPIRED


@pytest.mark.req("ATK-F02")
def test_strangers_are_refused() -> None:
    other = root("Other", 30)
    assert fault(other.issue()) is ChainFault.UNKNOWN_ISSUER
    assert fault(other.issue(), [other.certificate]) is ChainFault.UNKNOWN_ISSUER
    assert fault(low().issue()) is ChainFault.UNKNOWN_ISSUER  # intermediates missing
    assert fault(root().issue(), anchors=[]) is ChainFault.UNKNOWN_ISSUER


@pytest.mark.req("ATK-F02", "ATK-F09")
def test_a_ca_of_the_same_name_and_key_identifier_is_another_ca() -> None:
    twin_key = key(number=31)
    wanted = ca_contents("Root", twin_key)
    twin = Authority(build_root(wanted, twin_key), twin_key)
    leaf = twin.issue()
    assert fault(leaf) is ChainFault.BAD_SIGNATURE
    assert fault(leaf, [twin.certificate]) is ChainFault.BAD_SIGNATURE
    # both trusted: the key decides, not the name
    both = [root().certificate, twin.certificate]
    assert validate_client_chain(leaf, [], both, NOW)[-1] == twin.certificate
    assert validate_client_chain(root().issue(), [], both, NOW)[-1] == root().certificate


def test_the_refusal_names_subject_and_issuer() -> None:
    with pytest.raises(ClientCertificateError) as refusal:
        validate_client_chain(root("Other", 30).issue(), [], [root().certificate], NOW)
    assert refusal.value.problem == (
        '"CN=device" was issued by "CN=Other", which leads to no CA trusted here.'
    )


def test_a_changed_certificate_is_refused() -> None:
    leaf = bytearray(root().issue())
    leaf[-1] ^= 1
    assert fault(bytes(leaf)) is ChainFault.BAD_SIGNATURE


@pytest.mark.parametrize("data", [b"", b"rubbish", b"\x30\x00"])
def test_rubbish_is_refused(data: bytes) -> None:
    assert fault(data) is ChainFault.MALFORMED


@pytest.mark.req("ATK-F05")
def test_a_device_cannot_issue() -> None:
    device = root().issue(subject=common_name("evil"), public_key=key(number=32).public_key)
    forged = forged_by("evil", 32)
    assert fault(forged, [device]) is ChainFault.INVALID


def forged_by(issuer_name: str, number: int) -> bytes:
    """A leaf signed with the key of a certificate that may not sign."""
    false_root = build_root(ca_contents(issuer_name, key(number=number)), key(number=number))
    return Authority(false_root, key(number=number)).issue()


@pytest.mark.req("ATK-F05")
def test_a_ca_without_the_key_usage_cannot_issue() -> None:
    parts = der.parse(root().sub("Weak", 33).certificate).children()[0].children()
    constraints = extension("2.5.29.19", bytes.fromhex("30030101ff"), critical=True)
    usage = extension("2.5.29.15", bytes.fromhex("03020780"), critical=True)
    tbs = der.sequence(
        *(part.encoded for part in parts[:-1]), der.tlv(0xA3, der.sequence(constraints, usage))
    )
    weak = signed(tbs, root().key)
    assert fault(forged_by("Weak", 33), [weak]) is ChainFault.INVALID


@pytest.mark.req("ATK-F05")
def test_path_length_is_kept() -> None:
    last = root().sub("Last", 34, path_length=0)
    assert validate_client_chain(last.issue(), [last.certificate], [root().certificate], NOW)
    twin = root("Last", 34)  # the same name and key, without the limit
    extra = twin.sub("Extra", 35)
    chain = [last.certificate, extra.certificate]
    assert fault(extra.issue(), chain) is ChainFault.INVALID


@pytest.mark.req("ATK-F05")
def test_a_ca_that_changes_its_key_is_not_counted() -> None:
    """A self-issued certificate hands on the old key's trust (RFC 5280 section 4.2.1.9)."""
    old = root().sub("Last", 34, path_length=0)
    key_change = root("Last", 34).sub("Last", 37)
    chain = [old.certificate, key_change.certificate]
    leaf = key_change.issue()
    assert len(validate_client_chain(leaf, chain, [root().certificate], NOW)) == 4


def issued_by(issuer_name: bytes) -> bytes:
    """A leaf of the root that spells its issuer in another way."""
    fields = der.parse(root().issue()).children()[0].children()
    tbs = der.sequence(
        *(part.encoded for part in fields[:3]), issuer_name, *(part.encoded for part in fields[4:])
    )
    return signed(tbs, root().key)


def test_names_chain_whatever_their_case_and_spacing() -> None:
    anchors = [root().certificate]
    for tag, text in ((der.PRINTABLE_STRING, b"ROOT"), (der.UTF8_STRING, b" root ")):
        leaf = issued_by(name(("2.5.4.3", tag, text)))
        assert validate_client_chain(leaf, [], anchors, NOW)
        assert order_chain(leaf, anchors) == (leaf, anchors[0])
    assert fault(issued_by(name(("2.5.4.3", der.UTF8_STRING, b"ro ot"))), anchors=anchors) is (
        ChainFault.UNKNOWN_ISSUER
    )


@pytest.mark.req("ATK-F05")
def test_name_constraints_are_kept() -> None:
    permitted = der.sequence(der.tlv(0xA0, der.sequence(der.tlv(0x82, b"good.example"))))
    limits = CustomExtension("2.5.29.30", critical=True, value=permitted)
    ca = root().sub("Limited", 36, extensions=(limits,))

    def leaf(host: str) -> bytes:
        return ca.issue(san=(GeneralName(SanKind.DNS, host),))

    anchors = [root().certificate]
    assert validate_client_chain(leaf("a.good.example"), [ca.certificate], anchors, NOW)
    assert fault(leaf("evil.example"), [ca.certificate]) is ChainFault.INVALID


@pytest.mark.req("ATK-F05")
def test_unknown_critical_extensions_are_refused() -> None:
    unknown = CustomExtension("1.2.3", critical=True, value=b"\x05\x00")
    assert fault(root().issue(extensions=(unknown,))) is ChainFault.INVALID


@pytest.mark.req("ATK-C07", "ATK-F05")
def test_a_name_openssl_cannot_read_is_refused() -> None:
    odd = name(("2.5.4.3", 0x0A, b"x"))  # an ENUMERATED for a string
    fields = der.parse(root().issue()).children()[0].children()
    tbs = der.sequence(
        *(part.encoded for part in fields[:5]), odd, *(part.encoded for part in fields[6:])
    )
    assert fault(signed(tbs, root().key)) is ChainFault.INVALID
