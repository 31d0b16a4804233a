"""What files for a client are made of, and what is made."""

from dataclasses import dataclass, field
from enum import StrEnum

from app.models.domain.est_servers import EstServer, est_path
from app.pki.keys import KeyAlgorithm

KEYS = (KeyAlgorithm.EC_P256, KeyAlgorithm.RSA_2048)
"""The keys that every one of the clients can make."""


class EstClient(StrEnum):
    """A program that enrols devices."""

    AZURE = "azure"
    CURL = "curl"
    LIBEST = "libest"
    STRONGSWAN = "strongswan"


class ClientCredential(StrEnum):
    """What a client shows to get its first certificate (DEC-05).

    `PASSWORD` is HTTP Basic: a device's ID and password, or an application's AppID and AppKey.
    """

    PASSWORD = "password"  # noqa: S105  a kind of credential, not one
    FACTORY = "factory"
    APPLICATION = "application"


@dataclass(frozen=True)
class ClientSetup:
    """An EST server as one client meets it.

    The label that the client uses stands in `server`. `device` is the name of the device, empty
    when each is to fill in its own. `accepted_keys` are those of the operational template,
    `applications` whether the EST server lets any in. `trust_anchors` are the roots, as PEM.
    """

    server: EstServer
    port: int
    device: str
    credential: ClientCredential
    key: KeyAlgorithm
    accepted_keys: tuple[KeyAlgorithm, ...]
    trust_anchors: bytes = field(repr=False)
    applications: bool = False
    enforce_factory_mode: bool = False

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"https://{self.server.domain}:{self.port}"

    @property
    def url(self) -> str:
        """The address below which the operations are (RFC 7030 section 3.2.2)."""
        return f"{self.origin}{est_path(self.server.label)}"

    @property
    def identity(self) -> str:
        """What the files with the certificate shown and its key are called, before the dot."""
        return "" if self.credential is ClientCredential.PASSWORD else self.credential.value


@dataclass(frozen=True)
class NamedFile:
    """A file: its path below the folder of them all, with slashes, and what it holds."""

    path: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class ClientFiles:
    """The files for a client, and what whoever uses them has to know."""

    files: tuple[NamedFile, ...]
    warnings: tuple[str, ...]
