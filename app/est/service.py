"""The EST operations: a request in, a response out, a line in the monitor, a refusal on record."""

import logging
from dataclasses import dataclass, replace
from time import perf_counter

from app.core.clock import Clock
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
from app.core.language import _
from app.core.messages import Request, Response
from app.est.authentication import authenticate, claimed
from app.est.encoding import decode_request, encode_response
from app.est.pop import check_linking
from app.models.domain.access import Actor, Channel
from app.models.domain.certificates import Certificate
from app.models.domain.est_servers import EstServer
from app.models.services.audit import AuditLog
from app.models.services.enrolment import Enrolment
from app.models.services.enrolment_identity import Credential, Identity
from app.models.services.est_monitor import EstExchange, EstMonitor
from app.models.services.registration import Newcomer
from app.pki.certificates import CertificateError, read_certificate
from app.pki.chains import ClientCertificateError
from app.pki.csr import parse_csr
from app.pki.names import subject_text
from app.pki.pkcs7 import certs_only
from app.pki.tokens import TOKEN_FIELDS

log = logging.getLogger(__name__)

PREFIX = "/.well-known/est"
_METHODS = {
    "cacerts": "GET",
    "csrattrs": "GET",
    "simpleenroll": "POST",
    "simplereenroll": "POST",
}
_CERTIFICATES = "application/pkcs7-mime; smime-type=certs-only"
_NO_STORE = ("Cache-Control", "no-store")
_RETRY_AFTER = 60  # seconds, for what a person has to see to
_STATUS: tuple[tuple[type[KnownError], int], ...] = (
    (ClientCertificateError, 403),
    (AuthenticationError, 401),
    (AccessDeniedError, 403),
    (ConflictError, 403),
    (InvalidInputError, 400),
    (NotFoundError, 404),
    (ThrottledError, 429),
    (UnavailableError, 503),
)


class MethodError(KnownError):
    """The operation exists but not with this HTTP method; `allowed` is the one it has."""

    def __init__(self, allowed: str) -> None:
        super().__init__(_("This operation takes {method} only.").format(method=allowed))
        self.allowed = allowed


class MediaTypeError(KnownError):
    """The body is of a type or in a coding that is not taken here."""


@dataclass
class _Progress:
    """What is known of a request so far, for the monitor."""

    exchange: EstExchange
    server: EstServer | None = None
    actor: Actor | None = None


