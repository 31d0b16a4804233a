"""Bodies that devices should not send to the REST API."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.device_client import BY_PASSWORD, CERTIFICATES, RENEW, DeviceClient
from tests.est.conftest import NOW
from tests.fakes import FakeClock
from tests.plant import basic, opened_plant


@pytest.fixture(scope="module")
def shared(plant_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeviceClient]:
    """Asks for a device `pump-1`, and gets nothing."""
    folder = tmp_path_factory.mktemp("shared") / "plant"
    with opened_plant(plant_folder, folder, FakeClock(NOW)) as opened:
        opened.device("pump-1")
        yield DeviceClient(opened)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b"{}", "application/json", 400),
        (b"{}", "application/pkcs10", 415),
        (b"[]", "application/json", 400),
        (b"{" * 5000, "application/json", 400),
        (b'{"csr": 1}', "application/json", 400),
        (b'{"csr": "AA==", "template_id": "one"}', "application/json", 400),
        (b'{"csr": "AA==", "template_id": 1e400}', "application/json", 400),
        (b'{"csr": "AA==", "template": 1}', "application/json", 400),
        (b'{"csr": "\\u0000"}', "application/json", 400),
        (b'{"csr": "\\ud800"}', "application/json", 400),
        (b'{"csr": "\xff"}', "application/json", 400),
    ],
)
def test_bad_bodies_are_told_apart(
    shared: DeviceClient, body: bytes, kind: str, status: int
) -> None:
    given = basic("pump-1") | {"content-type": kind}
    for target in (CERTIFICATES, RENEW):
        shared.assert_refused(shared.ask("POST", target, body, headers=given), status)


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
_SLOW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)


@_SLOW
@given(
    st.sampled_from([CERTIFICATES, RENEW]),
    st.dictionaries(st.sampled_from(["csr", "template_id"]), _ANYTHING, max_size=2) | _ANYTHING,
)
def test_no_body_makes_it_stumble(shared: DeviceClient, target: str, body: object) -> None:
    response = shared.ask("POST", target, body, **BY_PASSWORD)
    shared.assert_refused(response, 400)


@_SLOW
@given(st.binary(max_size=200))
def test_no_request_makes_it_stumble(shared: DeviceClient, data: bytes) -> None:
    for text in (base64.b64encode(data).decode(), data.decode("latin-1")):
        response = shared.ask("POST", CERTIFICATES, {"csr": text}, **BY_PASSWORD)
        shared.assert_refused(response, 400)
        assert json.loads(response.body)["message"]
