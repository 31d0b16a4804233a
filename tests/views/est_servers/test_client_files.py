"""The files with which a client enrols, as a person has them written from the page."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from app.models.domain.access import SYSTEM
from app.models.domain.client_files.setups import ClientCredential, ClientFiles, EstClient
from app.models.services.workspace.workspace import Workspace
from app.pki.keys import KeyAlgorithm
from app.views.est_servers.page import EstServersPage
from app.views.widgets.form_dialog import FormDialog
from tests.views.est_servers.bench import NAME, device_type, stored
from tests.views.est_servers.conftest import OpenPage
from tests.views.hands import (
    buttons,
    choose,
    click,
    fill,
    form,
    offered,
    press,
    shown_fields,
    texts,
)
from tests.views.soon import soon
from tests.views.station import reached_by_tab, tab_stops

AZURE, CURL = "Azure IoT Identity Service", "curl and OpenSSL"


@pytest.fixture(autouse=True)
def _port(plant: Workspace) -> None:
    plant.settings.change(listener_port=9443)


def files_form(page: EstServersPage) -> FormDialog:
    """The form, opened by the button in the details."""
    choose(page, NAME)
    press(page.panel, "Client files…")
    return form(page)


def on_disk(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path with slashes."""
    files = [one for one in folder.rglob("*") if one.is_file()]
    return {one.relative_to(folder).as_posix(): one.read_bytes() for one in files}


def contents(made: ClientFiles) -> dict[str, bytes]:
    """What the service made, in the same form."""
    return {file.path: file.content for file in made.files}


def refused(shown: FormDialog, key: str, said: str) -> None:
    """Wait until the form says so under a field and can be used again."""
    soon(lambda: said in shown.fields[key].message() and shown.save.isEnabled())


@pytest.mark.req("AIS-09")
def test_what_is_chosen_is_what_is_written(
    plant: Workspace, open_page: OpenPage, tmp_path: Path
) -> None:
    server, folder = stored(plant), tmp_path / "for" / "pump 1"
    plant.est_servers.add_label(SYSTEM, server.id, "line4", server.device_type_id)
    page = open_page()
    shown = files_form(page)
    assert offered(shown, "client") == [AZURE, CURL, "strongSwan pki", "libest"]
    assert offered(shown, "label") == ["none", "line4 (Gateway 200)"]
    assert offered(shown, "key") == ["EC P-256", "RSA 2048"]
    fill(shown, "client", CURL)
    fill(shown, "device", "pump-1")
    fill(shown, "label", "line4 (Gateway 200)")
    fill(shown, "credential", "Factory certificate")
    fill(shown, "folder", str(folder))
    click(shown.save)
    soon(lambda: page.banner.text() == f"Saved in {folder}: est-curl.sh, ca.pem.")
    by = ClientCredential.FACTORY
    made = plant.client_files.make(
        SYSTEM, server.id, EstClient.CURL, device="pump-1", label="line4", credential=by
    )
    assert on_disk(folder) == contents(made)


@pytest.mark.req("AIS-09")
@pytest.mark.parametrize("client", EstClient)
def test_every_client_gets_its_files(
    plant: Workspace, open_page: OpenPage, tmp_path: Path, client: EstClient
) -> None:
    names = {EstClient.AZURE: AZURE, EstClient.CURL: CURL, EstClient.STRONGSWAN: "strongSwan pki"}
    page = open_page()
    shown = files_form(page)
    fill(shown, "client", names.get(client, "libest"))
    fill(shown, "folder", str(tmp_path / "made"))
    click(shown.save)
    soon(lambda: page.banner.text().startswith("Saved in"))
    made = plant.client_files.make(SYSTEM, stored(plant).id, client)
    assert on_disk(tmp_path / "made") == contents(made)
    assert all(path in page.banner.text() for path in contents(made))


@pytest.mark.req("AIS-09")
def test_a_file_that_is_there_is_kept_and_so_is_what_was_typed(
    plant: Workspace, open_page: OpenPage, tmp_path: Path
) -> None:
    (tmp_path / "taken" / "keyd").mkdir(parents=True)
    (tmp_path / "taken" / "keyd" / "est.toml").write_bytes(b"of somebody")
    page = open_page()
    shown = files_form(page)
    fill(shown, "device", "pump-1")
    fill(shown, "credential", "Factory certificate")
    fill(shown, "folder", str(tmp_path / "taken"))
    click(shown.save)
    refused(shown, "folder", "The folder already has keyd/est.toml. Choose another folder.")
    assert on_disk(tmp_path / "taken") == {"keyd/est.toml": b"of somebody"}
    fill(shown, "folder", str(tmp_path / "free"))
    click(shown.save)
    soon(lambda: page.banner.text().startswith("Saved in"))
    made = plant.client_files.make(
        SYSTEM,
        stored(plant).id,
        EstClient.AZURE,
        device="pump-1",
        credential=ClientCredential.FACTORY,
    )
    assert on_disk(tmp_path / "free") == contents(made)


