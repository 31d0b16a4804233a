"""Each role on the tour: what its navigation holds, and its first page."""

from app.models.services.setup.demo_data import DEMO_PASSWORD, DEMO_USERS
from tests.views.shell.role_navigation import ROLES
from tests.views.shell.signing import titles
from tools.tour.visit import Visit


def look_at_roles(visit: Visit) -> None:
    """Sign in as each role in turn; raises `AssertionError` when one sees too much or too little.

    Begins with somebody signed in and ends with nobody.
    """
    people = dict(DEMO_USERS)
    assert people.keys() == {one.person for one in ROLES}  # noqa: S101  the tour is a check
    for one in ROLES:
        visit.sign_out()
        visit.sign_in(one.person, DEMO_PASSWORD)
        seen = titles(visit.desk)
        if seen != one.titles():
            raise AssertionError(f"{one.role} sees {seen} and is to see {one.titles()}")
        visit.settle()
        visit.picture(f"role-{people[one.person].value}")
    visit.sign_out()
