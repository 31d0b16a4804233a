"""Signing in to the REST API: a token for an application's key or certificate."""

from app.api.routes import PREFIX, Answer, Call, Nothing, Route
from app.core.credentials import basic_credentials
from app.core.errors import AuthenticationError
from app.core.language import _
from app.models.services.workspace.workspace import Workspace


class AccessToken(Answer):
    """A token to send along as `Authorization: Bearer …` (RFC 6750), good for some seconds."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105  the name of a kind of token
    expires_in: int


def sign_in(workspace: Workspace, call: Call, _given: Nothing) -> AccessToken:
    """A token for AppID and AppKey (HTTP Basic), else for the certificate shown."""
    peer, header = call.request.peer, call.request.headers.get("authorization")
    if header is not None:
        app_id, app_key = basic_credentials(header)
        token = workspace.api_tokens.by_key(app_id, app_key, peer.address)
    elif peer.certificates:
        token = workspace.api_tokens.by_certificate(peer.certificates, peer.address)
    else:
        raise AuthenticationError(
            _("The request carries no credentials."),
            remedy=_("Show the application's certificate, or send AppID and AppKey."),
        )
    return AccessToken(access_token=token.text, expires_in=token.seconds)


ROUTES = (
    Route("POST", f"{PREFIX}/auth", "Sign in for an access token", Nothing, AccessToken, sign_in),
)
