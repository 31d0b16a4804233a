"""What hangs on revoked authorities, and that nobody forgets to ask."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from app.models.db import tables
from app.models.services.authorities.revoked import revoked_certificates
from app.models.services.workspace.workspace import Workspace
from tests.architecture.sources import python_files
from tests.workspace_fixtures import NOW


@given(parents=st.lists(st.integers(0, 11), max_size=12), revoked=st.sets(st.integers(0, 11)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_is_below_whatever(
    workspace: Workspace, parents: list[int], revoked: set[int]
) -> None:
    """Each authority is below one made before it, or a root; the certificates are made up."""
    above = {number: parent % number if number else None for number, parent in enumerate(parents)}
    with workspace.store.database.engine.connect() as connection:
        for number, parent in above.items():
            values = {
                "id": number + 1,
                "name": str(number),
                "certificate": bytes([number]),
                "issuer_id": None if parent is None else parent + 1,
                "active": True,
                "access": "global",
                "revoked_at": NOW if number in revoked else None,
            }
            connection.execute(insert(tables.authority).values(values))
        found = revoked_certificates(connection)
        connection.rollback()
    broken: set[int] = set()
    for number, parent in above.items():
        if number in revoked or parent in broken:
            broken.add(number)
    assert found == {bytes([number]) for number in broken}


def test_clients_are_judged_in_one_place() -> None:
    """Whoever judged a chain elsewhere would not know of what is revoked."""
    services = [
        path
        for path in python_files("app/models")
        if "validate_client_chain" in path.read_text("utf-8")
    ]
    assert [path.stem for path in services] == ["revoked"]
