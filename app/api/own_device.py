"""What a device asks about and for itself, at the host name of its EST server (DT-17, DTC-06).

The rules are those of EST, and so is who gets in: each request carries the device's own
credentials. Only what goes over the wire differs.
"""

from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from app.api.certificate_object import Standing, base64_of, standing
from app.api.errors import DeviceAuthenticationError, status_of
from app.api.routes import PREFIX, Answer, Call, G, Given, Nothing, Route
from app.core.errors import (
    AccessDeniedError,
    AuthenticationError,
    ConflictError,
    KnownError,
    NotFoundError,
)
from app.core.language import _
from app.models.domain.access import Actor, Channel
from app.models.domain.certificates import Certificate
from app.models.domain.devices import DeviceMode
from app.models.domain.issuing import request_in
from app.models.domain.templates import CertificateKind
from app.models.services.devices.own_devices import OwnCertificate
from app.models.services.est.admission import Caller, Presented
from app.models.services.est.exchanges import OpenExchange
from app.models.services.est.registration import Newcomer
from app.models.services.workspace.workspace import Workspace
from app.pki.chains import ClientCertificateError

_DEVICE = f"{PREFIX}/device"
_CERTIFICATES = f"{_DEVICE}/certificates"


class HeldCertificate(Answer):
    """A certificate issued here to the device.

    The device can renew it from `renewable_from` on; null when it cannot at all.
    """

    certificate_id: int
    kind: CertificateKind
    status: Standing
    serial_number: str
    valid_from: datetime
    valid_until: datetime
    renewable_from: datetime | None


class OwnDeviceAnswer(Answer):
    """The device that asks, with its newest 20 certificates, the newest first."""

    name: str
    mode: DeviceMode
    device_type: str
    organization: str
    certificates: tuple[HeldCertificate, ...]


class RequestToRenew(Given):
    """A certification request (PEM, or base64 of its DER) with the names to renew."""

    csr: str


class RequestToCertify(RequestToRenew):
    """A certification request, and the operational template of the type that is not its default."""

    template_id: int | None = Field(default=None, ge=1, lt=10**18)


class EnrolledAnswer(Answer):
    """A certificate just issued, and the authorities above it, its issuer first.

    Each is base64 of its DER on one line. `name` is that of the device, which may be new.
    """

    name: str
    serial_number: str
    valid_from: datetime
    valid_until: datetime
    certificate: str
    chain: tuple[str, ...]


@dataclass(frozen=True)
class OwnCall(Call):
    """A request of `caller`, whom an EST server has let in."""

    exchange: OpenExchange
    caller: Caller


class OwnRoute(Route[OwnCall, G]):
    """What is asked at an EST server, and stands in its monitor; refusals as EST has them."""

    def answer(self, workspace: Workspace, call: Call) -> Answer:
        """What `run` answers to whom the EST server of the host lets in."""
        request = call.request
        presented = Presented(request.peer, request.headers.get("authorization"))
        operation = f"REST {self.path.removeprefix(f'{PREFIX}/')}"
        with workspace.est_exchanges.open(operation, presented, Channel.API) as exchange:
            try:
                exchange.arrive(request.host)
                caller = exchange.authenticate()
                own = OwnCall(request, call.actor, call.values, exchange, caller)
                return super().answer(workspace, own)
            except KnownError as error:
                refusal = _as_est_has_it(error, exchange)
                exchange.note_refused(error, status_of(refusal))
                raise refusal from None


def show_itself(workspace: Workspace, call: OwnCall, _given: Nothing) -> OwnDeviceAnswer:
    """What a device may know of itself; there is nothing of one that is not registered yet."""
    if isinstance(call.caller, Actor):
        raise AccessDeniedError(
            _("An application is no device."),
            remedy=_("Ask for the device below its organization, with an access token."),
        )
    if isinstance(call.caller, Newcomer):
        raise NotFoundError(
            _("This device is not registered yet."),
            remedy=_("Ask for an operational certificate: that registers it."),
        )
    own = workspace.own_devices.of(call.caller)
    now = workspace.store.clock.now()
    call.exchange.note(status=200, outcome=_("told about itself"))
    return OwnDeviceAnswer(
        name=own.device.name,
        mode=own.device.mode,
        device_type=own.device_type,
        organization=own.organization,
        certificates=tuple(_held(one, now) for one in own.certificates),
    )


def enrol_itself(workspace: Workspace, call: OwnCall, given: RequestToCertify) -> EnrolledAnswer:
    """A new operational certificate; a newcomer becomes a device by it."""
    csr = request_in(given.csr.encode())
    server, identity = call.exchange.accept(call.caller, csr)
    issued = workspace.enrolment.enrol(server, identity, csr, given.template_id)
    call.exchange.note_issued(identity, issued)
    return _enrolled(workspace, issued)


def renew_itself(workspace: Workspace, call: OwnCall, given: RequestToRenew) -> EnrolledAnswer:
    """A certificate in the place of the one shown, or of the newest one."""
    csr = request_in(given.csr.encode())
    server, identity = call.exchange.accept(call.caller, csr)
    issued = workspace.enrolment.reenrol(server, identity, csr)
    call.exchange.note_issued(identity, issued)
    return _enrolled(workspace, issued)


def _held(one: OwnCertificate, now: datetime) -> HeldCertificate:
    held = one.certificate
    return HeldCertificate(
        certificate_id=held.id,
        kind=held.kind,
        status=standing(held, now),
        serial_number=held.serial,
        valid_from=held.not_before,
        valid_until=held.not_after,
        renewable_from=one.renewable_from,
    )


def _enrolled(workspace: Workspace, issued: Certificate) -> EnrolledAnswer:
    return EnrolledAnswer(
        name=issued.name,
        serial_number=issued.serial,
        valid_from=issued.not_before,
        valid_until=issued.not_after,
        certificate=base64_of(issued.der),
        chain=tuple(base64_of(der) for der in workspace.own_devices.chain(issued)),
    )


def _as_est_has_it(error: KnownError, exchange: OpenExchange) -> KnownError:
    """The error with the status that EST gives it, where that of the REST API is another one."""
    kind: type[KnownError] | None = None
    if isinstance(error, (ClientCertificateError, ConflictError)):
        kind = AccessDeniedError
    elif isinstance(error, AuthenticationError):  # no challenge helps where no password counts
        kind = DeviceAuthenticationError if exchange.takes_passwords else AccessDeniedError
    if kind is None:
        return error
    return kind(error.problem, cause=error.cause, remedy=error.remedy, field=error.field)


ROUTES = (
    OwnRoute("GET", _DEVICE, "Show the device that asks", Nothing, OwnDeviceAnswer, show_itself),
    OwnRoute(
        "POST",
        _CERTIFICATES,
        "Issue an operational certificate to the device that asks",
        RequestToCertify,
        EnrolledAnswer,
        enrol_itself,
    ),
    OwnRoute(
        "POST",
        f"{_CERTIFICATES}/renew",
        "Renew the operational certificate of the device that asks",
        RequestToRenew,
        EnrolledAnswer,
        renew_itself,
    ),
)
