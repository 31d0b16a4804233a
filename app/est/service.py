"""The EST operations: a request in, a response out, a line in the monitor, a refusal on record."""

import logging
from dataclasses import dataclass, replace
from time import perf_counter

from app.core.clock import Clock
from app.core.errors import KnownError
from app.core.language import _
from app.core.messages import Request, Response
from app.est.authentication import claimed
from app.est.encoding import decode_request
from app.est.pop import check_linking
from app.est.responses import (
    NO_STORE,
    MediaTypeError,
    certificates_response,
    csr_attributes_response,
    key_response,
    plain,
    refusal,
    status_of,
)
from app.est.routing import Caller, authenticate_among
from app.est.targets import PREFIX, nothing_here, target_of
from app.models.domain.access import Actor, Channel
from app.models.domain.certificates import Certificate
from app.models.domain.est_servers import EstServer
from app.models.services.audit import AuditLog
from app.models.services.enrolment import Enrolment
from app.models.services.enrolment_identity import Credential, Identity
from app.models.services.est_monitor import EstExchange, EstMonitor
from app.models.services.est_routing import admitting
from app.models.services.registration import Newcomer
from app.pki.certificates import CertificateError, read_certificate
from app.pki.csr import RequestContents, parse_csr, parse_csr_unverified
from app.pki.names import subject_text

log = logging.getLogger(__name__)

# The INeS SDK names its request like an answer.
_REQUEST_TYPES = ("application/pkcs10", "application/pkcs7")


@dataclass
class _Progress:
    """What is known of a request so far, for the monitor."""

    exchange: EstExchange
    servers: tuple[EstServer, ...] = ()  # those that can be meant
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
            response = plain(500, _("Something went wrong here. Try again later."))
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
        target = target_of(request)
        progress.servers = self._enrolment.routing.servers_for(target.host, target.label)
        progress.servers = admitting(progress.servers, request.peer.address)
        if target.operation == "csrattrs":
            return self._csr_attributes(request, progress)
        if target.operation == "cacerts":
            return self._ca_certificates(request, progress)
        if target.operation == "serverkeygen":
            progress.servers = tuple(one for one in progress.servers if one.server_key_generation)
            if not progress.servers:
                raise nothing_here()
        return self._enrol(target.operation, request, progress)

    def _csr_attributes(self, request: Request, progress: _Progress) -> Response:
        attributes = self._enrolment.terms.csr_attributes(progress.servers)
        if not attributes:
            self._note(progress, status=204, outcome=_("nothing to ask for"))
            return Response(204)
        self._note(progress, status=200, outcome=_("CSR attributes"))
        return csr_attributes_response(attributes, progress.servers[0], request)

    def _ca_certificates(self, request: Request, progress: _Progress) -> Response:
        certificates = self._enrolment.terms.ca_certificates(progress.servers)
        outcome = _("{count} certificates").format(count=len(certificates))
        self._note(progress, status=200, outcome=outcome)
        return certificates_response(certificates, progress.servers[0], request)

    def _enrol(self, operation: str, request: Request, progress: _Progress) -> Response:
        _check_media_type(request)
        showed, name = claimed(request)
        self._note(progress, showed=showed, device=name)
        progress.servers, caller = authenticate_among(self._enrolment, progress.servers, request)
        self._note_caller(progress, caller)
        der = decode_request(request.body)
        if operation == "serverkeygen":
            unproven = parse_csr_unverified(der)
            server, identity = self._accepted(request, progress, caller, unproven)
            issued, key = self._enrolment.enrol_with_new_key(server, identity, unproven)
            response = key_response(key, issued.der, server, request)
        else:
            csr = parse_csr(der)
            server, identity = self._accepted(request, progress, caller, csr)
            again = operation == "simplereenroll"
            issue = self._enrolment.reenrol if again else self._enrolment.enrol
            issued = issue(server, identity, csr)
            response = certificates_response((issued.der,), server, request, NO_STORE)
        self._note_issued(progress, identity, issued)
        return response

    def _accepted(
        self, request: Request, progress: _Progress, caller: Caller, csr: RequestContents
    ) -> tuple[EstServer, Identity | Newcomer]:
        """The EST server and whom it enrols: an application asks for the device that it names."""
        identity: Identity | Newcomer
        if isinstance(caller, Actor):
            applications = self._enrolment.applications
            server, identity = applications.device_for(progress.servers, caller, csr)
            progress.servers = (server,)
            self._note(progress, device=identity.name)
        else:
            (server,), identity = progress.servers, caller
        check_linking(csr, request.peer, required=server.require_pop)
        return server, identity

    def _refuse(self, error: KnownError, progress: _Progress) -> Response:
        status = status_of(error)
        takes_passwords = self._enrolment.takes_passwords
        if status == 401 and not any(takes_passwords(server) for server in progress.servers):
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
        return refusal(error, status)

    def _record_refusal(self, error: KnownError, progress: _Progress) -> None:
        exchange = progress.exchange
        server = progress.servers[0] if len(progress.servers) == 1 else None
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

    def _note_issued(
        self, progress: _Progress, identity: Identity | Newcomer, issued: Certificate
    ) -> None:
        new = isinstance(identity, Newcomer)
        outcome = _("new device, issued {serial}") if new else _("issued {serial}")
        self._note(progress, status=200, outcome=outcome.format(serial=issued.serial))

    def _note_caller(self, progress: _Progress, caller: Caller) -> None:
        if isinstance(caller, Actor):
            progress.actor = caller
            self._note(progress, showed=Credential.APPLICATION.label, device=caller.name)
        else:
            progress.actor = caller.actor
            self._note(progress, showed=caller.credential.label, device=caller.name)

    def _note(self, progress: _Progress, **values: object) -> None:
        progress.exchange = replace(progress.exchange, **values)  # type: ignore[arg-type]  # own fields


def _check_media_type(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if kind not in _REQUEST_TYPES or coding != "identity":
        raise MediaTypeError(
            _("The body is not of the type application/pkcs10."),
            remedy=_("Send Content-Type: application/pkcs10 and no Content-Encoding."),
        )


def _presented_subject(request: Request) -> str:
    if not request.peer.certificates:
        return ""
    try:
        return subject_text(read_certificate(request.peer.certificates[0]).subject)
    except CertificateError:
        return _("unreadable certificate")
