"""What goes into the files for a client: the EST server in the workspace, as it is set up."""

from dataclasses import replace

import pytest
from cryptography import x509

from app.core.errors import ConflictError, InvalidInputError, NotFoundError
from app.models.domain.access import SYSTEM
from app.models.domain.client_files.setups import ClientCredential, ClientFiles, EstClient
from app.models.domain.est_servers import EstServer
from app.models.services.workspace.workspace import Workspace
from app.pki.keys import KeyAlgorithm


@pytest.fixture
def server(demo: Workspace) -> EstServer:
    """The EST server of the demonstration."""
    (found,) = demo.est_servers.all(SYSTEM)
    return found


def text(made: ClientFiles, path: str) -> str:
    (content,) = (file.content for file in made.files if file.path == path)
    return content.decode()


@pytest.mark.req("AIS-09")
def test_where_the_est_server_is(demo: Workspace, server: EstServer) -> None:
    demo.settings.change(listener_port=9443)
    type_id = demo.device_types.all(SYSTEM)[0].id
    demo.est_servers.add_label(SYSTEM, server.id, "line4", type_id)
    for label in ("", "line4"):
        made = demo.client_files.make(SYSTEM, server.id, EstClient.CURL, label=label)
        path = f"/.well-known/est/{label}".rstrip("/")
        assert f"url=https://{server.domain}:9443{path}\n" in text(made, "est-curl.sh")
    roots = x509.load_pem_x509_certificates(text(made, "ca.pem").encode())
    assert roots
    assert all(root.subject == root.issuer for root in roots)


@pytest.mark.req("AIS-09", "AIS-04")
def test_an_application_that_is_let_in(demo: Workspace, server: EstServer) -> None:
    def make() -> ClientFiles:
        by = ClientCredential.APPLICATION
        return demo.client_files.make(SYSTEM, server.id, EstClient.AZURE, credential=by)

    with pytest.raises(InvalidInputError, match="does not accept this credential"):
        make()
    new = demo.applications.create(SYSTEM, "Identity service", server.tenant_id)
    demo.applications.link(SYSTEM, server.id, new.application.id)
    assert "application.pem" in text(make(), "certd/est.toml")


@pytest.mark.req("AIS-09")
def test_no_secret_is_in_the_files(demo: Workspace, server: EstServer) -> None:
    for client in EstClient:
        for file in demo.client_files.make(SYSTEM, server.id, client).files:
            assert b"PRIVATE KEY" not in file.content


def test_what_cannot_be_made(demo: Workspace, server: EstServer) -> None:
    def make(**options: object) -> ClientFiles:
        return demo.client_files.make(SYSTEM, server.id, EstClient.CURL, **options)  # type: ignore[arg-type]  # each test names one it has

    with pytest.raises(NotFoundError, match="no such label"):
        make(label="gone")
    for name in ("pump\n1", "pump:1"):  # HTTP Basic ends the user at the colon
        with pytest.raises(InvalidInputError, match="no colon"):
            make(device=name)
    with pytest.raises(InvalidInputError, match="ed25519 keys"):
        make(key=KeyAlgorithm.ED25519)
    demo.settings.change(listener_port=0)
    with pytest.raises(InvalidInputError, match="no port"):
        make()
    demo.settings.change(listener_port=8443)
    demo.est_servers.set_active(SYSTEM, server.id, active=False)
    with pytest.raises(ConflictError, match="No EST server can answer"):
        make()


@pytest.mark.req("DEC-21")
def test_the_switch_counts(demo: Workspace, server: EstServer) -> None:
    def warnings() -> tuple[str, ...]:
        return demo.client_files.make(SYSTEM, server.id, EstClient.AZURE).warnings

    before = warnings()
    demo.est_servers.edit(SYSTEM, replace(server, enrol_others=True))
    assert len(before) == len(warnings()) + 1
