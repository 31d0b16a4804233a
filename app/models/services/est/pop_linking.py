"""Proof-of-possession linking: the request was made for this very TLS connection.

The client puts the channel binding, base64-encoded, into the challengePassword of its request
(RFC 7030 section 3.5): tls-unique under TLS 1.2, tls-exporter under TLS 1.3 (RFC 9266). What it
puts into further challenges has to be that, too: there are no one-time passwords here.
"""

import base64
import hmac

from app.core.errors import InvalidInputError
from app.core.language import _
from app.core.messages import Peer
from app.pki.csr import RequestContents


def check_linking(csr: RequestContents, peer: Peer, *, required: bool) -> None:
    """Raise `InvalidInputError` for a wrong value, or none where one is required (DEC-19).

    Of several challenges each has to be right (RFC 7894 section 4).
    """
    if not csr.challenges:
        if required:
            raise InvalidInputError(
                _("This EST server requires proof-of-possession linking."),
                cause=_("The request has no challengePassword."),
                remedy=_("Put the channel binding of the TLS connection into it."),
            )
        return
    expected = base64.b64encode(peer.channel_binding)
    wrong = [one for one in csr.challenges if not hmac.compare_digest(one.encode(), expected)]
    if wrong or not peer.channel_binding:
        raise InvalidInputError(
            _("The proof-of-possession linking failed."),
            cause=_("The challengePassword is not the channel binding of this TLS connection."),
            remedy=_("Make a new request for each connection, or leave challengePassword out."),
        )
