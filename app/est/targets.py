"""What a request is aimed at: a host, perhaps a label, an operation (RFC 7030 section 3.2.2)."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.core.errors import KnownError, NotFoundError
from app.core.language import _
from app.core.messages import Request
from app.models.domain.est_labels import ARBITRARY
from app.models.domain.est_servers import EST_PATH

_METHODS: Mapping[str, str] = {
    "cacerts": "GET",
    "csrattrs": "GET",
    "simpleenroll": "POST",
    "simplereenroll": "POST",
    "serverkeygen": "POST",
}
# What the INeS SDK sends by GET, with a body, below the literal segment `arbitraryLabel`.
_SENT_BY_GET = frozenset({"simpleenroll", "serverkeygen"})


class MethodError(KnownError):
    """The operation exists but not with this HTTP method; `allowed` are those it has."""

    def __init__(self, allowed: str) -> None:
        super().__init__(_("This operation takes {method} only.").format(method=allowed))
        self.allowed = allowed


@dataclass(frozen=True)
class Target:
    """Where a request goes. `label` is empty without one, `host` lower case without a port."""

    host: str
    label: str
    operation: str


def target_of(request: Request) -> Target:
    """The target of a request; escapes and detours are never resolved (EST-URI-04, 05).

    Raises `NotFoundError` when the path names no operation, `MethodError` for another method.
    """
    path = request.target.partition("?")[0]
    below = path.removeprefix(f"{EST_PATH}/")
    label, slash, operation = below.rpartition("/")
    if below == path or operation not in _METHODS or (slash and not label):
        raise nothing_here()
    if label.lower() == ARBITRARY:
        label = ARBITRARY
    allowed = [_METHODS[operation]]
    if label == ARBITRARY and operation in _SENT_BY_GET:
        allowed.insert(0, "GET")
    if request.method not in allowed:
        raise MethodError(", ".join(allowed))
    return Target(request.host, label, operation)


def nothing_here() -> NotFoundError:
    """The error for a path without an operation, and for an operation that is switched off."""
    return NotFoundError(_("There is nothing here."), cause=_("The path names no operation."))