class EstService:
    """Answers EST requests. Safe to share by threads."""

    def __init__(
        self, enrolment: Enrolment, monitor: EstMonitor, audit: AuditLog, clock: Clock
    ) -> None:
        self._enrolment = enrolment
        self._monitor = monitor
        self._audit = audit
        self._clock = clock

    def handle(self, request: Request) -> Response:
        """Answer one request. Never raises: what is our own fault becomes a plain 500."""
        started = perf_counter()
        progress = _Progress(
            EstExchange(
                at=self._clock.now(),
                address=request.peer.address,
                operation=request.target.removeprefix(f"{PREFIX}/").partition("?")[0][:64],
                status=0,
                outcome="",
                tls=request.peer.tls,
                certificate_subject=_presented_subject(request),
            )
        )
        try:
            response = self._answer(request, progress)
        except KnownError as error:
            response = self._refuse(error, progress)
        except Exception:  # the listener must live on; the log has the story
            log.exception("Answering %s failed", progress.exchange.operation)
            response = _plain(500, _("Something went wrong here. Try again later."))
            self._note(progress, status=500, outcome=_("internal error, see the log"))
        duration = (perf_counter() - started) * 1000
        self._monitor.record(replace(progress.exchange, duration_ms=duration))
        return response

    def handshake_failed(self, address: str, reason: str, subject: str) -> None:
        """Note a TLS handshake that never became a request."""
        self._monitor.record(
            EstExchange(
                at=self._clock.now(),
                address=address,
                operation="TLS",
                status=0,
                outcome=_("handshake failed"),
                problem=_("The TLS handshake failed."),
                cause=reason,
                remedy=_("Check the client's TLS versions and that it trusts this EST server."),
                certificate_subject=subject,
            )
        )

    def _answer(self, request: Request, progress: _Progress) -> Response:
        operation = _operation(request)
        server = progress.server = self._enrolment.server_for(_host(request))
        if operation == "csrattrs":
            self._note(progress, status=204, outcome=_("nothing to ask for"))
            return Response(204)
        if operation == "cacerts":
            certificates = self._enrolment.ca_certificates(server)
            self._note(
                progress,
                status=200,
                outcome=_("{count} certificates").format(count=len(certificates)),
            )
            return _certificates_response(certificates, server, request)
        issued = self._issue(operation, server, request, progress)
        return _certificates_response((issued.der,), server, request, _NO_STORE)

    def _issue(
        self, operation: str, server: EstServer, request: Request, progress: _Progress
    ) -> Certificate:
        _check_media_type(request)
        showed, name = claimed(request)
        self._note(progress, showed=showed, device=name)
        caller = authenticate(self._enrolment, server, request)
        self._note_caller(progress, caller)
        csr = parse_csr(decode_request(request.body))
        check_linking(csr, request.peer, required=server.require_pop)
        identity: Identity | Newcomer
        if isinstance(caller, Actor):
            identity = self._enrolment.applications.device_for(server, caller, csr)
            self._note(progress, device=identity.device.name)
        else:
            identity = caller
        issue = self._enrolment.enrol if operation == "simpleenroll" else self._enrolment.reenrol
        issued = issue(server, identity, csr)
        new = isinstance(identity, Newcomer)
        outcome = _("new device, issued {serial}") if new else _("issued {serial}")
        self._note(progress, status=200, outcome=outcome.format(serial=issued.serial))
        return issued

    def _refuse(self, error: KnownError, progress: _Progress) -> Response:
        status = _status_of(error)
        server = progress.server
        if status == 401 and not (server and self._enrolment.takes_passwords(server)):
            status = 403  # no challenge could help (RFC 9110 section 15.5.2)
        self._note(
            progress,
            status=status,
            outcome=_("refused"),
            problem=error.problem,
            cause=error.cause,
            remedy=error.remedy,
        )
        self._record_refusal(error, progress)
        if status == 401:
            # Bouncy Castle cannot bear a body here (DEC-22)
            return Response(401, b"", (("WWW-Authenticate", 'Basic realm="EST"'), _NO_STORE))
        headers: tuple[tuple[str, str], ...] = ()
        if status in (429, 503):
            seconds = error.retry_after if isinstance(error, UnavailableError) else _RETRY_AFTER
            headers = (("Retry-After", str(seconds)),)
        if isinstance(error, MethodError):
            headers = (("Allow", error.allowed),)
        return _plain(status, error.text(), *headers)

    def _record_refusal(self, error: KnownError, progress: _Progress) -> None:
        exchange, server = progress.exchange, progress.server
        actor = Actor("unknown", Channel.EST, address=exchange.address)
        if progress.actor is not None:
            actor = progress.actor
        try:
            self._audit.record_refusal(
                actor,
                "est.refuse",
                "est-server",
                None if server is None else server.id,
                exchange.operation if server is None else server.name,
                reason=error.text(),
            )
        except KnownError:  # a full disk must not keep the device from its answer
            log.exception("A refusal could not be recorded")

    def _note_caller(self, progress: _Progress, caller: Identity | Newcomer | Actor) -> None:
        if isinstance(caller, Actor):
            progress.actor = caller
            self._note(progress, showed=Credential.APPLICATION.label, device=caller.name)
        else:
            progress.actor = caller.actor
            self._note(progress, showed=caller.credential.label, device=caller.name)

    def _note(self, progress: _Progress, **values: object) -> None:
        progress.exchange = replace(progress.exchange, **values)  # type: ignore[arg-type]  # own fields


def _operation(request: Request) -> str:
    """The operation a target names; labels, encodings and detours name none (EST-URI-04, 05)."""
    path = request.target.partition("?")[0]
    operation = path.removeprefix(f"{PREFIX}/")
    if operation == path or operation not in _METHODS:
        raise NotFoundError(_("There is nothing here."), cause=_("The path names no operation."))
    if request.method != _METHODS[operation]:
        raise MethodError(_METHODS[operation])
    return operation


def _host(request: Request) -> str:
    """The host name a request is for, without the port, lower case."""
    host = request.headers.get("host", "").strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _check_media_type(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if kind != "application/pkcs10" or coding != "identity":
        raise MediaTypeError(
            _("The body is not of the type application/pkcs10."),
            remedy=_("Send Content-Type: application/pkcs10 and no Content-Encoding."),
        )


def _status_of(error: KnownError) -> int:
    if isinstance(error, MethodError):
        return 405
    if isinstance(error, MediaTypeError):
        return 415
    if error.field in TOKEN_FIELDS:
        return 503
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 400)


def _certificates_response(
    certificates: tuple[bytes, ...],
    server: EstServer,
    request: Request,
    *headers: tuple[str, str],
) -> Response:
    body = encode_response(
        certs_only(certificates), server.base64_form, request.headers.get("user-agent")
    )
    return Response(
        200,
        body,
        (("Content-Type", _CERTIFICATES), ("Content-Transfer-Encoding", "base64"), *headers),
    )


def _plain(status: int, text: str, *headers: tuple[str, str]) -> Response:
    content_type = ("Content-Type", "text/plain; charset=utf-8")
    return Response(status, f"{text}\n".encode()[:1024], (content_type, _NO_STORE, *headers))


def _presented_subject(request: Request) -> str:
    if not request.peer.certificates:
        return ""
    try:
        return subject_text(read_certificate(request.peer.certificates[0]).subject)
    except CertificateError:
        return _("unreadable certificate")
