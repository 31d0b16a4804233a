"""What the REST API can be asked: a method, a path, what comes along and what comes back."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.api.reading import read
from app.core.messages import Request
from app.models.domain.access import Actor
from app.models.services.workspace.workspace import Workspace

PREFIX = "/v2"
ORGANIZATION = f"{PREFIX}/organizations/{{organization_id}}"

_NUMBER = r"[1-9][0-9]{0,17}"
_TEXT = r"[^/]+"
_PLACE = re.compile(r"\{([a-z_]+)\}")


class Given(BaseModel):
    """What comes along: the query of a GET, the JSON object of a POST.

    Unknown members are refused rather than ignored, so that a misspelt one is noticed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)


Remark = Annotated[str, Field(pattern=r"^[^\x00]*$")]
"""A text for people; PostgreSQL takes no NUL."""


class Lenient(Given):
    """What clients of the field send: empty members are not given, unknown ones not looked at."""

    model_config = ConfigDict(extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        return {name: value for name, value in given.items() if value not in ("", None)}


class Answer(BaseModel):
    """A JSON object to answer with; the order of its members is that in which they are defined.

    All of them are always there.
    """

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


class Nothing(Given):
    """Nothing has to come along, and what does is not looked at."""

    model_config = ConfigDict(extra="ignore")


@dataclass(frozen=True)
class Call:
    """One request: who makes it, and what stands in the places of the path.

    The actor of a path below an organization acts in that one; any other is nobody's.
    """

    request: Request
    actor: Actor
    values: Mapping[str, str]

    def number(self, place: str) -> int:
        """The number in a place whose name ends with `_id`."""
        return int(self.values[place])


C = TypeVar("C", bound=Call)
G = TypeVar("G", bound=Given)


@dataclass(frozen=True)
class Route(Generic[C, G]):
    """One thing to ask for. Places in the path stand in braces; a number's name ends with `_id`.

    Below `ORGANIZATION` an access token is needed; elsewhere `run` looks after itself.
    """

    method: str
    path: str
    summary: str
    takes: type[G]
    answers: type[Answer]
    run: Callable[[Workspace, C, G], Answer] = field(repr=False)

    @property
    def places(self) -> tuple[str, ...]:
        """The names of the places in the path, in their order."""
        return tuple(_PLACE.findall(self.path))

    @property
    def needs_token(self) -> bool:
        """Whether an application has to be signed in."""
        return self.path.startswith(ORGANIZATION)

    def answer(self, workspace: Workspace, call: C) -> Answer:
        """What `run` answers to what came along; raises what it raises, and what `read` does."""
        return self.run(workspace, call, read(self.takes, call.request))

    def match(self, path: str) -> Mapping[str, str] | None:
        """What stands in the places when the route is for `path`, as sent."""
        found = self._pattern.fullmatch(path)
        return None if found is None else found.groupdict()

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        def place(found: re.Match[str]) -> str:
            name = found[1]
            return f"(?P<{name}>{_NUMBER if name.endswith('_id') else _TEXT})"

        return re.compile(_PLACE.sub(place, self.path), re.ASCII)


AnyRoute = Route[Any, Any]
