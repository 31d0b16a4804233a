"""Devices that prove at an EST server who they are: by password, or by certificate."""

from app.core.errors import AuthenticationError
from app.core.language import _
from app.models.domain.est_servers import EstServer
from app.models.services.devices.credentials import Credentials
from app.models.services.devices.records import device_by_name
from app.models.services.est.device_recognition import DeviceRecognition
from app.models.services.est.identity import Credential, Identity, identity_of, is_served
from app.models.services.est.registration import Newcomer
from app.models.services.store import Store
from app.models.services.throttle import Throttle


class DeviceAuthentication:
    """Tells which device asks, where the EST server takes what it shows.

    Safe to share by threads.
    """

    def __init__(
        self, store: Store, credentials: Credentials, recognition: DeviceRecognition
    ) -> None:
        self._store = store
        self._credentials = credentials
        self._recognition = recognition
        self._throttle = Throttle(store.clock)

    def by_password(self, server: EstServer, name: str, password: str, address: str) -> Identity:
        """The device with this ID and password (EST-12, DTP-05).

        Raises `AuthenticationError`, and `ThrottledError` after too many wrong passwords for
        this name from this address; from elsewhere the device still gets in.
        """
        if not server.password_authentication:
            raise AuthenticationError(
                _("This EST server does not take passwords."),
                remedy=_("Show the device's factory certificate."),
            )
        attempt = f"{address} {name}"
        self._throttle.check(attempt)
        with self._store.database.read() as connection:
            found = device_by_name(connection, server.tenant_id, name)
            if found is not None and not is_served(server, found):
                found = None
            try:
                self._credentials.verify(connection, found, password)
            except AuthenticationError:
                self._throttle.failed(attempt)
                raise
        self._throttle.succeeded(attempt)
        if found is None:  # unreachable: verify refuses an unknown device
            raise AuthenticationError(_("The device ID or the password is wrong."))
        return identity_of(found, Credential.PASSWORD, address)

    def by_certificate(
        self, server: EstServer, presented: tuple[bytes, ...], address: str
    ) -> Identity | Newcomer:
        """Whose certificate this is (EST-13, RFC 7030 section 3.3.2).

        `presented` is DER, the client's own certificate first. Raises `AuthenticationError`
        where none is taken, and what `DeviceRecognition.caller` raises.
        """
        if not server.certificate_authentication:
            raise AuthenticationError(
                _("This EST server does not take certificates."),
                remedy=_("Use the device ID and its password."),
            )
        with self._store.database.read() as connection:
            return self._recognition.caller(connection, server, presented, address)
