"""Testing the connection to an EST server, over TLS to a listener that runs (EST-18)."""

import base64
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.errors import ConflictError
from app.main import LateListener
from app.models.domain.access import SYSTEM
from app.models.services.devices.creation import NewDevice
from app.models.services.workspace.workspace import Workspace
from tests.views.est_servers.bench import NAME, copied, est_form, stored
from tests.views.est_servers.conftest import OpenPage
from tests.views.hands import choose, click, dialog, fill, names, press, texts
from tests.views.soon import soon

ANSWERS = f"{NAME} answers: TLS 1.3, 2 certificates, "


@pytest.mark.req("EST-18")
def test_it_starts_the_listener_first_if_it_may(
    open_page: OpenPage, listener: LateListener
) -> None:
    page = open_page()
    choose(page, NAME)
    press(page.panel, "Test connection")
    asked = dialog(page)
    assert "Start the listener first?" in texts(asked)
    press(asked, "Start and test")
    soon(lambda: page.banner.text().startswith(ANSWERS))
    port = listener.address.rpartition(":")[2]
    soon(lambda: any(f":{port}" in text for text in texts(page.panel)))


@pytest.mark.req("EST-08", "EST-18", "LBL-01")
def test_a_new_one_answers_at_once_and_so_do_its_labels(
    plant: Workspace, open_page: OpenPage, listener: LateListener
) -> None:
    listener.start("127.0.0.1", 0)
    server = stored(plant)
    for label in ("gateways", "boards"):
        plant.est_servers.add_label(SYSTEM, server.id, label, server.device_type_id)
    page = open_page()
    choose(page, NAME)
    press(page.panel, "Test connection")
    soon(lambda: page.banner.text().startswith(ANSWERS))
    assert page.banner.text().endswith("Its 2 labels answer, too.")
    shown = est_form(page, "Clone…")
    fill(shown, "name", "Bench 2")
    fill(shown, "domain", "bench2.est.local")
    fill(shown, "organization_id", "South plant")
    fill(shown, "device_type_id", "Gateway 200")
    click(shown.save)
    soon(lambda: "Bench 2" in names(page))
    assert page.banner.text() == "Bench 2 is saved."

    def answers() -> bool:
        choose(page, "Bench 2")
        press(page.panel, "Test connection")
        soon(lambda: not page.banner.text().startswith("Connecting"))
        return page.banner.text().startswith("Bench 2 answers: ")

    soon(answers)  # long before the listener looks by itself


@pytest.mark.req("EST-18")
def test_why_it_does_not_answer_is_said(
    plant: Workspace, open_page: OpenPage, listener: LateListener
) -> None:
    listener.start("127.0.0.1", 0)
    page = open_page()
    choose(page, NAME)
    plant.est_servers.edit(SYSTEM, replace(stored(plant), allowed_addresses=("192.0.2.7",)))
    press(page.panel, "Test connection")
    soon(lambda: page.banner.text().startswith("The EST server answered 403 Forbidden."))
    plant.tenants.set_organization_active(SYSTEM, 1, active=False)
    press(page.panel, "Test connection")
    soon(lambda: page.banner.text().startswith("No EST server can answer."))


@pytest.mark.req("EST-18", "RBAC-03")
def test_who_may_not_start_the_listener_is_told(
    plant: Workspace, open_page: OpenPage, listener: LateListener
) -> None:
    page = open_page("ruth.keller")
    choose(page, NAME)
    press(page.panel, "Test connection")
    assert page.banner.text() == (
        f"The EST listener does not run, so no device can reach {NAME}."
        " Ask an administrator to start it."
    )
    assert not listener.running
    with pytest.raises(ConflictError):
        listener.test(stored(plant).domain)


@pytest.mark.req("EST-18")
@pytest.mark.parametrize(
    ("name", "how"),
    [("admin", "press “Test connection”"), ("ruth.keller", "an administrator has started")],
)
def test_saving_says_how_devices_come_to_reach_it(open_page: OpenPage, name: str, how: str) -> None:
    page = open_page(name)
    choose(page, NAME)
    click(est_form(page, "Edit…").save)
    soon(lambda: page.banner.text().startswith(f"{NAME} is saved. Devices reach it once"))
    assert how in page.banner.text()


@pytest.mark.req("EST-18")
def test_a_listener_that_only_publishes_begins_to_serve(
    plant: Workspace, open_page: OpenPage, listener: LateListener
) -> None:
    url = "http://pki.example"
    plant.settings.change(publication_url=url, publication_host="127.0.0.1", publication_port=0)
    plant.est_servers.set_active(SYSTEM, stored(plant).id, active=False)
    listener.start("127.0.0.1", 0)
    assert (listener.running, listener.address) == (True, "")
    plant.est_servers.set_active(SYSTEM, stored(plant).id, active=True)
    page = open_page()
    choose(page, NAME)
    press(page.panel, "Test connection")
    press(dialog(page), "Start and test")
    soon(lambda: page.banner.text().startswith(ANSWERS))
    assert listener.publication_problem is None
    assert listener.publication_address


@pytest.mark.skipif(
    not all(map(shutil.which, ("sh", "openssl", "curl", "base64"))), reason="needs openssl and curl"
)
@pytest.mark.req("EST-18", "EST-03")
def test_the_commands_enrol_a_device(
    plant: Workspace, open_page: OpenPage, listener: LateListener, tmp_path: Path
) -> None:
    listener.start("127.0.0.1", 0)
    server, password = stored(plant), "a long password of GW-9"
    plant.device_creation.create(
        SYSTEM,
        NewDevice(
            "GW-9",
            server.tenant_id,
            server.organization_id,
            server.device_type_id,
            values={"serial_number": "000009"},
            password=password,
        ),
    )
    page = open_page()
    choose(page, NAME)
    press(page.panel, "Save root certificates…")
    soon((tmp_path / "ca.pem").exists)
    port = listener.address.rpartition(":")[2]
    commands = copied(page, "Commands").replace("NAME", "GW-9")
    commands = commands.replace(
        "--user GW-9", f"--user 'GW-9:{password}' --resolve {server.domain}:{port}:127.0.0.1"
    )
    done = subprocess.run(
        ["sh", "-e", "-c", commands], cwd=tmp_path, capture_output=True, timeout=60, check=True
    )
    answer = base64.b64decode(done.stdout)
    shown = subprocess.run(
        ["openssl", "pkcs7", "-inform", "der", "-print_certs"],
        input=answer,
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert b"GW-9" in shown.stdout
