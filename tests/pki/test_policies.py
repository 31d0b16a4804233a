"""Policies a CA demands; that NIST's cases end as they should stands in test_pkits."""

import pytest

from app.core.errors import InvalidInputError
from app.pki import der
from app.pki.certificates import CustomExtension
from app.pki.chains import ChainFault, validate_client_chain
from app.pki.policies import check_policies
from tests.pki.chain_material import fault
from tests.pki.material import NOW, Authority, common_name, root

GOLD, SILVER, ANY = "1.2.3.1", "1.2.3.2", "2.5.29.32.0"


def extension(oid: str, *parts: bytes) -> CustomExtension:
    return CustomExtension(oid, critical=True, value=der.sequence(*parts))


def policies(*named: str) -> CustomExtension:
    return extension("2.5.29.32", *(der.sequence(der.oid(policy)) for policy in named))


def mappings(*pairs: tuple[str, ...]) -> CustomExtension:
    return extension("2.5.29.33", *(der.sequence(*map(der.oid, pair)) for pair in pairs))


def constraints(explicit: int | None = None, mapping: int | None = None) -> CustomExtension:
    numbers = [(0x80, explicit), (0x81, mapping)]
    return extension(
        "2.5.29.36",
        *(der.tlv(tag, bytes((number,))) for tag, number in numbers if number is not None),
    )


DEMANDED = constraints(explicit=0)


def demanding(*extensions: CustomExtension, number: int = 70) -> Authority:
    """A CA of the root that demands a policy of everything below it."""
    return root().sub("Demanding", number, extensions=(*extensions, DEMANDED))


def test_a_demanded_policy_must_be_in_every_certificate() -> None:
    ca = demanding(policies(GOLD))
    anchors = [root().certificate]
    good = ca.issue(extensions=(policies(GOLD),))
    assert validate_client_chain(good, [ca.certificate], anchors, NOW)
    for other in ((), (policies(SILVER),)):
        leaf = ca.issue(extensions=other)
        assert fault(leaf, [ca.certificate]) is ChainFault.INVALID
    # as an anchor it is trusted as it is, and demands nothing
    assert validate_client_chain(ca.issue(), [], [ca.certificate], NOW)


def test_a_mapped_policy_is_as_good() -> None:
    ca = demanding(policies(GOLD), mappings((GOLD, SILVER), (GOLD, "1.2.3.9")))
    for policy in (SILVER, "1.2.3.9"):
        check_policies([ca.certificate, ca.issue(extensions=(policies(policy),))])
    with pytest.raises(InvalidInputError):
        check_policies([ca.certificate, ca.issue(extensions=(policies(GOLD),))])


def test_a_device_may_demand_a_policy_itself() -> None:
    leaf = root().issue(extensions=(policies(GOLD), DEMANDED))
    check_policies([leaf])
    with pytest.raises(InvalidInputError):
        check_policies([root().issue(extensions=(DEMANDED,))])


def test_any_policy_stands_for_all_but_may_be_inhibited() -> None:
    ca = demanding(policies(ANY))
    leaf = ca.issue(extensions=(policies(ANY),))
    check_policies([ca.certificate, leaf])
    inhibited = CustomExtension("2.5.29.54", critical=True, value=der.integer(0))
    strict = demanding(policies(ANY), inhibited)
    with pytest.raises(InvalidInputError):
        check_policies([strict.certificate, strict.issue(extensions=(policies(ANY),))])
    check_policies([strict.certificate, strict.issue(extensions=(policies(GOLD),))])


def test_no_policy_is_asked_for_where_none_is_demanded() -> None:
    ca = root().sub("Quiet", 71, extensions=(policies(GOLD),))
    assert validate_client_chain(ca.issue(), [ca.certificate], [root().certificate], NOW)


def test_a_wide_mesh_of_mappings_stays_cheap() -> None:
    """Each level maps each policy to each (CVE-2023-0464); a tree would have 20^6 leaves."""
    named = [f"1.2.3.{number}" for number in range(1, 21)]
    every = mappings(*((here, there) for here in named for there in named))
    path, ca = [], root()
    for level in range(6):
        ca = ca.sub(f"Level {level}", 72 + level, extensions=(policies(*named), every, DEMANDED))
        path.append(ca.certificate)
    check_policies([*path, ca.issue(extensions=(policies(GOLD),))])


MALFORMED = {
    "no policy": [policies()],
    "a policy twice": [policies(GOLD, GOLD)],
    "a policy of three parts": [extension("2.5.29.32", der.sequence(*(der.oid(GOLD),) * 3))],
    "a policy of nothing": [extension("2.5.29.32", b"\x30\x00")],
    "a mapping of one": [mappings((GOLD,))],
    "a mapping to any": [mappings((GOLD, ANY))],
    "a mapping from any": [mappings((ANY, GOLD))],
    "no constraint": [constraints()],
    "constraints the wrong way round": [
        extension("2.5.29.36", b"\x81\x01\x00", b"\x80\x01\x00"),
    ],
    "a negative number": [extension("2.5.29.36", b"\x80\x01\xff")],
}


@pytest.mark.parametrize("extensions", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_policies_are_refused(extensions: list[CustomExtension]) -> None:
    kinds = {extension.oid for extension in extensions}
    rest = [] if "2.5.29.36" in kinds else [DEMANDED]
    ca = root().sub("Malformed", 70, extensions=(*extensions, *rest))
    leaf = ca.issue(subject=common_name("device"))
    assert fault(leaf, [ca.certificate]) is ChainFault.INVALID
    with pytest.raises(InvalidInputError):
        check_policies([ca.certificate, leaf])
