"""Errors that HTTP has a status for, and the status of every other one (DEC-20)."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.core.errors import (
    AccessDeniedError,
    AuthenticationError,
    ConflictError,
    InvalidInputError,
    KnownError,
    NotFoundError,
    ThrottledError,
    UnavailableError,
)
from app.pki.tokens import TOKEN_FIELDS

_STATUS: tuple[tuple[type[KnownError], int], ...] = (
    (AuthenticationError, 401),
    (AccessDeniedError, 403),
    (NotFoundError, 404),
    (ConflictError, 409),
    (InvalidInputError, 400),
    (ThrottledError, 429),
    (UnavailableError, 503),
)


class HttpError(KnownError):
    """A request that HTTP has a status for; `allow` is the methods there are."""

    def __init__(self, status: int, problem: str, allow: tuple[str, ...] = ()) -> None:
        super().__init__(problem)
        self.status = status
        self.allow = allow


class DeviceAuthenticationError(AuthenticationError):
    """It takes a device's ID and password (HTTP Basic), or its certificate."""


def status_of(error: KnownError) -> int:
    """The status that tells a client of `error`."""
    if isinstance(error, HttpError):
        return error.status
    if error.field in TOKEN_FIELDS:  # a token that is locked or pulled out
        return 503
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 400)


@contextmanager
def naming(**members: str) -> Iterator[None]:
    """Errors that name a field of a service name the member of the request it came from."""
    try:
        yield
    except KnownError as error:
        if error.field in members:
            error.field = members[error.field]
        raise
