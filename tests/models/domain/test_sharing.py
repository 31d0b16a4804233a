import pytest

from app.models.domain.access import EVERYWHERE, Access, Sharing

ACME = Sharing(Access.TENANT, 1)
NORTH = Sharing(Access.ORGANIZATION, 1, 10)
SOUTH = Sharing(Access.ORGANIZATION, 1, 11)
OTHER = Sharing(Access.TENANT, 2)
FJORD = Sharing(Access.ORGANIZATION, 2, 20)
EVERY = (EVERYWHERE, ACME, NORTH, SOUTH, OTHER, FJORD)
PLACES = ((1, 10), (1, 11), (2, 20))


@pytest.mark.req("DEC-01", "DT-05", "DT-06")
@pytest.mark.parametrize(
    ("sharing", "expected"),
    [
        (EVERYWHERE, {(1, 10), (1, 11), (2, 20)}),
        (ACME, {(1, 10), (1, 11)}),
        (NORTH, {(1, 10)}),
        (FJORD, {(2, 20)}),
    ],
)
def test_offered_to(sharing: Sharing, expected: set[tuple[int, int]]) -> None:
    assert {place for place in PLACES if sharing.offered_to(*place)} == expected


@pytest.mark.parametrize("wide", EVERY)
@pytest.mark.parametrize("narrow", EVERY)
def test_covers_means_offered_wherever_the_other_is(wide: Sharing, narrow: Sharing) -> None:
    # (2, 21) stands for an organization that is made later.
    places = [*PLACES, (1, 12), (2, 21), (3, 30)]
    expected = all(wide.offered_to(*place) for place in places if narrow.offered_to(*place))
    assert wide.covers(narrow) == expected
