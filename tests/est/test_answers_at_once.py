"""No request waits for anybody: what a person has to see to is refused, and may be asked again."""

from collections.abc import Callable

import pytest

from app.core.errors import AccessDeniedError
from app.core.messages import Response
from app.pki.csr import parse_csr
from tests.est.maker import HOST, internal_type
from tests.est.refusals import assert_refused
from tests.plant import ADMIN, PASSPHRASE, PASSWORD, Plant, basic, certificates_of, csr, ec_key

KEY = ec_key()


def ask(plant: Plant) -> Response:
    """The same request each time, as a client repeats it that polls."""
    return plant.ask("simpleenroll", csr(KEY, "pump-1"), headers=basic("pump-1"), host=HOST)


def create_the_device(plant: Plant) -> Callable[[], object]:
    return lambda: plant.device("pump-1", type_name="Zero")


def enable_the_device(plant: Plant) -> Callable[[], object]:
    device = plant.device("pump-1", type_name="Zero").device
    plant.workspace.devices.disable(ADMIN, device.id)
    return lambda: plant.workspace.devices.enable(ADMIN, device.id)


def unlock_the_keys(plant: Plant) -> Callable[[], object]:
    plant.device("pump-1", type_name="Zero")
    plant.workspace.lock()
    return lambda: plant.workspace.unlock(PASSPHRASE)


@pytest.mark.req("EST-RTY-01", "EST-RTY-02", "EST-RTY-03", "EST-RTY-04")
@pytest.mark.parametrize(
    ("wanting", "status"),
    [(create_the_device, 401), (enable_the_device, 403), (unlock_the_keys, 503)],
)
def test_what_a_person_has_to_see_to_is_refused_until_it_is_done(
    plant: Plant, wanting: Callable[[Plant], Callable[[], object]], status: int
) -> None:
    """Nothing is kept of the requests before: who asks again when it is done gets one."""
    internal_type(plant)
    see_to_it = wanting(plant)
    before = plant.count()
    for _time in range(3):
        assert_refused(plant, ask(plant), status)
    see_to_it()
    assert plant.count() == before
    (issued,) = certificates_of(ask(plant))
    assert issued.public_key() == KEY.public_key()
    assert plant.count() == before + 1


@pytest.mark.req("EST-RTY-05")
def test_who_may_come_back_is_told_when_in_seconds(plant: Plant) -> None:
    internal_type(plant)
    plant.device("pump-1", type_name="Zero")
    plant.workspace.lock()
    locked = ask(plant)
    plant.workspace.unlock(PASSPHRASE)
    request, wrong = csr(KEY, "pump-1"), basic("pump-1", "wrong")
    asked = (plant.ask("simpleenroll", request, headers=wrong) for _time in range(100))
    throttled = next(answer for answer in asked if answer.status != 401)
    for answer, status in ((throttled, 429), (locked, 503)):
        assert answer.status == status
        assert 0 < int(dict(answer.headers)["Retry-After"]) < 2**31


@pytest.mark.req("EST-CMC-01", "EST-CMC-02", "EST-CMC-03", "EST-ERR-13")
@pytest.mark.parametrize("body", [b"", b"MAA=", csr(KEY, "pump-1")])
@pytest.mark.parametrize("label", ["", "arbitraryLabel/"])
def test_full_cmc_does_not_exist(shared_plant: Plant, body: bytes, label: str) -> None:
    """Neither does an error of it: the refusal is the one of any path that is not there."""
    headers = {"content-type": "application/pkcs7-mime; smime-type=CMC-request"}
    answer = shared_plant.ask(
        f"{label}fullcmc", method="POST", headers=headers | basic("pump-1"), body=body
    )
    assert_refused(shared_plant, answer, 404)


@pytest.mark.req("EST-ENR-06", "EST-ERR-00")
@pytest.mark.parametrize(
    ("device", "name", "headers", "status"),
    [
        ("pump-1", "pump-2", {}, 403),
        ("pump-1", "pump-1", {"content-type": "text/html"}, 415),
        ("pump-1", "pump-1\N{RIGHT-TO-LEFT OVERRIDE}", {}, 400),
        ("pump-1", "pump-1", {"host": "nobody.example"}, 404),
    ],
)
def test_a_refusal_is_short_plain_text(
    shared_plant: Plant, device: str, name: str, headers: dict[str, str], status: int
) -> None:
    answer = shared_plant.ask("simpleenroll", csr(KEY, name), headers=basic(device) | headers)
    text = assert_refused(shared_plant, answer, status)
    for internal in ("sqlite", "Error", "0x", ".py", "SELECT"):
        assert internal not in text


@pytest.mark.req("ATK-G04")
def test_what_changes_after_a_device_was_let_in_counts(plant: Plant) -> None:
    """No approval is pending, ever; what changes on the way to the certificate is judged."""
    made = plant.device("pump-1").device
    workspace = plant.workspace
    let_in = workspace.device_authentication.by_password
    caller = let_in(plant.server, "pump-1", PASSWORD, "192.0.2.7")
    workspace.devices.disable(ADMIN, made.id)
    with pytest.raises(AccessDeniedError, match="disabled"):
        workspace.enrolment.enrol(plant.server, caller, parse_csr(csr(KEY, "pump-1")))
    assert plant.count() == 0
    (event,) = workspace.audit.of_object(ADMIN, "device", made.id, 1)
    assert event.action == "device.disable"
