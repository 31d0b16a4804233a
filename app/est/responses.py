"""Answers as clients expect them: certificates, CSR attributes, a key, a refusal."""

from collections.abc import Sequence

from app.core.errors import (
    AccessDeniedError,
    AuthenticationError,
    ConflictError,
    InvalidInputError,
    KnownError,
    NotFoundError,
    ThrottledError,
    UnavailableError,
)
from app.core.messages import Request, Response
from app.est.encoding import encode_response
from app.est.targets import MethodError
from app.models.domain.est_servers import EstServer
from app.pki.chains import ClientCertificateError
from app.pki.pkcs7 import certs_only
from app.pki.tokens import TOKEN_FIELDS

NO_STORE = ("Cache-Control", "no-store")
_CERTIFICATES = "application/pkcs7-mime; smime-type=certs-only"
_BASE64 = ("Content-Transfer-Encoding", "base64")
_BOUNDARY = "key-and-certificate"  # in no part: base64 has no hyphens
_RETRY_AFTER = 60  # seconds, for what a person has to see to
_STATUS: tuple[tuple[type[KnownError], int], ...] = (
    (ClientCertificateError, 403),
    (AuthenticationError, 401),
    (AccessDeniedError, 403),
    (ConflictError, 403),
    (InvalidInputError, 400),
    (NotFoundError, 404),
    (ThrottledError, 429),
    (UnavailableError, 503),
)


class MediaTypeError(KnownError):
    """The body is of a type or in a coding that is not taken here."""


def status_of(error: KnownError) -> int:
    """The HTTP status of a refusal (DEC-20)."""
    if isinstance(error, MethodError):
        return 405
    if isinstance(error, MediaTypeError):
        return 415
    if error.field in TOKEN_FIELDS:
        return 503
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 400)


def refusal(error: KnownError, status: int) -> Response:
    """A refusal in plain text, with the header field that its status asks for (DEC-22)."""
    if status == 401:
        # Bouncy Castle cannot bear a body here
        return Response(401, b"", (("WWW-Authenticate", 'Basic realm="EST"'), NO_STORE))
    headers: tuple[tuple[str, str], ...] = ()
    if status in (429, 503):
        seconds = error.retry_after if isinstance(error, UnavailableError) else _RETRY_AFTER
        headers = (("Retry-After", str(seconds)),)
    if isinstance(error, MethodError):
        headers = (("Allow", error.allowed),)
    # strangers are not told what is wrong here; the monitor tells
    return plain(status, error.problem if status == 503 else error.text(), *headers)


def plain(status: int, text: str, *headers: tuple[str, str]) -> Response:
    """A short text that nobody keeps."""
    content_type = ("Content-Type", "text/plain; charset=utf-8")
    return Response(status, f"{text}\n".encode()[:1024], (content_type, NO_STORE, *headers))


def certificates_response(
    certificates: Sequence[bytes], server: EstServer, request: Request, *headers: tuple[str, str]
) -> Response:
    """Certs-only PKCS#7 of DER certificates in their order (RFC 7030 section 4.1.3)."""
    return _base64(_CERTIFICATES, certs_only(certificates), server, request, *headers)


def csr_attributes_response(attributes: bytes, server: EstServer, request: Request) -> Response:
    """DER CsrAttrs (RFC 7030 section 4.5.2)."""
    return _base64("application/csrattrs", attributes, server, request)


def key_response(key: bytes, certificate: bytes, server: EstServer, request: Request) -> Response:
    """A key (PKCS#8 DER) and its certificate (DER), in two parts (RFC 7030 section 4.4.2)."""
    parts = (
        _base64("application/pkcs8", key, server, request),
        certificates_response((certificate,), server, request),
    )
    body = b"".join(_part(part) for part in parts) + f"--{_BOUNDARY}--\r\n".encode()
    return Response(
        200, body, (("Content-Type", f"multipart/mixed; boundary={_BOUNDARY}"), NO_STORE)
    )


def _part(content: Response) -> bytes:
    """One part of a multipart body, all its lines ended by CRLF (RFC 2046 section 5.1.1).

    The last CRLF belongs to the boundary that follows, not to the base64, which has its own.
    """
    fields = [f"{title}: {value}" for title, value in content.headers]
    head = "\r\n".join([f"--{_BOUNDARY}", *fields, "", ""])
    return head.encode() + content.body.replace(b"\n", b"\r\n") + b"\r\n"


def _base64(
    media_type: str, der: bytes, server: EstServer, request: Request, *headers: tuple[str, str]
) -> Response:
    body = encode_response(der, server.base64_form, request.headers.get("user-agent"))
    return Response(200, body, (("Content-Type", media_type), _BASE64, *headers))
