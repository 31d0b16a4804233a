"""Proof-of-possession linking: the request was made for this very TLS connection.

The client puts the channel binding, base64-encoded, into the challengePassword of its request
(RFC 7030 section 3.5): tls-unique under TLS 1.2, tls-exporter under TLS 1.3 (RFC 9266).
"""

import base64
import hmac

from app.core.errors import InvalidInputError
from app.core.language import _
from app.core.messages import Peer
from app.pki.csr import RequestContents


def check_linking(csr: RequestContents, peer: Peer, *, required: bool) -> None:
    """Raise `InvalidInputError` for a wrong value, or none where one is required (DEC-19)."""
    if csr.challenge_password is None:
        if required:
            raise InvalidInputError(
                _("This EST server requires proof-of-possession linking."),
                cause=_("The request has no challengePassword."),
                remedy=_("Put the channel binding of the TLS connection into it."),
            )
        return
    expected = base64.b64encode(peer.channel_binding)
    given = csr.challenge_password.encode()
    if not peer.channel_binding or not hmac.compare_digest(given, expected):
        raise InvalidInputError(
            _("The proof-of-possession linking failed."),
            cause=_("The challengePassword is not the channel binding of this TLS connection."),
            remedy=_("Make a new request for each connection, or leave challengePassword out."),
        )
