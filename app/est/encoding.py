"""Bodies of EST: base64 in (RFC 8951 section 3), base64 out in the form each client can read."""

import base64
import binascii
import re

from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.est_servers import Base64Form
from app.pki.formats import csr_in

SINGLE_LINE_LIMIT = 1000
_LINE = 64
_WHITE_SPACE = re.compile(rb"[ \t\r\n]+")


def decode_request(body: bytes) -> bytes:
    """The DER in a request body.

    White space is skipped wherever it stands (RFC 8951 section 3.1). PEM is taken too, because
    real clients send it; raw DER is not. Raises `InvalidInputError`.
    """
    if body.lstrip().startswith(b"-----BEGIN"):
        return csr_in(body)
    compact = _WHITE_SPACE.sub(b"", body)
    if not compact:
        raise InvalidInputError(
            _("The request has no body."),
            remedy=_("Send the certification request as base64 of its DER."),
        )
    try:
        der = base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError):
        der = b""
    # Encoding again finds what decoding lets pass: stray bits behind the padding.
    if not der or base64.b64encode(der) != compact:
        raise InvalidInputError(
            _("The body of the request is not base64."),
            cause=_("RFC 4648 section 4 base64 with padding is expected."),
            remedy=_("Send the certification request as base64 of its DER."),
        )
    return der


def encode_response(der: bytes, form: Base64Form, user_agent: str | None) -> bytes:
    """Base64 of `der` with a final newline, on one line or wrapped at 64 (DEC-17).

    libest cannot read long single lines and strongSwan cannot read wrapped ones; strongSwan
    is known by sending no User-Agent.
    """
    encoded = base64.b64encode(der)
    short = len(encoded) <= SINGLE_LINE_LIMIT
    single = form is Base64Form.SINGLE_LINE or (
        form is Base64Form.AUTO and (short or user_agent is None)
    )
    if single:
        return encoded + b"\n"
    lines = (encoded[start : start + _LINE] for start in range(0, len(encoded), _LINE))
    return b"\n".join(lines) + b"\n"
