"""The description of the REST API that other programs can read (OpenAPI 3.1)."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from app import __version__
from app.api.routes import PREFIX, Answer, AnyRoute, Nothing

_REFERENCE = "#/components/schemas/{model}"


class Description(Answer):
    """An OpenAPI document."""

    model_config = ConfigDict(extra="allow")

    openapi: str = "3.1.0"


def description(routes: Sequence[AnyRoute]) -> Description:
    """The OpenAPI document of these routes."""
    models: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {}
    for route in routes:
        models[route.answers, "serialization"] = None
        if route.method != "GET":
            models[route.takes, "validation"] = None
    _keys, schemas = models_json_schema(list(models), ref_template=_REFERENCE)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return Description.model_validate(
        {
            "info": {"title": "Birthmark REST API", "version": __version__},
            "paths": paths,
            "components": {
                "schemas": schemas["$defs"],
                "securitySchemes": {
                    "token": {"type": "http", "scheme": "bearer"},
                    "key": {"type": "http", "scheme": "basic"},
                    "certificate": {"type": "mutualTLS"},
                },
            },
        }
    )


def _operation(route: AnyRoute) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": _ref(route.answers)}}}
    operation: dict[str, Any] = {
        "operationId": route.run.__name__,
        "summary": route.summary,
        "parameters": [*map(_place, route.places), *_query(route)],
        "responses": {"200": {"description": "OK", "content": content}},
        "security": _security(route),
    }
    if route.method != "GET" and route.takes is not Nothing:
        content = {"application/json": {"schema": {"$ref": _ref(route.takes)}}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _place(name: str) -> dict[str, Any]:
    kind = "integer" if name.endswith("_id") else "string"
    return {"name": name, "in": "path", "required": True, "schema": {"type": kind}}


def _query(route: AnyRoute) -> list[dict[str, Any]]:
    if route.method != "GET":
        return []
    schema = route.takes.model_json_schema()
    return [
        {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": one}
        for name, one in schema.get("properties", {}).items()
    ]


def _security(route: AnyRoute) -> list[dict[str, list[str]]]:
    if route.needs_token:
        return [{"token": []}]
    return [] if route.path == f"{PREFIX}/openapi.json" else [{"certificate": []}, {"key": []}]


def _ref(model: type) -> str:
    return _REFERENCE.format(model=model.__name__)
