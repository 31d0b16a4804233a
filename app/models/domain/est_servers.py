"""An EST server: an enrolment endpoint, who may use it and how."""

from dataclasses import dataclass
from enum import StrEnum

EST_PATH = "/.well-known/est"
"""The path below which the operations are, without a label (RFC 7030 section 3.2.2)."""


class Base64Form(StrEnum):
    """How response bodies are laid out (DEC-17)."""

    AUTO = "auto"
    WRAPPED = "wrapped"
    SINGLE_LINE = "single-line"


@dataclass(frozen=True)
class EstServer:
    """A configured enrolment endpoint of one organization for one device type.

    `domain` is the host name it answers to. `require_pop` demands proof-of-possession linking
    (RFC 7030 section 3.5). `enrol_others` lets a certificate enrol other names (DEC-21).
    `server_key_generation` allows /serverkeygen (EST-10). Requests come from `allowed_addresses`
    only, when there are any (see `addresses`). `label` is the one the request came in by, whose
    device type stands in `device_type_id` then.
    """

    id: int
    name: str
    domain: str
    tenant_id: int
    organization_id: int
    device_type_id: int
    password_authentication: bool = True
    certificate_authentication: bool = True
    require_pop: bool = False
    enrol_others: bool = False
    base64_form: Base64Form = Base64Form.AUTO
    active: bool = True
    server_key_generation: bool = False
    allowed_addresses: tuple[str, ...] = ()
    label: str = ""


@dataclass(frozen=True)
class EstLabel:
    """A further path segment of an EST server, tied to a device type of its own (LBL-01)."""

    id: int
    name: str
    device_type_id: int


def est_path(label: str = "") -> str:
    """The path below which the operations are for devices that come by the label, if any."""
    return f"{EST_PATH}/{label}" if label else EST_PATH


@dataclass(frozen=True)
class EstServerRow:
    """An EST server as a list shows it: with names, and how many labels it has."""

    server: EstServer
    tenant_name: str
    organization_name: str
    device_type_name: str
    labels: int

    @property
    def id(self) -> int:
        """The id of the EST server."""
        return self.server.id

    @property
    def name(self) -> str:
        """What people call the EST server."""
        return self.server.name

    @property
    def active(self) -> bool:
        """Whether devices can enrol there."""
        return self.server.active


@dataclass(frozen=True)
class EstLabelRow:
    """A label as a list shows it: with the name of its device type."""

    label: EstLabel
    device_type_name: str

    @property
    def id(self) -> int:
        """The id of the label."""
        return self.label.id
