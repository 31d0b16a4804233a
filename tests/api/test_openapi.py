"""The description of the REST API, held against the standard and against what is answered."""

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.api.all_routes import ROUTES
from app.api.paging import MAX_PAGE_SIZE
from app.api.routes import AnyRoute, Nothing
from app.core.errors import UnavailableError
from app.core.messages import Response
from app.models.services.workspace.workspace import Workspace
from tests.api.good_calls import Bench, told
from tests.api.rest_client import RestClient

every_route = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.run.__name__)


@pytest.fixture
def bench(rest: RestClient) -> Bench:
    return Bench(rest)


@pytest.fixture
def document(rest: RestClient) -> Any:
    """The description as it is served."""
    return told(rest.ask("GET", "/v2/openapi.json"))


def operation(document: Any, route: AnyRoute) -> Any:
    """What the description says of a route."""
    return document["paths"][route.path][route.method.lower()]


def check(document: Any, content: Any, value: object, *, whole: bool = False) -> None:
    """Check a value against the schema of a JSON body; `whole`: with no member it does not name."""
    components = json.loads(json.dumps(document["components"]))
    for schema in components["schemas"].values() if whole else ():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
    schema = content["application/json"]["schema"] | {"components": components}
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(value)


def check_refusal(document: Any, route: AnyRoute, response: Response) -> None:
    """The response is a refusal that the description of the route has."""
    described = operation(document, route)["responses"][f"{response.status // 100}XX"]
    kind, _slash, name = described["$ref"].removeprefix("#/components/").partition("/")
    content = document["components"][kind][name]["content"]
    check(document, content, told(response), whole=True)


@pytest.mark.req("SYS-06")
def test_it_is_openapi(document: Any) -> None:
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    assert document["openapi"] == "3.1.0"


@pytest.mark.req("SYS-06")
def test_it_tells_every_route_and_nothing_else(document: Any) -> None:
    described = {
        (method, path): told["operationId"]
        for path, methods in document["paths"].items()
        for method, told in methods.items()
    }
    assert set(described) == {(route.method.lower(), route.path) for route in ROUTES}
    assert len(set(described.values())) == len(described)


def test_it_has_no_words_from_behind_the_scenes(document: Any) -> None:
    told_of = json.dumps(document)
    assert (
        re.findall(
            r"\b(?:AIS|CRED|DE[CV]|DT[CLP]?|ECA|EST|FAC|LBL|MODE|OPC|R(?:BAC|OLE)|SYS|TC)-\d+|\b[A-Z]+_[A-Z_]+\b",
            told_of,
        )
        == []
    )
    assert f"never more than {MAX_PAGE_SIZE}." in told_of


@pytest.mark.req("SYS-06")
@every_route
def test_a_good_call_is_as_described(bench: Bench, document: Any, route: AnyRoute) -> None:
    good, response = bench.call(route)
    assert response.status == 200, response.body
    described, answer = operation(document, route), told(response)
    check(document, described["responses"]["200"]["content"], answer, whole=True)
    assert [] not in answer.values()  # nothing was checked in an empty list
    if good.body is None:
        assert not described.get("requestBody", {}).get("required")
    else:
        check(document, described["requestBody"]["content"], good.body)


@every_route
def test_it_takes_the_parameters_that_are_described(
    bench: Bench, document: Any, route: AnyRoute
) -> None:
    parameters = operation(document, route)["parameters"]
    in_path = [one["name"] for one in parameters if one["in"] == "path"]
    assert in_path == list(route.places)
    for one in parameters:
        if one["in"] == "query" and one["schema"]["default"] is not None:
            given = f"?{one['name']}={one['schema']['default']}"
            path = route.path.format_map(bench.places)
            assert bench.rest.ask("GET", path + given, None, bench.signed_in()).status == 200


@every_route
def test_a_refusal_is_as_described(bench: Bench, document: Any, route: AnyRoute) -> None:
    wrong_method = bench.ask(route, None, {}, "DELETE")
    assert wrong_method.status == 405
    check_refusal(document, route, wrong_method)
    if operation(document, route)["security"]:
        stranger = bench.ask(route, None, {"host": bench.as_device()["host"]})
        assert stranger.status == 401
        check_refusal(document, route, stranger)
    if route.takes is not Nothing and route.method == "POST":
        credentials = bench.signed_in() if route.needs_token else bench.as_device()
        garbled = bench.ask(route, b"[", credentials)
        assert garbled.status == 400
        check_refusal(document, route, garbled)


@pytest.mark.parametrize("error", [RuntimeError("a fault of our own"), UnavailableError("Later.")])
def test_what_goes_wrong_here_is_as_described(
    bench: Bench,
    document: Any,
    demo: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    def fail(_actor: object) -> None:
        raise error

    route = next(one for one in ROUTES if one.run.__name__ == "list_templates")
    monkeypatch.setattr(demo.templates, "all", fail)
    response = bench.ask(route, None, bench.signed_in())
    assert response.status in (500, 503)
    check_refusal(document, route, response)


def test_a_revoked_certificate_is_as_described(bench: Bench, document: Any) -> None:
    routes = {route.run.__name__: route for route in ROUTES}
    bench.call(routes["revoke_certificate"])
    for name in ("get_certificate", "certificate_status"):
        _good, response = bench.call(routes[name])
        answer = told(response)
        assert answer["status"] == "Revoked"
        described = operation(document, routes[name])["responses"]["200"]["content"]
        check(document, described, answer, whole=True)
