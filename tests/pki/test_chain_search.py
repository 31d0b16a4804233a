"""Paths through many certificates: found if there is one, given up if there are too many."""

import time
from datetime import timedelta

import pytest

from app.pki.certificates import (
    CertificateError,
    build_root,
)
from app.pki.chains import (
    MAX_DEPTH,
    ChainFault,
    ClientCertificateError,
    order_chain,
    validate_client_chain,
)
from app.pki.names import GeneralName, SanKind
from tests.pki.chain_material import fault, low, middle
from tests.pki.material import (
    NOW,
    Authority,
    ca_contents,
    key,
    root,
)

HARDWARE = GeneralName(SanKind.HARDWARE_MODULE_NAME, "1.2.3:42")
DAY = timedelta(days=1)


@pytest.mark.req("ATK-F07")
def test_one_good_path_among_bad_ones_is_enough() -> None:
    expired = root().sub("Cross", 37, not_after=NOW - DAY)
    current = root().sub("Cross", 37)
    leaf = current.issue()
    for candidates in (
        [expired.certificate, current.certificate],
        [current.certificate, expired.certificate],
    ):
        chain = validate_client_chain(leaf, candidates, [root().certificate], NOW)
        assert chain[1] == current.certificate
    assert fault(leaf, [expired.certificate]) is ChainFault.EXPIRED


def test_no_path_leads_through_a_revoked_ca() -> None:
    """Neither through one in between nor to an anchor; past it there may be another."""
    leaf, anchors = low().issue(), [root().certificate]
    known = [low().certificate, middle().certificate]

    def chain(revoked: list[bytes], trusted: list[bytes] = anchors) -> tuple[bytes, ...]:
        return validate_client_chain(leaf, known, trusted, NOW, revoked)

    assert chain([leaf]) == chain([]) == (leaf, *known, *anchors)
    for one in (*known, *anchors):
        with pytest.raises(ClientCertificateError, match="is revoked, or one above it") as caught:
            chain([one])
        assert caught.value.fault is ChainFault.REVOKED
    with pytest.raises(ClientCertificateError, match="is revoked, or one above it"):
        chain([known[0]], trusted=[known[0]])
    again = root().sub("Cross", 37), root().sub("Cross", 37)
    for revoked, good in (again, again[::-1]):
        both = [revoked.certificate, good.certificate]
        arguments = (good.issue(), both, anchors, NOW, [revoked.certificate])
        assert validate_client_chain(*arguments)[1] == good.certificate


@pytest.mark.req("ATK-F06")
def test_a_chain_of_a_hundred_is_not_followed() -> None:
    ca = root()
    known = []
    for number in range(100):
        ca = ca.sub(f"CA {number}", 40 + number % 2)
        known.append(ca.certificate)
    start = time.process_time()
    assert fault(ca.issue(), known) is ChainFault.UNKNOWN_ISSUER
    assert time.process_time() - start < 1


@pytest.mark.req("ATK-F06")
def test_cycles_and_meshes_end() -> None:
    names = [f"Mesh {number}" for number in range(6)]
    mesh = [
        Authority(build_root(ca_contents(issuer, key(number=60)), key(number=60)), key(number=60))
        .sub(subject, 60, not_after=NOW + DAY * number)
        .certificate
        for issuer in names
        for subject in names
        for number in (1, 2)
    ]
    leaf = Authority(
        build_root(ca_contents("Mesh 0", key(number=60)), key(number=60)), key(number=60)
    ).issue()
    start = time.process_time()
    assert fault(leaf, mesh) is ChainFault.UNKNOWN_ISSUER
    assert time.process_time() - start < 2


def test_order_chain_goes_as_far_as_it_can() -> None:
    leaf = low().issue()
    known = [root().certificate, low().certificate, middle().certificate]
    assert order_chain(leaf, known) == (leaf, known[1], known[2], known[0])
    assert order_chain(leaf, known[:2]) == (leaf, low().certificate)
    assert order_chain(leaf, []) == (leaf,)
    assert order_chain(root().certificate, known) == (root().certificate,)


def test_order_chain_stops_at_the_greatest_depth() -> None:
    ca = root()
    known = [ca.certificate]
    for number in range(MAX_DEPTH):
        ca = ca.sub(f"CA {number}", 40 + number % 2)
        known.append(ca.certificate)
    assert len(order_chain(ca.issue(), known)) == MAX_DEPTH


def test_order_chain_wants_signatures_not_names() -> None:
    twin = Authority(
        build_root(ca_contents("Root", key(number=31)), key(number=31)), key(number=31)
    )
    known = [twin.certificate, root().certificate]
    assert order_chain(root().issue(), known)[1:] == (root().certificate,)
    with pytest.raises(CertificateError):
        order_chain(b"rubbish", known)
