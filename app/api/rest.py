"""The REST API: a request in, a JSON response out, for API applications and for devices."""

import logging
from urllib.parse import unquote

from app.api import all_routes
from app.api.errors import DeviceAuthenticationError, HttpError, status_of
from app.api.problem import problem_of
from app.api.routes import PREFIX, Answer, AnyRoute, Call
from app.core.errors import (
    AccessDeniedError,
    AuthenticationError,
    KnownError,
    NotFoundError,
    UnavailableError,
)
from app.core.language import _
from app.core.messages import Request, Response
from app.models.domain.access import Actor, Channel
from app.models.services.workspace.workspace import Workspace

log = logging.getLogger(__name__)

# A client of the field reads one TLS record and never comes to an end of a longer answer.
MAX_ANSWER = 15_000
_RETRY_AFTER = 60  # seconds, for what a person has to see to
_BEARER = "bearer "


class RestService:
    """Answers REST requests. Safe to share by threads."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def serves(self, request: Request) -> bool:
        """Whether the request is for the REST API."""
        return request.target.startswith(f"{PREFIX}/")

    def handle(self, request: Request) -> Response:
        """Answer one request. Never raises: what is our own fault becomes a plain 500."""
        actor = Actor("unknown", Channel.API, address=request.peer.address)
        try:
            route, call = self._admit(request, actor)
            actor = call.actor
            answer = route.answer(self._workspace, call)
            # What has been done is told at any length: refused now, it would be done again.
            return _ok(answer, limited=route.needs_token and route.method == "GET")
        except KnownError as error:
            self._record(error, request, actor)
            return _refusal(error)
        except Exception:  # the listener must live on; the log has the story
            log.exception("Answering %s %s failed", request.method, request.target[:64])
            return _refusal(HttpError(500, _("Something went wrong here. Try again later.")))

    def _admit(self, request: Request, stranger: Actor) -> tuple[AnyRoute, Call]:
        """The route asked for, and the call with its actor."""
        path = request.target.partition("?")[0]
        found = [
            (route, values)
            for route in all_routes.ROUTES
            if (values := route.match(path)) is not None
        ]
        if not found:
            raise NotFoundError(_("There is nothing here."), cause=_("The path names nothing."))
        for route, values in found:
            if route.method == request.method:
                actor = stranger
                if route.needs_token:
                    actor = self._signed_in(request, int(values["organization_id"]))
                plain = {name: unquote(value) for name, value in values.items()}
                return route, Call(request, actor, plain)
        methods = tuple(route.method for route, _values in found)
        raise HttpError(405, _("This is not asked for with that method."), methods)

    def _signed_in(self, request: Request, organization_id: int) -> Actor:
        header = request.headers.get("authorization", "")
        if not header.lower().startswith(_BEARER):
            raise AuthenticationError(
                _("The request has no access token."), remedy=_("Sign in at /v2/auth first.")
            )
        token = header[len(_BEARER) :].strip()
        shown, address = request.peer.certificates, request.peer.address
        return self._workspace.api_tokens.actor(token, shown, organization_id, address)

    def _record(self, error: KnownError, request: Request, actor: Actor) -> None:
        """Keep in the audit log what an application was refused for want of a right."""
        if not isinstance(error, AccessDeniedError) or actor.application_id is None:
            return
        what = f"{request.method} {request.target.partition('?')[0]}"[:200]
        try:
            self._workspace.audit.record_denial(actor, error, what)
        except KnownError:  # a full disk must not keep the client from its answer
            log.exception("A refusal could not be recorded")


def _ok(answer: Answer, *, limited: bool) -> Response:
    body = _text(answer.model_dump_json())
    if limited and len(body) > MAX_ANSWER:
        raise HttpError(
            400, _("The answer is longer than {size} octets. Ask for less.").format(size=MAX_ANSWER)
        )
    return Response(200, body, _headers())


def _refusal(error: KnownError) -> Response:
    status = status_of(error)
    told = problem_of(error)
    if status == 503:  # strangers are not told what is wrong here
        log.warning("A request cannot be answered now: %s", error.text())
        told = told.model_copy(update={"cause": ""})
    text = told.model_dump_json(exclude_defaults=True)
    # A client of the field looks for these words anywhere in the response.
    body = _text(text).replace(b"200 OK", b"200 \\u004fK")
    headers = [*_headers()]
    if status == 401:
        device = isinstance(error, DeviceAuthenticationError)
        challenge = 'Basic realm="EST"' if device else 'Bearer realm="REST"'
        headers.append(("WWW-Authenticate", challenge))
    if status in (429, 503):
        seconds = error.retry_after if isinstance(error, UnavailableError) else _RETRY_AFTER
        headers.append(("Retry-After", str(seconds)))
    if isinstance(error, HttpError) and error.allow:
        headers.append(("Allow", ", ".join(error.allow)))
    return Response(status, body, tuple(headers))


def _headers() -> tuple[tuple[str, str], ...]:
    return (("Content-Type", "application/json"), ("Cache-Control", "no-store"))


def _text(text: str) -> bytes:
    """JSON as sent: a client of the field takes a percent sign for a format."""
    return text.replace("%", "\\u0025").encode()
