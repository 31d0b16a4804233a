"""How the REST API tells why a request was refused."""

from pydantic import ConfigDict

from app.api.routes import Answer
from app.core.errors import KnownError

_LONGEST = 600  # at six octets each all four stay below what a client of the field can read


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
    """What a client is told of `error`; names that it sent itself can be long."""
    told = (error.problem, error.cause, error.remedy, error.field or "")
    message, cause, remedy, field = (_shortened(text) for text in told)
    return Problem(message=message, cause=cause, remedy=remedy, field=field)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
