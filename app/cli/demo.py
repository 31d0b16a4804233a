"""`birthmark demo`: a whole provisioning run, without a window, on a workspace of its own."""

import json
from dataclasses import replace
from pathlib import Path

from app.cli.demo_client import EstClient
from app.cli.demo_devices import DemoDevices, Files
from app.cli.serving import Listeners, tell, wait_until_told_to_stop
from app.core.clock import SystemClock
from app.core.errors import ConflictError
from app.core.files import replace_file
from app.core.language import _
from app.models.domain.access import SYSTEM, Channel
from app.models.domain.est_servers import EST_PATH
from app.models.domain.templates import CertificateKind
from app.models.services.setup.demo_data import (
    DEMO_PASSWORD,
    DEMO_USERS,
    make_demo,
    make_demo_application,
    make_demo_external_ca,
)
from app.models.services.workspace.opening import create_workspace
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import read_certificate
from app.pki.csr import build_csr
from app.pki.keys import KeyAlgorithm, generate
from app.pki.names import ATTRIBUTE_TYPES, Attribute
from app.pki.sign import SoftwareKey

PASSPHRASE = "birthmark-demo"  # noqa: S105  known to everybody, for data without worth
HOST = "127.0.0.1"


def sign_in_hint() -> str:
    """How to sign in to the demonstration workspace."""
    hint = _(
        "Demonstration: sign in as {user} with the password {password}, which is the passphrase"
        " of the workspace, too."
    )
    return hint.format(user=DEMO_USERS[0][0], password=DEMO_PASSWORD)


def make_workspace(folder: Path) -> None:
    """Make a workspace with the demonstration data, unless it is there already."""
    if folder.exists():
        return
    workspace = create_workspace(folder, PASSPHRASE, SystemClock())
    make_demo(workspace, SYSTEM)
    make_demo_application(workspace, SYSTEM)
    make_demo_external_ca(workspace, SYSTEM)
    workspace.close()


def run(out: Path, serve_on: int | None) -> int:
    """Provision devices into a new folder; go on serving EST on that port, if one is given."""
    out = out.absolute()
    if out.exists() and any(out.iterdir()):
        raise ConflictError(
            _("{folder} is not empty.").format(folder=out), remedy=_("Name a new folder.")
        )
    out.mkdir(parents=True, exist_ok=True)
    replace_file(out / "passphrase", f"{PASSPHRASE}\n")
    clock = SystemClock()
    workspace = create_workspace(out / "workspace", PASSPHRASE, clock)
    try:
        make_demo(workspace, SYSTEM)
        listeners = Listeners(workspace, clock)
        listeners.est.start(HOST, serve_on or 0)
        try:
            if serve_on is not None:
                _publish(workspace, listeners)
            _provision(workspace, out, listeners.est.port)
            if serve_on is not None:
                tell(listeners)
                wait_until_told_to_stop(workspace)
        finally:
            listeners.stop()
    finally:
        workspace.close()
    return 0


def _publish(workspace: Workspace, listeners: Listeners) -> None:
    """Publish on a free port, and have operational certificates say so."""
    listeners.publish(0, HOST)
    url = f"http://{listeners.publication.address}"
    port = listeners.publication.port
    workspace.settings.change(publication_url=url, publication_host=HOST, publication_port=port)
    for template in workspace.templates.all(SYSTEM):
        if template.kind is CertificateKind.OPERATIONAL:
            workspace.templates.edit(SYSTEM, replace(template, revocation_urls=True))


def _provision(workspace: Workspace, out: Path, port: int) -> None:
    ca_file = out / "ca.pem"
    anchors = workspace.est_endpoints.trust_anchors()
    user = workspace.users.sign_in(DEMO_USERS[0][0], DEMO_PASSWORD, Channel.CLI)
    devices = DemoDevices(workspace, user, out)
    ca_file.write_bytes(anchors + devices.issuing_authorities())
    print(_("Made a workspace with two device types in {folder}.").format(folder=out))

    by_wizard = devices.through_the_wizard("GW-204-000184", KeyAlgorithm.EC_P256)
    rsa = devices.with_factory_certificate("GW-204-000185", KeyAlgorithm.RSA_2048)
    renewing = devices.ready_to_renew("GW-204-000186", KeyAlgorithm.EC_P256)
    renewing_rsa = devices.ready_to_renew("GW-204-000187", KeyAlgorithm.RSA_2048)
    enrolled = devices.with_password("GW-204-000188")
    client = EstClient(HOST, port, anchors.decode())
    _enrol(client, devices, enrolled)

    url = f"https://{HOST}:{port}{EST_PATH}"
    connect = {
        "est_url": url,
        "ca_file": str(ca_file),
        "device_id": by_wizard.name,
        "device_password": by_wizard.password,
        "factory_cert": by_wizard.certificate,
        "factory_key": by_wizard.key,
        "factory_rsa_cert": rsa.certificate,
        "factory_rsa_key": rsa.key,
        "operational_cert": renewing.certificate,
        "operational_key": renewing.key,
        "operational_rsa_cert": renewing_rsa.certificate,
        "operational_rsa_key": renewing_rsa.key,
    }
    if publication_url := workspace.settings.current.publication_url:
        connect["publication_url"] = publication_url
    replace_file(out / "connect.json", json.dumps(connect, indent=2))
    _write_audit_log(workspace, out)
    all_files = (by_wizard, rsa, renewing, renewing_rsa, enrolled)
    summary = {
        "workspace": str(out / "workspace"),
        "est_url": url,
        "ca_file": str(ca_file),
        "audit_log": str(out / "audit.jsonl"),
        "devices": [device.summary() for device in all_files],
    }
    (out / "summary.json").write_text(json.dumps(summary, indent=2), "utf-8")
    print(_("What was made is listed in {file}.").format(file=out / "summary.json"))


def _enrol(client: EstClient, devices: DemoDevices, device: Files) -> None:
    """The device makes its own key and enrols itself, as it would on the bench."""
    authorities = client.ca_certificates()
    key = generate(KeyAlgorithm.EC_P256)
    csr = build_csr(SoftwareKey(key), (Attribute(ATTRIBUTE_TYPES["CN"].oid, device.name),))
    issued = client.enrol(device.name, device.password, csr)
    devices.save(device, "operational", issued, key, authorities[:-1])
    print(
        _("{name} enrolled over EST and got the certificate {serial}.").format(
            name=device.name, serial=read_certificate(issued).serial_hex
        )
    )


def _write_audit_log(workspace: Workspace, out: Path) -> None:
    with (out / "audit.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        workspace.audit.export(SYSTEM, file)
