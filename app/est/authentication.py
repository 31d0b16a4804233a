"""Who is asking: HTTP Basic, else the client certificate (RFC 7030 sections 3.2.3 and 3.3.2)."""

from app.core.credentials import basic_credentials
from app.core.errors import AuthenticationError
from app.core.language import _
from app.core.messages import Request
from app.models.domain.access import Actor
from app.models.domain.devices import MAX_NAME_LENGTH
from app.models.domain.est_servers import EstServer
from app.models.services.enrolment import Enrolment
from app.models.services.enrolment_identity import Credential, Identity
from app.models.services.registration import Newcomer


def authenticate(
    enrolment: Enrolment, server: EstServer, request: Request
) -> Identity | Newcomer | Actor:
    """The device behind a request, or the application; raises `AuthenticationError` and its kin.

    Credentials in the request decide when there are any: a client that sends both (Azure IoT
    Identity Service) means them.
    """
    address = request.peer.address
    header = request.headers.get("authorization")
    if header is not None:
        name, password = basic_credentials(header)
        application = enrolment.applications.by_key(server, name, password, address)
        return application or enrolment.by_password(server, name, password, address)
    if shown := request.peer.certificates:
        application = enrolment.applications.by_certificate(server, shown, address)
        return application or enrolment.by_certificate(server, shown, address)
    raise AuthenticationError(
        _("The request carries no credentials."),
        remedy=_("Send the device ID and password, or show the device's certificate."),
    )


def claimed(request: Request) -> tuple[str, str]:
    """Which credential came along, in words, and whose it claims to be, if that can be told."""
    header = request.headers.get("authorization")
    if header is not None:
        try:
            return Credential.PASSWORD.label, basic_credentials(header)[0][:MAX_NAME_LENGTH]
        except AuthenticationError:
            return _("unreadable credentials"), ""
    return (_("client certificate"), "") if request.peer.certificates else ("", "")
