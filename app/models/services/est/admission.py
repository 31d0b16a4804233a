"""Who asks at an EST server, and at which one when several share a domain (DEC-09)."""

from dataclasses import dataclass, field

from app.core.credentials import basic_credentials
from app.core.errors import AuthenticationError, KnownError
from app.core.language import _
from app.core.messages import Peer
from app.models.domain.access import Actor
from app.models.domain.devices import MAX_NAME_LENGTH
from app.models.domain.est_servers import EstServer
from app.models.services.applications.enrolment import ApplicationEnrolment
from app.models.services.est.device_authentication import DeviceAuthentication
from app.models.services.est.identity import Credential, Identity, only
from app.models.services.est.registration import Newcomer
from app.models.services.est.routing import EstRouting, Servers
from app.pki.chains import ClientCertificateError

Caller = Identity | Newcomer | Actor
"""A device, one that nobody created yet, or an application."""


@dataclass(frozen=True)
class Presented:
    """What came along to prove who asks: certificates, HTTP Basic (RFC 7617), or both.

    `authorization` is the header field as sent, None when there is none.
    """

    peer: Peer
    authorization: str | None = field(default=None, repr=False)


class EstAdmission:
    """Lets devices and applications in; `routing` and `applications` are what it asks.

    Safe to share by threads.
    """

    def __init__(
        self,
        routing: EstRouting,
        devices: DeviceAuthentication,
        applications: ApplicationEnrolment,
    ) -> None:
        self.routing = routing
        self._devices = devices
        self.applications = applications

    def takes_passwords(self, server: EstServer) -> bool:
        """Whether HTTP Basic can let anybody in: devices, or an application."""
        return server.password_authentication or self.applications.any(server)

    def authenticate(self, servers: Servers, presented: Presented) -> tuple[Servers, Caller]:
        """Who asks (RFC 7030 sections 3.2.3 and 3.3.2), and the EST servers that can be meant.

        That is one for a device, and may be more for an application. Raises
        `AuthenticationError` and its kin, and `AccessDeniedError` naming the candidates when
        more than one EST server serves the device.
        """
        if len(servers) == 1:
            return servers, self._authenticate(servers[0], presented)
        shown = presented.peer.certificates
        if presented.authorization is not None or not shown:
            # only one of them looks at the password of nobody: that is slow, and is counted
            meant = self.routing.of_name(servers, claimed(presented)[1]) or servers[:1]
        else:
            meant = self.routing.of_certificate(servers, shown[0])
        if not meant:
            return self._by_unknown_certificate(servers, presented)
        caller = self._authenticate(meant[0], presented)
        return (meant if isinstance(caller, Actor) else (only(meant),)), caller

    def _authenticate(self, server: EstServer, presented: Presented) -> Caller:
        """Who asks at this EST server.

        Credentials in the request decide when there are any: a client that sends both (Azure IoT
        Identity Service) means them.
        """
        address = presented.peer.address
        if presented.authorization is not None:
            name, password = basic_credentials(presented.authorization)
            application = self.applications.by_key(server, name, password, address)
            return application or self._devices.by_password(server, name, password, address)
        if shown := presented.peer.certificates:
            application = self.applications.by_certificate(server, shown, address)
            return application or self._devices.by_certificate(server, shown, address)
        raise AuthenticationError(
            _("The request carries no credentials."),
            remedy=_("Send the device ID and password, or show the device's certificate."),
        )

    def _by_unknown_certificate(
        self, servers: Servers, presented: Presented
    ) -> tuple[Servers, Caller]:
        """A device nobody created can be let in by any of the servers that trusts its maker."""
        callers: dict[EstServer, Caller] = {}
        refusals: list[KnownError] = []
        for server in servers:
            try:
                callers[server] = self._authenticate(server, presented)
            except KnownError as error:
                refusals.append(error)
        if not callers:
            # who verified the certificate says best what is wrong
            raise min(refusals, key=lambda error: isinstance(error, ClientCertificateError))
        server = only(tuple(callers))
        return (server,), callers[server]


def claimed(presented: Presented) -> tuple[str, str]:
    """Which credential came along, in words, and whose it claims to be, if that can be told."""
    if presented.authorization is not None:
        try:
            name = basic_credentials(presented.authorization)[0]
        except AuthenticationError:
            return _("unreadable credentials"), ""
        return Credential.PASSWORD.label, name[:MAX_NAME_LENGTH]
    return (_("client certificate"), "") if presented.peer.certificates else ("", "")
