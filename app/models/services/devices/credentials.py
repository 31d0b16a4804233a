"""Device passwords: set, check, and hand over once as a small file (DTP-01..09, DEC-13, DEC-23)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, bindparam, delete, insert, select

from app.core.errors import ConflictError, NotFoundError
from app.core.language import _
from app.models.db.tables import device_credential, secret
from app.models.domain.access import Actor, Operation
from app.models.domain.device_types import DeviceType
from app.models.domain.devices import Device, DeviceEvent, check_password
from app.models.domain.events import DeviceChanged
from app.models.services.device_types.device_types import DeviceTypes
from app.models.services.devices.records import device_in_reach, record_event
from app.models.services.recognition import RecognisedSecrets
from app.models.services.secrets import Purpose, destroy_secret, keep_secret, read_secret
from app.models.services.store import Change, Store
from app.pki.passwords import hash_password, new_password, refuse_unknown, verify_password
from app.pki.sealing import KdfCost


@dataclass(frozen=True)
class HashedPassword:
    """A device password and its slow hash, made before a transaction that it would hold up."""

    password: str
    hash: str

    def __repr__(self) -> str:
        return "HashedPassword()"


@dataclass(frozen=True)
class DeviceCredential:
    """What a credential file holds: the device's name, which is its ID, and its password."""

    name: str
    password: str = field(repr=False)

    def file(self) -> bytes:
        """The file (UTF-8 text)."""
        return f"Device ID: {self.name}\nPassword: {self.password}\n".encode()

    @classmethod
    def read(cls, file: bytes) -> "DeviceCredential":
        """What stands in a file that `file` made; neither value has a line end in it."""
        name, password = (line.partition(": ")[2] for line in file.decode().splitlines())
        return cls(name, password)


# Made once: building a statement costs as much as running it.
_OF_DEVICE = select(device_credential).where(
    device_credential.c.device_id == bindparam("device_id")
)


class Credentials:
    """Device ID and password of devices. Safe to share by threads."""

    def __init__(self, store: Store, device_types: DeviceTypes, cost: KdfCost) -> None:
        self._store = store
        self._device_types = device_types
        self._cost = cost
        self._recognised = RecognisedSecrets()

    def hash(self, password: str) -> HashedPassword:
        """Check the password and hash it slowly; raises `InvalidInputError`, field `password`."""
        check_password(password)
        return HashedPassword(password, hash_password(password, self._cost))

    def set_password(
        self, change: Change, device: Device, device_type: DeviceType, hashed: HashedPassword
    ) -> Device:
        """Give the device a password in place of any it had; its file can be downloaded once.

        Raises `ConflictError` when the type uses no passwords or the device is disabled.
        """
        if not device_type.password_enabled:
            raise ConflictError(
                _("Devices of the type {type} have no password.").format(type=device_type.name),
                remedy=_("Enable Device ID/Password in the device type."),
                field="password",
            )
        old = _credential(change.connection, device.id)
        if old is not None:
            destroy_secret(change, old.secret_id)
            change.connection.execute(
                delete(device_credential).where(device_credential.c.device_id == device.id)
            )
        until = change.now + timedelta(hours=device_type.password_retention_hours)
        file = DeviceCredential(device.name, hashed.password).file()
        secret_id = keep_secret(change, self._store.vault, Purpose.DEVICE_CREDENTIAL, file, until)
        change.connection.execute(
            insert(device_credential).values(
                device_id=device.id, password_hash=hashed.hash, secret_id=secret_id
            )
        )
        change.audit("credential.set", "device", device.id, device.name)
        return record_event(change, device, DeviceEvent.CREDENTIAL_SET)

    def reset_password(self, actor: Actor, device_id: int, password: str | None) -> str:
        """Set a new password, a random one for None, and return it (DEC-13).

        Raises what `hash` and `set_password` raise, and `NotFoundError`.
        """
        hashed = self.hash(password or new_password())
        with self._store.change(actor) as change:
            device = device_in_reach(change.connection, actor, Operation.DEVICE_MANAGE, device_id)
            device_type = self._device_types.of_device(change.connection, device)
            self.set_password(change, device, device_type, hashed)
        return hashed.password

    def download(self, actor: Actor, device_id: int) -> bytes:
        """The credential file (UTF-8 text), for the only time: it is destroyed first (DTP-09).

        Raises `NotFoundError` when it was downloaded already or its time is over.
        """
        with self._store.change(actor) as change:
            device = device_in_reach(change.connection, actor, Operation.SECRET_DOWNLOAD, device_id)
            credential = _credential(change.connection, device.id)
            if credential is None or self.available(change.connection, device.id) is None:
                raise _no_file(device)
            secret_id = credential.secret_id
            content = read_secret(change.connection, self._store.vault, secret_id)
            destroy_secret(change, secret_id)
            change.audit(
                "secret.download", "device", device.id, device.name, after={"kind": "credential"}
            )
            change.publish(DeviceChanged(device.id))
        return content

    def available_until(self, actor: Actor, device_id: int) -> datetime | None:
        """Until when the actor can download the credential file; None when it is not there.

        Raises `AccessDeniedError` and `NotFoundError` as `download` does.
        """
        with self._store.read(actor) as connection:
            device_in_reach(connection, actor, Operation.SECRET_DOWNLOAD, device_id)
            return self.available(connection, device_id)

    def available(self, connection: Connection, device_id: int) -> datetime | None:
        """Until when the credential file can be downloaded; None when it is not there."""
        until = connection.execute(
            select(secret.c.destroy_after)
            .join(device_credential, device_credential.c.secret_id == secret.c.id)
            .where(device_credential.c.device_id == device_id, secret.c.wrapped_key.is_not(None))
        ).scalar()
        return until if until is not None and until > self._store.clock.now() else None

    def verify(self, connection: Connection, device: Device | None, password: str) -> None:
        """Raise `AuthenticationError` unless `password` is the device's.

        An unknown device, or one without a password, costs as much as a wrong password. After
        one good check a password is recognised by a keyed hash in memory, bound to the stored
        slow hash, so that a changed password is refused at once (DEC-23).
        """
        row = None if device is None else _credential(connection, device.id)
        stored = None if row is None else row.password_hash
        if stored is None:
            refuse_unknown(password, self._cost)
        if not self._recognised.knows(stored, password):
            verify_password(password, stored)
            self._recognised.remember(stored, password)


def _credential(connection: Connection, device_id: int) -> Row[tuple[object, ...]] | None:
    return connection.execute(_OF_DEVICE, {"device_id": device_id}).first()


def _no_file(device: Device) -> NotFoundError:
    return NotFoundError(
        _("The credential file of {name} is gone.").format(name=device.name),
        cause=_("It was downloaded once or its retention time is over."),
        remedy=_("Set a new password; the old one cannot be recovered."),
    )
