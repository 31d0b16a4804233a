"""What a shareable row says about whom it is offered to, and which owners can have something."""

import itertools

import pytest

from app.core.errors import ConflictError, InvalidInputError, KnownError, NotFoundError
from app.models.domain.access import SYSTEM, Access, Sharing
from app.models.services.sharing import check_owners, sharing_columns
from app.models.services.workspace.workspace import Workspace
from tests.models.services.gateways import plant

NEEDED = {
    Access.GLOBAL: (None, None),
    Access.TENANT: (1, None),
    Access.ORGANIZATION: (1, 1),
}


@pytest.mark.req("DEC-01", "DEC-02")
@pytest.mark.parametrize(
    ("access", "tenant_id", "organization_id"),
    list(itertools.product(Access, (None, 1), (None, 1))),
)
def test_an_access_names_exactly_what_it_needs(
    demo: Workspace, access: Access, tenant_id: int | None, organization_id: int | None
) -> None:
    sharing = Sharing(access, tenant_id, organization_id)
    with demo.store.database.read() as connection:
        if (tenant_id, organization_id) == NEEDED[access]:
            assert sharing_columns(connection, sharing)["access"] == access.value
            return
        with pytest.raises(InvalidInputError) as caught:
            sharing_columns(connection, sharing)
    assert caught.value.field == "access"


@pytest.mark.parametrize(
    ("tenant_id", "organization_id", "error", "field"),
    [
        (1, 999, InvalidInputError, "organization_id"),
        (2, 1, InvalidInputError, "organization_id"),
        (999, 1, InvalidInputError, "organization_id"),
        (999, None, NotFoundError, "tenant_id"),
    ],
)
def test_an_owner_exists(
    demo: Workspace,
    tenant_id: int,
    organization_id: int | None,
    error: type[KnownError],
    field: str,
) -> None:
    demo.tenants.create_tenant(SYSTEM, "Borealis")
    with demo.store.database.read() as connection:
        check_owners(connection, 1, 1)
        check_owners(connection, 2, None)
        with pytest.raises(error) as caught:
            check_owners(connection, tenant_id, organization_id)
    assert caught.value.field == field


def test_an_owner_is_active(demo: Workspace) -> None:
    north = plant(demo)
    demo.tenants.set_organization_active(SYSTEM, north.id, active=False)
    with demo.store.database.read() as connection:
        check_owners(connection, north.tenant_id, None)
        with pytest.raises(ConflictError):
            check_owners(connection, north.tenant_id, north.id)
