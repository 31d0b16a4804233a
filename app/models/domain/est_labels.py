"""What labels of EST servers may be called, and where they can lead (LBL-03, LBL-04)."""

import re

from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.device_types import DeviceType
from app.models.domain.est_servers import EstServer

ARBITRARY = "arbitrarylabel"
"""What some clients send for a label when they have none."""

# The path segments of operations: RFC 7030, RFC 8295 and RFC 8995, as far as a label could be one.
_RESERVED = frozenset(
    {
        *("cacerts", "simpleenroll", "simplereenroll", "fullcmc", "serverkeygen", "csrattrs"),
        *("pal", "eecerts", "crls", "symmetrickeys", "firmware", "tamp"),
        *("requestvoucher", "requestauditlog", "enrollstatus"),
        ARBITRARY,
    }
)
_LABEL = re.compile(r"[a-z0-9]{3,24}").fullmatch


def check_label(name: str) -> None:
    """Raise `InvalidInputError`, field `name`, unless a label may be called so.

    It has 3 to 24 lower-case letters and digits, and is no operation's path segment
    (RFC 7030 section 3.2.2).
    """
    if _LABEL(name) is None:
        raise InvalidInputError(
            _("A label has 3 to 24 lower-case letters and digits."),
            remedy=_("Leave out spaces, capitals and other characters."),
            field="name",
        )
    if name in _RESERVED:
        raise InvalidInputError(
            _("The label {name} is reserved.").format(name=name),
            cause=_("Clients mean something else by it."),
            remedy=_("Choose another name."),
            field="name",
        )


def can_lead(server: EstServer, device_type: DeviceType) -> bool:
    """Whether a label of the EST server can lead to the device type (LBL-04).

    The type is active and offered to the organization, and has the operational template that
    factory certificates need, where the server takes them (EST-05).
    """
    offered = device_type.sharing.offered_to(server.tenant_id, server.organization_id)
    enrols = device_type.operational_template_ids or not server.certificate_authentication
    return device_type.active and offered and bool(enrols)
