"""What the Devices page shows of a device that came with its maker's certificate (DEV-81)."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel

from app.models.domain.access import Actor
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import read_certificate
from app.pki.formats import certificates_in
from app.views.devices.page import DevicesPage
from tests.fakes import FakeClock
from tests.models.services.gateways import new_gateway
from tests.models.wizards.makers import external_type, sensor
from tests.pki.material import NOW as MAY
from tests.views.devices.test_page import choose


@pytest.mark.req("DEV-81", "DT-15")
def test_its_certificate_and_ca_are_shown(
    clock: FakeClock, demo: Workspace, admin: Actor, open_page: Callable[..., DevicesPage]
) -> None:
    clock.set(MAY)  # when the maker's certificates are good
    kind = external_type(demo)
    chain = certificates_in(sensor())
    name = read_certificate(chain[0]).fingerprint
    new = replace(new_gateway(demo, name), type_id=kind.id, factory_chain=chain)
    made = demo.device_creation.create(admin, new).device
    (kept,) = demo.external_certificates.of_device(admin, made.id)
    assert (kept.fingerprint, kept.first_seen_at) == (name, MAY)
    page = open_page()
    choose(page)
    seen = "\n".join(label.text() for label in page.panel.findChildren(QLabel))
    for part in (name, "CN=sensor 1", "Sensor maker", "First seen", "factory certificate accepted"):
        assert part in seen, part
