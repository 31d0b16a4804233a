"""Credentials in HTTP headers."""

import base64
import binascii

from app.core.errors import AuthenticationError
from app.core.language import _


def basic_credentials(header: str) -> tuple[str, str]:
    """User and password of an Authorization header (RFC 7617), split at the first colon.

    Raises `AuthenticationError` for anything else.
    """
    scheme, _space, encoded = header.strip().partition(" ")
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        decoded = ""
    if scheme.lower() != "basic" or ":" not in decoded or "\0" in decoded:
        raise AuthenticationError(
            _("The Authorization header cannot be read."),
            remedy=_("Use HTTP Basic with a name and its password."),
        )
    name, _colon, password = decoded.partition(":")
    return name, password
