"""The company of `tests.models.services.company`: founded once a session, copied when used."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection

from app.models.services.workspace.opening import open_workspace
from app.models.services.workspace.workspace import Workspace
from tests.fakes import FakeClock
from tests.models.services.company import Company, found
from tests.workspace_fixtures import CHEAP, NOW, PASSPHRASE


@pytest.fixture(scope="session")
def founded(empty_workspace_folder: Path) -> tuple[Path, Company]:
    """A closed workspace with the company in it, and the company; copy it, never open it."""
    folder = empty_workspace_folder.with_name("company")
    shutil.copytree(empty_workspace_folder, folder)
    workspace = open_workspace(folder, FakeClock(NOW), PASSPHRASE, cost=CHEAP)
    company = found(workspace)
    workspace.close()
    return folder, company


@pytest.fixture(scope="session")
def company(founded: tuple[Path, Company]) -> Company:
    """Who and what there is in the workspace `unchanging`."""
    return founded[1]


@pytest.fixture(scope="module")
def unchanging(
    founded: tuple[Path, Company], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Workspace]:
    """The company's workspace, in which everything is undone that a service writes."""
    folder = tmp_path_factory.mktemp("unchanging") / "workspace"
    shutil.copytree(founded[0], folder)
    workspace = open_workspace(folder, FakeClock(NOW), PASSPHRASE, cost=CHEAP)
    database = workspace.store.database

    @contextmanager
    def undone() -> Iterator[Connection]:
        with database.engine.connect() as connection:
            connection.execution_options(writes=True)
            with connection.begin() as transaction:
                yield connection
                transaction.rollback()

    database.write = undone  # type: ignore[method-assign]
    yield workspace
    workspace.close()
