"""How the REST API tells why a request was refused."""

from pydantic import ConfigDict

from app.api.routes import Answer
from app.core.errors import KnownError


class Problem(Answer):
    """Why nothing was done: what is wrong, why, what to do, and the member at fault.

    Members that have nothing to say are left out.
    """

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    message: str
    cause: str = ""
    remedy: str = ""
    field: str = ""


def problem_of(error: KnownError) -> Problem:
    """What a client is told of `error`."""
    return Problem(
        message=error.problem, cause=error.cause, remedy=error.remedy, field=error.field or ""
    )
