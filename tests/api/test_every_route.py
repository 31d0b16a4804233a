"""Whatever is sent to whatever route is answered in JSON, and never with a fault of our own."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.api.all_routes import ROUTES
from app.models.services.workspace.workspace import Workspace
from tests.api.certificate_requests import armoured, new_csr
from tests.api.rest_client import RestClient
from tests.models.services.gateways import PASSWORD, gateway, operational
from tests.plant import ADMIN, basic

HUGE = 10**4000
PLACES = ["x", "%00", "%ED%A0%80", "%25", "..", "a" * 300, "ab" * 20, "ab" * 32, "%2F", "%E2%80%AE"]
TEXTS = st.text(max_size=30) | st.sampled_from(
    [
        *("", "0", "-1", "true", "\x00", "a\x00b", "\u202e", "%00", "\\", "9" * 19, "1e400"),
        *("0001-01-01", "9999-12-31", "2026-02-30", "2026-03-02T08:00:00+14:00"),
        *("GW-7", "2.5.4.3", "dns", "ip", "subject.CN", PASSWORD, "x" * 5000, armoured(new_csr())),
    ]
)
INTEGERS = st.integers(-1, 9) | st.sampled_from([-HUGE, HUGE, 2**31, 2**63, 10**18 - 1, 3650])
SCALARS = (
    st.none()
    | st.booleans()
    | INTEGERS
    | st.sampled_from([0.5, 1e308, float("inf"), float("nan")])
    | TEXTS
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def fitting(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """JSON of the types that the schema wants, whatever else it says."""
    if "$ref" in schema:
        return fitting(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in schema:
        return st.one_of(*(fitting(one, definitions) for one in schema["anyOf"]))
    if "properties" in schema:
        needed = schema.get("required", ())
        members = {name: fitting(one, definitions) for name, one in schema["properties"].items()}
        return st.fixed_dictionaries({name: members.pop(name) for name in needed}, optional=members)
    if schema.get("type") == "array":
        return st.lists(fitting(schema["items"], definitions), max_size=3)
    plain = {
        "object": st.dictionaries(TEXTS, TEXTS, max_size=3),
        "integer": INTEGERS,
        "boolean": st.booleans(),
        "null": st.none(),
    }
    return plain.get(schema.get("type", ""), TEXTS | st.sampled_from(schema.get("enum", [""])))


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, str, bytes]:
    """A method, a path with what to ask for, and a body; often nearly a good one.

    Numbers are small, so that some of them are of things that are there.
    """
    route = draw(st.sampled_from(ROUTES))
    numbers, texts = st.integers(1, 9), st.sampled_from(PLACES)
    places = {name: draw(numbers if name.endswith("_id") else texts) for name in route.places}
    target = route.path.format(**places | {"organization_id": "{organization_id}"})
    schema = route.takes.model_json_schema()
    sent = draw(fitting(schema, schema.get("$defs", {})))
    if draw(st.integers(0, 3)) == 0:
        names = sorted(schema.get("properties", ())) or ["x"]
        sent |= draw(st.dictionaries(st.sampled_from(names) | TEXTS, ANYTHING, max_size=2))
    if route.method == "GET":
        query = urlencode(sent, encoding="utf-8", errors="surrogatepass")
        return route.method, f"{target}?{query}", b""
    body = json.dumps(sent, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    broken = draw(st.integers(0, 9)) == 0
    return route.method, target, body[:-1] if broken else body


@pytest.fixture
def client(demo: Workspace, rest: RestClient) -> RestClient:
    """The application, signed in, with two devices that hold certificates."""
    for name in ("GW-1", "GW-2"):
        gateway(demo, name, operational=(operational(demo),))
    rest.token = rest.sign_in()
    return rest


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
    max_examples=150,
)
@given(requests())
def test_no_request_makes_it_stumble(
    demo: Workspace, client: RestClient, asked: tuple[str, str, bytes]
) -> None:
    method, target, body = asked
    header = {"authorization": f"Bearer {client.token}"}
    if "{" not in target:
        header = {"host": demo.est_servers.all(ADMIN)[0].domain, **basic("GW-1", PASSWORD)}
    target = target.format(organization_id=client.organization_id)
    response = client.ask(method, target, body, header)
    assert response.status < 500, response.body
    assert isinstance(json.loads(response.body), dict)
