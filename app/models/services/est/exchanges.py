"""Requests at EST servers under way: let in, noted for the monitor, and a refusal on record."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from time import perf_counter

from app.core.clock import Clock
from app.core.errors import KnownError
from app.core.language import _
from app.core.messages import Peer
from app.models.domain.access import Actor, Channel
from app.models.domain.certificates import Certificate
from app.models.domain.est_servers import EstServer
from app.models.services.audit.log import AuditLog
from app.models.services.est.admission import Caller, EstAdmission, Presented, claimed
from app.models.services.est.identity import Credential, Identity
from app.models.services.est.monitor import EstExchange, EstMonitor
from app.models.services.est.pop_linking import check_linking
from app.models.services.est.registration import Newcomer
from app.models.services.est.routing import admitting
from app.pki.certificates import CertificateError, read_certificate
from app.pki.csr import RequestContents
from app.pki.names import subject_text

log = logging.getLogger(__name__)


class OpenExchange:
    """One request whose answer is still to come; for the thread that answers it.

    `seen` is what is known of it so far, `servers` the EST servers that it can be for.
    """

    def __init__(
        self,
        admission: EstAdmission,
        audit: AuditLog,
        presented: Presented,
        seen: EstExchange,
        channel: Channel,
    ) -> None:
        self.seen = seen
        self.servers: tuple[EstServer, ...] = ()
        self._admission = admission
        self._audit = audit
        self._presented = presented
        self._actor = Actor("unknown", channel, address=seen.address)

    @property
    def takes_passwords(self) -> bool:
        """Whether HTTP Basic could let anybody in."""
        return any(self._admission.takes_passwords(server) for server in self.servers)

    def arrive(self, host: str, label: str = "") -> tuple[EstServer, ...]:
        """The EST servers that `host` and label lead to and that take the client's address.

        Raises `NotFoundError` when there is none, `AccessDeniedError` for the address (EST-14).
        """
        self.servers = self._admission.routing.servers_for(host, label)
        self.servers = admitting(self.servers, self.seen.address)
        return self.servers

    def authenticate(self) -> Caller:
        """Who asks; raises what `EstAdmission.authenticate` raises."""
        showed, name = claimed(self._presented)
        self.note(showed=showed, device=name)
        self.servers, caller = self._admission.authenticate(self.servers, self._presented)
        caller = _through(self._actor.channel, caller)
        if isinstance(caller, Actor):
            self._actor, credential = caller, Credential.APPLICATION
        else:
            self._actor, credential = caller.actor, caller.credential
        self.note(showed=credential.label, device=caller.name)
        return caller

    def accept(self, caller: Caller, csr: RequestContents) -> tuple[EstServer, Identity | Newcomer]:
        """The EST server and whom it enrols: an application asks for the device that it names.

        Raises `AccessDeniedError` when that is not a device of the EST server, and what
        `check_linking` raises.
        """
        identity: Identity | Newcomer
        if isinstance(caller, Actor):
            server, identity = self._admission.applications.device_for(self.servers, caller, csr)
            self.servers = (server,)
            self.note(device=identity.name)
        else:
            (server,), identity = self.servers, caller
        check_linking(csr, self._presented.peer, required=server.require_pop)
        return server, identity

    def note(self, **values: object) -> None:
        """Add to what is known; the names are those of `EstExchange`."""
        self.seen = replace(self.seen, **values)  # type: ignore[arg-type]  # its own fields

    def note_issued(self, identity: Identity | Newcomer, issued: Certificate) -> None:
        """A certificate is the answer."""
        new = isinstance(identity, Newcomer)
        outcome = _("new device, issued {serial}") if new else _("issued {serial}")
        self.note(status=200, outcome=outcome.format(serial=issued.serial))

    def note_refused(self, error: KnownError, status: int) -> None:
        """A refusal with this HTTP status is the answer; it goes into the audit log, too."""
        self.note(
            status=status,
            outcome=_("refused"),
            problem=error.problem,
            cause=error.cause,
            remedy=error.remedy,
        )
        server = self.servers[0] if len(self.servers) == 1 else None
        try:
            self._audit.record_refusal(
                self._actor,
                "est.refuse",
                "est-server",
                None if server is None else server.id,
                self.seen.operation if server is None else server.name,
                reason=error.text(),
            )
        except KnownError:  # a full disk must not keep the device from its answer
            log.exception("A refusal could not be recorded")


class EstExchanges:
    """Sees to it that whatever reaches an EST server stands in the monitor.

    Safe to share by threads.
    """

    def __init__(
        self, admission: EstAdmission, monitor: EstMonitor, audit: AuditLog, clock: Clock
    ) -> None:
        self._admission = admission
        self._monitor = monitor
        self._audit = audit
        self._clock = clock

    @contextmanager
    def open(
        self, operation: str, presented: Presented, channel: Channel
    ) -> Iterator[OpenExchange]:
        """An exchange that is told to the monitor when it is over, however it ends."""
        started = perf_counter()
        seen = EstExchange(
            at=self._clock.now(),
            address=presented.peer.address,
            operation=operation[:64],
            status=0,
            outcome="",
            tls=presented.peer.tls,
            certificate_subject=_subject(presented.peer),
        )
        exchange = OpenExchange(self._admission, self._audit, presented, seen, channel)
        try:
            yield exchange
        except KnownError:
            raise
        except Exception:
            exchange.note(status=500, outcome=_("internal error, see the log"))
            raise
        finally:
            duration = (perf_counter() - started) * 1000
            self._monitor.record(replace(exchange.seen, duration_ms=duration))

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


def _through(channel: Channel, caller: Caller) -> Caller:
    """Who asks, as somebody who came by the channel."""
    if isinstance(caller, Actor):
        return replace(caller, channel=channel)
    return replace(caller, actor=replace(caller.actor, channel=channel))


def _subject(peer: Peer) -> str:
    """Whom the certificate that was shown is for."""
    if not peer.certificates:
        return ""
    try:
        return subject_text(read_certificate(peer.certificates[0]).subject)
    except CertificateError:
        return _("unreadable certificate")
