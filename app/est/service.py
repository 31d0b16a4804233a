"""The EST operations: a request in, a response out."""

import logging

from app.core.errors import KnownError
from app.core.language import _
from app.core.messages import Request, Response
from app.est.encoding import decode_request
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
from app.est.targets import nothing_here, target_of
from app.models.domain.access import Channel
from app.models.domain.est_servers import EST_PATH
from app.models.services.est.admission import Presented
from app.models.services.est.enrolment import Enrolment
from app.models.services.est.exchanges import EstExchanges, OpenExchange
from app.models.services.est.terms import EnrolmentTerms
from app.pki.csr import parse_csr, parse_csr_unverified

log = logging.getLogger(__name__)

# The INeS SDK names its request like an answer.
_REQUEST_TYPES = ("application/pkcs10", "application/pkcs7")


class EstService:
    """Answers EST requests. Safe to share by threads."""

    def __init__(
        self, enrolment: Enrolment, terms: EnrolmentTerms, exchanges: EstExchanges
    ) -> None:
        self._enrolment = enrolment
        self._terms = terms
        self._exchanges = exchanges

    def handle(self, request: Request) -> Response:
        """Answer one request. Never raises: what is our own fault becomes a plain 500."""
        operation = request.target.removeprefix(f"{EST_PATH}/").partition("?")[0]
        presented = Presented(request.peer, request.headers.get("authorization"))
        try:
            with self._exchanges.open(operation, presented, Channel.EST) as exchange:
                try:
                    return self._answer(request, exchange)
                except KnownError as error:
                    return _refuse(error, exchange)
        except Exception:  # the listener must live on; the log has the story
            log.exception("Answering %s failed", operation[:64])
            return plain(500, _("Something went wrong here. Try again later."))

    def handshake_failed(self, address: str, reason: str, subject: str) -> None:
        """Note a TLS handshake that never became a request."""
        self._exchanges.handshake_failed(address, reason, subject)

    def _answer(self, request: Request, exchange: OpenExchange) -> Response:
        target = target_of(request)
        servers = exchange.arrive(target.host, target.label)
        if target.operation == "csrattrs":
            return self._csr_attributes(request, exchange)
        if target.operation == "cacerts":
            return self._ca_certificates(request, exchange)
        if target.operation == "serverkeygen":
            exchange.servers = tuple(one for one in servers if one.server_key_generation)
            if not exchange.servers:
                raise nothing_here()
        return self._enrol(target.operation, request, exchange)

    def _csr_attributes(self, request: Request, exchange: OpenExchange) -> Response:
        attributes = self._terms.csr_attributes(exchange.servers)
        if not attributes:
            exchange.note(status=204, outcome=_("nothing to ask for"))
            return Response(204)
        exchange.note(status=200, outcome=_("CSR attributes"))
        return csr_attributes_response(attributes, exchange.servers[0], request)

    def _ca_certificates(self, request: Request, exchange: OpenExchange) -> Response:
        certificates = self._terms.ca_certificates(exchange.servers)
        outcome = _("{count} certificates").format(count=len(certificates))
        exchange.note(status=200, outcome=outcome)
        return certificates_response(certificates, exchange.servers[0], request)

    def _enrol(self, operation: str, request: Request, exchange: OpenExchange) -> Response:
        _check_media_type(request)
        caller = exchange.authenticate()
        der = decode_request(request.body)
        if operation == "serverkeygen":
            unproven = parse_csr_unverified(der)
            server, identity = exchange.accept(caller, unproven)
            issued, key = self._enrolment.enrol_with_new_key(server, identity, unproven)
            response = key_response(key, issued.der, server, request)
        else:
            csr = parse_csr(der)
            server, identity = exchange.accept(caller, csr)
            again = operation == "simplereenroll"
            issue = self._enrolment.reenrol if again else self._enrolment.enrol
            issued = issue(server, identity, csr)
            response = certificates_response((issued.der,), server, request, NO_STORE)
        exchange.note_issued(identity, issued)
        return response


def _refuse(error: KnownError, exchange: OpenExchange) -> Response:
    status = status_of(error)
    if status == 401 and not exchange.takes_passwords:
        status = 403  # no challenge could help (RFC 9110 section 15.5.2)
    exchange.note_refused(error, status)
    return refusal(error, status)


def _check_media_type(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if kind not in _REQUEST_TYPES or coding != "identity":
        raise MediaTypeError(
            _("The body is not of the type application/pkcs10."),
            remedy=_("Send Content-Type: application/pkcs10 and no Content-Encoding."),
        )
