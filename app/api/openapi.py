"""The description of the REST API that other programs can read (OpenAPI 3.1)."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.json_schema import JsonSchemaMode, JsonSchemaValue, models_json_schema

from app import __version__
from app.api.problem import Problem
from app.api.routes import PREFIX, Answer, AnyRoute, Nothing

_REFERENCE = "#/components/schemas/{model}"
_SECURITY_SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "An access token of an API application, from /v2/auth.",
    },
    "password": {
        "type": "http",
        "scheme": "basic",
        "description": "AppID and AppKey of an API application, or Device ID and password.",
    },
    "certificate": {
        "type": "mutualTLS",
        "description": "The certificate of an API application or of a device.",
    },
}
_REFUSALS = {
    "Refused": (
        "Nothing was done. 400: something given is wrong; `field` is its member. 401: sign in "
        "(again). 403: not allowed. 404: there is no such thing, or it is out of sight. 405: not "
        "with this method. 409: it does not go with what is there. 415: the body is no JSON. "
        "429: try again after the seconds of Retry-After."
    ),
    "Unavailable": "It cannot be done now. 503: try again after the seconds of Retry-After.",
}
_RESPONSES = {"4XX": "Refused", "5XX": "Unavailable"}

_Models = Mapping[Any, JsonSchemaValue]  # by model and mode


class Description(Answer):
    """An OpenAPI document."""

    model_config = ConfigDict(extra="allow")

    openapi: str = "3.1.0"


def description(routes: Sequence[AnyRoute]) -> Description:
    """The OpenAPI document of these routes."""
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(Problem, "serialization"): None}
    for route in routes:
        wanted[route.answers, "serialization"] = None
        if route.takes is not Nothing:
            wanted[route.takes, "validation"] = None
    models, schemas = models_json_schema(list(wanted), ref_template=_REFERENCE)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, models)
    problem = models[Problem, "serialization"]
    return Description.model_validate(
        {
            "info": {"title": "Birthmark REST API", "version": __version__},
            "paths": paths,
            "components": {
                "schemas": schemas["$defs"],
                "responses": {
                    name: {"description": text, "content": _json(problem)}
                    for name, text in _REFUSALS.items()
                },
                "securitySchemes": _SECURITY_SCHEMES,
            },
        }
    )


def _operation(route: AnyRoute, models: _Models) -> dict[str, Any]:
    answer = models[route.answers, "serialization"]
    operation: dict[str, Any] = {
        "operationId": route.run.__name__,
        "summary": route.summary,
        "parameters": [*map(_place, route.places), *_query(route)],
        "responses": {
            "200": {"description": "OK", "content": _json(answer)},
            **{
                status: {"$ref": f"#/components/responses/{name}"}
                for status, name in _RESPONSES.items()
            },
        },
        "security": _security(route),
    }
    if route.method != "GET" and route.takes is not Nothing:
        operation["requestBody"] = {
            "required": any(field.is_required() for field in route.takes.model_fields.values()),
            "content": _json(models[route.takes, "validation"]),
        }
    return operation


def _json(schema: JsonSchemaValue) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _place(name: str) -> dict[str, Any]:
    kind = {"type": "integer", "minimum": 1} if name.endswith("_id") else {"type": "string"}
    return {"name": name, "in": "path", "required": True, "schema": kind}


def _query(route: AnyRoute) -> list[dict[str, Any]]:
    if route.method != "GET":
        return []
    schema = route.takes.model_json_schema(ref_template=_REFERENCE)
    return [
        {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": one}
        for name, one in schema.get("properties", {}).items()
    ]


def _security(route: AnyRoute) -> list[dict[str, list[str]]]:
    if route.needs_token:
        return [{"token": []}]
    if route.path == f"{PREFIX}/openapi.json":
        return []
    return [{"certificate": []}, {"password": []}]
