"""One root for every error this program raises on purpose.

A *known* error is the user's or the world's fault and is written for people: what the
problem is, why it arose, what to do next. Anything else that surfaces is our bug and goes
to the crash report. Checks raise these; they never return False.
"""


class BirthmarkError(Exception):
    """Root of all errors raised by this program."""


class KnownError(BirthmarkError):
    """An error a person can act on.

    `problem` is one plain sentence; `cause` and `remedy` may be empty. `field` names the
    form field (or request member) at fault, when one is.
    """

    def __init__(
        self, problem: str, *, cause: str = "", remedy: str = "", field: str | None = None
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.cause = cause
        self.remedy = remedy
        self.field = field

    def text(self) -> str:
        """Problem, cause and remedy as one paragraph."""
        return " ".join(part for part in (self.problem, self.cause, self.remedy) if part)


class InvalidInputError(KnownError):
    """What was given is malformed or breaks a rule."""


class NotFoundError(KnownError):
    """The named object does not exist, or not for whoever asks."""


class ConflictError(KnownError):
    """The object exists already, or its state does not allow this."""


class AccessDeniedError(KnownError):
    """Whoever asks is known but may not do this."""


class AuthenticationError(KnownError):
    """The credentials are missing, wrong or no longer good."""


class SessionEndedError(AuthenticationError):
    """Who acts was signed out, or was signed in for too long."""


class UnavailableError(KnownError):
    """It cannot be done now; trying again after `retry_after` seconds may help."""

    def __init__(
        self, problem: str, *, cause: str = "", remedy: str = "", retry_after: int = 5
    ) -> None:
        super().__init__(problem, cause=cause, remedy=remedy)
        self.retry_after = retry_after


class LockedError(UnavailableError):
    """The workspace's keys are locked."""


class ThrottledError(UnavailableError):
    """Too many attempts; wait `retry_after` seconds."""
