"""The names and addresses under which this computer is reached."""

import ipaddress
import socket
from collections.abc import Iterable

from app.core.errors import InvalidInputError
from app.pki.names import GeneralName, SanKind, check_general_name

# Documentation addresses (RFC 5737, RFC 3849): the route to anywhere shows our own address.
_ELSEWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


def host_names() -> tuple[str, ...]:
    """`localhost` and this computer's own names, lower-case, as far as they are DNS names."""
    name = socket.gethostname().lower().rstrip(".")
    short = name.partition(".")[0]
    return tuple(
        dict.fromkeys(n for n in ("localhost", name, short, f"{short}.local") if _is_dns(n))
    )


def addresses() -> tuple[str, ...]:
    """The loopback addresses and those from which this computer reaches others; no packet goes."""
    found = ["127.0.0.1", "::1"]
    for family, target in _ELSEWHERE:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((target, 9))
                found.append(str(probe.getsockname()[0]))
        except OSError:  # no network of this family now
            continue
    return tuple(dict.fromkeys(_global_form(found)))


def is_address(host: str) -> bool:
    """Whether `host` is an IP address (brackets around IPv6 allowed), not a name."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _is_dns(name: str) -> bool:
    try:
        check_general_name(GeneralName(SanKind.DNS, name))
    except InvalidInputError:
        return False
    return True


def _global_form(texts: Iterable[str]) -> list[str]:
    """Without link-local addresses, which a certificate cannot tell apart by interface."""
    return [text for text in texts if not ipaddress.ip_address(text).is_link_local]
