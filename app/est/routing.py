"""At which EST server a client is let in, when several share a domain (DEC-09)."""

from app.core.errors import KnownError
from app.core.messages import Request
from app.est.authentication import authenticate, claimed
from app.models.domain.access import Actor
from app.models.domain.est_servers import EstServer
from app.models.services.enrolment import Enrolment
from app.models.services.enrolment_identity import Identity, only
from app.models.services.registration import Newcomer
from app.pki.chains import ClientCertificateError

Caller = Identity | Newcomer | Actor


def authenticate_among(
    enrolment: Enrolment, servers: tuple[EstServer, ...], request: Request
) -> tuple[tuple[EstServer, ...], Caller]:
    """Who asks, and the EST servers that can be meant: one for a device, more for an application.

    Raises what `authenticate` raises, and `AccessDeniedError` naming the candidates when more
    than one EST server serves the device.
    """
    if len(servers) == 1:
        return servers, authenticate(enrolment, servers[0], request)
    routing, shown = enrolment.routing, request.peer.certificates
    if "authorization" in request.headers or not shown:
        # only one of them looks at the password of nobody: that is slow, and is counted
        meant = routing.of_name(servers, claimed(request)[1]) or servers[:1]
    else:
        meant = routing.of_certificate(servers, shown[0])
    if not meant:
        return _by_unknown_certificate(enrolment, servers, request)
    caller = authenticate(enrolment, meant[0], request)
    return (meant if isinstance(caller, Actor) else (only(meant),)), caller


def _by_unknown_certificate(
    enrolment: Enrolment, servers: tuple[EstServer, ...], request: Request
) -> tuple[tuple[EstServer, ...], Caller]:
    """A device nobody created can be let in by any of the servers that trusts its maker."""
    callers: dict[EstServer, Caller] = {}
    refusals: list[KnownError] = []
    for server in servers:
        try:
            callers[server] = authenticate(enrolment, server, request)
        except KnownError as error:
            refusals.append(error)
    if not callers:
        # who verified the certificate says best what is wrong
        raise min(refusals, key=lambda error: isinstance(error, ClientCertificateError))
    server = only(tuple(callers))
    return (server,), callers[server]
