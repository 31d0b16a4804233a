"""A device on the tour: created in the wizard, enrolled over the listener, among neighbours."""

from pathlib import Path

from PySide6.QtWidgets import QComboBox, QLineEdit

from app.cli.demo_client import EstClient
from app.cli.demo_devices import DemoDevices
from app.core.errors import UnavailableError
from app.models.services.devices.listed import DeviceQuery, DeviceSort
from app.models.wizards.steps import Step
from app.pki.csr import build_csr
from app.pki.keys import KeyAlgorithm, generate
from app.pki.names import ATTRIBUTE_TYPES, Attribute
from app.pki.sign import SoftwareKey
from app.views.wizard.window import DeviceWizardDialog
from tools.tour.visit import Visit, click, part, type_text

NEIGHBOURS = 9
_PASSWORD = "tour-device-password"  # noqa: S105  of a device that lives for seconds


def provision(visit: Visit, scratch: Path) -> None:
    """Create a device, give it neighbours, and let it enrol; keys are written to `scratch`."""
    name = f"GW-204-00{'018' if visit.theme == 'light' else '019'}7"
    _start_listener(visit)
    _create_device(visit, name)
    _add_neighbours(visit, scratch)
    _enrol(visit, name)


def _start_listener(visit: Visit) -> None:
    visit.workspace.settings.change(listener_host="127.0.0.1", listener_port=0)
    visit.command("listener.start")
    visit.wait(lambda: visit.listener.running, "the listener runs")


def _create_device(visit: Visit, name: str) -> None:
    visit.go("devices")
    visit.desk.page().new_action.trigger()  # type: ignore[attr-defined]  # the devices page
    wizard = visit.dialog(DeviceWizardDialog)
    wizard.resize(1280, 820)
    info = wizard.pages[Step.INFO]
    type_text(part(info.fields["name"], QLineEdit), name)
    for field, text in (
        (info.fields["tenant_id"], "Acme Controls"),
        (info.fields["organization_id"], "North plant"),
        (info.fields["type_id"], "Gateway 200"),
    ):
        combo = part(field, QComboBox)
        combo.setCurrentIndex(combo.findText(text))
    visit.picture("wizard-1-info", wizard)
    _next(visit, wizard, Step.ATTRIBUTES)
    attributes = wizard.pages[Step.ATTRIBUTES]
    type_text(part(attributes.fields["serial_number"], QLineEdit), name[-6:])
    visit.picture("wizard-2-attributes", wizard)
    _next(visit, wizard, Step.FACTORY)
    _give_csr(visit, wizard, name)
    visit.picture("wizard-3-factory", wizard)
    _next(visit, wizard, Step.OPERATIONAL)
    visit.picture("wizard-4-operational", wizard)
    click(wizard.skip)
    visit.wait(lambda: wizard.flow.current is Step.CREDENTIALS, "credentials are asked for")
    credentials = wizard.pages[Step.CREDENTIALS]
    type_text(part(credentials.fields["password"], QLineEdit), _PASSWORD)
    visit.picture("wizard-5-credentials", wizard)
    _next(visit, wizard, Step.OVERVIEW)
    visit.picture("wizard-6-overview", wizard)
    click(wizard.next)
    visit.wait(wizard.another.isVisible, "the device is created")
    visit.picture("wizard-7-created", wizard)
    wizard.reject()


def _next(visit: Visit, wizard: DeviceWizardDialog, step: Step) -> None:
    click(wizard.next)
    visit.wait(lambda: wizard.flow.current is step, f"the step {step.value} is shown")


def _give_csr(visit: Visit, wizard: DeviceWizardDialog, name: str) -> None:
    """Paste a request, as a lab engineer would."""
    page = wizard.pages[Step.FACTORY]
    page.source.csr_received.emit(_csr(name), f"{name}.csr")  # type: ignore[attr-defined]  # a certificate page
    visit.wait(lambda: not wizard.flow.problems(Step.FACTORY), "the CSR is taken")


def _csr(name: str) -> bytes:
    key = SoftwareKey(generate(KeyAlgorithm.EC_P256))
    return build_csr(key, (Attribute(ATTRIBUTE_TYPES["CN"].oid, name),))


def _add_neighbours(visit: Visit, scratch: Path) -> None:
    """Some more devices, so that the list looks as it does at work."""
    actor = visit.desk.actor
    devices = DemoDevices(visit.workspace, actor, scratch)
    first = 100 if visit.theme == "light" else 200
    for number in range(first, first + 4):
        devices.with_password(f"GW-204-000{number}")
    for number in range(first + 4, first + 7):
        devices.with_factory_certificate(f"GW-204-000{number}", KeyAlgorithm.EC_P256)
    for number in range(first + 7, first + 9):
        devices.ready_to_renew(f"GW-204-000{number}", KeyAlgorithm.EC_P256)
    newest = visit.workspace.device_list.page(
        actor, DeviceQuery(sort=DeviceSort.CHANGED_AT, descending=True), 0, 1
    )
    visit.workspace.devices.disable(actor, newest[0].id)


def _enrol(visit: Visit, name: str) -> None:
    client = EstClient(
        "127.0.0.1",
        int(visit.listener.address.rpartition(":")[2]),
        visit.workspace.est_endpoints.trust_anchors().decode(),
    )
    csr = _csr(name)
    client.ca_certificates()
    try:
        client.enrol(name, "not its password", csr)
    except UnavailableError:
        pass  # as it must be
    else:
        raise AssertionError("a wrong device password was taken")
    assert client.enrol(name, _PASSWORD, csr)  # noqa: S101  the tour is a check