@pytest.mark.req("AIS-09")
def test_warnings_are_told(plant: Workspace, open_page: OpenPage, tmp_path: Path) -> None:
    kind = device_type(plant, "Gateway 200")
    plant.device_types.edit(SYSTEM, replace(kind, enforce_factory_mode=True))
    page = open_page()
    shown = files_form(page)
    fill(shown, "folder", str(tmp_path / "made"))
    click(shown.save)
    warnings = plant.client_files.make(SYSTEM, stored(plant).id, EstClient.AZURE).warnings
    assert any("enforces factory mode" in warning for warning in warnings)
    soon(lambda: all(warning in page.banner.text() for warning in warnings))
    assert page.banner.property("tone") == "warning"


@pytest.mark.req("AIS-09")
def test_only_what_the_est_server_takes_is_offered(plant: Workspace, open_page: OpenPage) -> None:
    server = stored(plant)
    (linked,) = plant.applications.linked(SYSTEM, server.id)
    shown = files_form(open_page())
    assert "label" not in shown_fields(shown)
    assert offered(shown, "credential") == [
        "Password of the device, or AppKey of an application",
        "Factory certificate",
        "Certificate of an application",
    ]
    plant.est_servers.edit(SYSTEM, replace(server, password_authentication=False))
    shown = files_form(open_page())
    assert offered(shown, "credential")[0] == "AppKey of an application"
    plant.applications.unlink(SYSTEM, server.id, linked.id)
    assert offered(files_form(open_page()), "credential") == ["Factory certificate"]
    passwords = replace(server, certificate_authentication=False)
    plant.est_servers.edit(SYSTEM, passwords)
    assert offered(files_form(open_page()), "credential") == ["Password of the device"]


@pytest.mark.req("AIS-09")
def test_what_would_be_refused_stands_under_its_field(
    plant: Workspace, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page()
    shown = files_form(page)
    click(shown.save)
    refused(shown, "folder", "Fill this in.")
    fill(shown, "folder", "made")
    click(shown.save)
    refused(shown, "folder", "not the whole path")
    (tmp_path / "file").touch()
    fill(shown, "folder", str(tmp_path / "file" / "made"))
    click(shown.save)
    refused(shown, "folder", "cannot be written there")
    fill(shown, "folder", str(tmp_path / "made"))
    fill(shown, "device", "pump:1")
    click(shown.save)
    refused(shown, "device", "no colon")
    fill(shown, "device", "pump-1")
    plant.est_servers.edit(SYSTEM, replace(stored(plant), require_pop=True))
    click(shown.save)
    refused(shown, "client", "cannot bind a request")
    fill(shown, "client", "libest")
    plant.settings.change(listener_port=0)
    click(shown.save)
    soon(lambda: "no port of its own" in shown.banner.text() and shown.save.isEnabled())
    assert not (tmp_path / "made").exists()


@pytest.mark.req("AIS-09")
def test_a_key_that_the_template_does_not_take(
    plant: Workspace, open_page: OpenPage, tmp_path: Path
) -> None:
    template_id = device_type(plant, "Gateway 200").default_operational_template_id
    assert template_id is not None
    template = plant.templates.read(SYSTEM, template_id)
    only = (KeyAlgorithm.EC_P256,)
    plant.templates.edit(SYSTEM, replace(template, key_algorithms=only))
    shown = files_form(open_page())
    fill(shown, "folder", str(tmp_path / "made"))
    fill(shown, "key", "RSA 2048")
    click(shown.save)
    refused(shown, "key", "Devices do not get certificates for rsa-2048 keys here.")
    assert not (tmp_path / "made").exists()


@pytest.mark.req("AIS-09", "RBAC-03")
def test_who_may_look_may_have_them(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("paul.jensen")
    shown = files_form(page)
    fill(shown, "client", CURL)
    fill(shown, "folder", str(tmp_path / "made"))
    click(shown.save)
    soon(lambda: "Saved in" in page.banner.text())
    assert set(on_disk(tmp_path / "made")) == {"est-curl.sh", "ca.pem"}


def test_nothing_is_offered_where_nobody_may_enrol(plant: Workspace, open_page: OpenPage) -> None:
    plant.est_servers.set_active(SYSTEM, stored(plant).id, active=False)
    page = open_page()
    choose(page, NAME)
    soon(lambda: "How a device enrols" in texts(page.panel))
    assert "Client files…" not in buttons(page.panel)
    actions = page.findChildren(QAction)
    assert [one.isVisible() for one in actions if one.text() == "Client files…"] == [False]


def test_tab_comes_by_everything(qtbot: QtBot, open_page: OpenPage) -> None:
    shown = files_form(open_page())
    assert tab_stops(shown) <= reached_by_tab(qtbot, shown)
    assert all(one.accessibleName() or getattr(one, "text", str)() for one in tab_stops(shown))
