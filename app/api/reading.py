"""What comes along with a request: JSON or a query, checked against what a route takes."""

import json
from collections.abc import Sequence
from typing import TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from app.api.errors import HttpError
from app.core.errors import InvalidInputError
from app.core.language import _
from app.core.messages import Request

M = TypeVar("M", bound=BaseModel)

_LONGEST_NAME = 100


def read(model: type[M], request: Request) -> M:
    """What `model` wants, from the query of a GET or the JSON of anything else.

    Raises `InvalidInputError` that names the first member at fault, and `HttpError` 415 for a
    body of another type.
    """
    given = _query(request) if request.method == "GET" else _json(request)
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise _wrong(error.errors(include_url=False, include_input=False)) from error


def _query(request: Request) -> dict[str, str]:
    query = request.target.partition("?")[2]
    try:
        return dict(parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=50))
    except ValueError as error:
        raise InvalidInputError(_("The query cannot be read.")) from error


def _json(request: Request) -> object:
    """The JSON in the body, an empty object when there is no body.

    Line ends inside strings are let pass: a client of the field sends PEM as it is. Python's
    reader is used for that; it takes the last of two members with one name.
    """
    if not request.body.strip():
        return {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if kind != "application/json" or coding != "identity":
        raise HttpError(415, _("The body is not of the type application/json."))
    try:
        given = json.loads(request.body.decode("utf-8-sig"), strict=False)
        json.dumps(given, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(
            _("The body is not JSON."),
            cause=str(error) if isinstance(error, json.JSONDecodeError) else "",
            remedy=_("Send one JSON object in UTF-8."),
        ) from error
    return given


def _wrong(errors: Sequence[ErrorDetails]) -> InvalidInputError:
    first = errors[0]
    name = ".".join(str(part) for part in first["loc"])[:_LONGEST_NAME]
    return InvalidInputError(
        _("{field} is not as it should be: {message}.").format(
            field=name or _("The body"), message=first["msg"].rstrip(".")
        ),
        remedy=_("The description of the API is at /v2/openapi.json."),
        field=name or None,
    )
