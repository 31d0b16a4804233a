"""Which pages a person sees in the navigation."""

import pytest

from app.models.domain.access import Actor, Channel, Role
from app.views.pages import page_entries

OWNERS = ("tenants", "organizations", "users")


@pytest.mark.req("RBAC-06", "SYS-03")
@pytest.mark.parametrize(
    ("role", "seen"),
    [
        (Role.ADMIN, OWNERS),
        (Role.AUDITOR, OWNERS),
        (Role.TENANT_ADMIN, ("organizations", "users")),
        (Role.TENANT_AUDITOR, ("organizations", "users")),
        (Role.TENANT_OPERATOR, ()),
        (Role.ORGANIZATION_OPERATOR, ()),
    ],
)
def test_who_has_one_tenant_needs_no_list_of_tenants(role: Role, seen: tuple[str, ...]) -> None:
    actor = Actor("somebody", Channel.WINDOW, role)
    entries = {entry.id: entry for entry in page_entries()}
    assert tuple(page for page in OWNERS if entries[page].is_for(actor)) == seen
