"""What certificates point at: revocation lists, OCSP answers and certificates of authorities.

Over plain HTTP, because a client that must check a TLS server's certificate to get there would
go round in circles (RFC 5280 section 8).
"""

import binascii
import logging
import re
from base64 import b64decode
from email.utils import format_datetime
from urllib.parse import unquote_to_bytes, urlsplit

from app.api.errors import HttpError
from app.config.settings import SettingsFile
from app.core.clock import Clock
from app.core.errors import KnownError, NotFoundError, UnavailableError
from app.core.language import _
from app.core.messages import Request, Response
from app.models.services.authorities.authorities import Authorities
from app.models.services.revocation.crls import Crls
from app.models.services.revocation.ocsp_responder import OcspResponder
from app.pki.ocsp import MAX_REQUEST_SIZE
from app.pki.tokens import TOKEN_FIELDS

log = logging.getLogger(__name__)

# Numbers as they are written in addresses, small enough for every database.
_CRL = re.compile(r"/crl/([1-9][0-9]{0,17})(?:-([1-9][0-9]{0,8}))?\.crl").fullmatch
_CA = re.compile(r"/ca/([1-9][0-9]{0,17})\.cer").fullmatch
_OCSP = "/ocsp"
_READ = ("GET", "HEAD")
_DAY = 24 * 60 * 60
_NO_STORE = ("Cache-Control", "no-store")


class PublicationService:
    """Answers whoever asks; everything here is public. Safe to share by threads."""

    def __init__(
        self,
        crls: Crls,
        ocsp_responder: OcspResponder,
        authorities: Authorities,
        settings: SettingsFile,
        clock: Clock,
    ) -> None:
        self._crls = crls
        self._ocsp_responder = ocsp_responder
        self._authorities = authorities
        self._settings = settings
        self._clock = clock

    def handle(self, request: Request) -> Response:
        """Answer one request. Never raises: what is our own fault becomes a plain 500."""
        try:
            return self._answer(request)
        except HttpError as error:
            allow = (("Allow", ", ".join(error.allow)),) if error.allow else ()
            return _plain(error.status, error.problem, *allow)
        except KnownError as error:
            if isinstance(error, NotFoundError) and error.field not in TOKEN_FIELDS:
                return _plain(404, error.problem)
            # strangers are not told what is wrong here
            log.warning("%s cannot be answered: %s", request.target[:64], error.text())
            seconds = error.retry_after if isinstance(error, UnavailableError) else 60
            retry = ("Retry-After", str(seconds))
            return _plain(503, _("This cannot be answered now. Try again later."), retry)
        except Exception:  # the listener must live on; the log has the story
            log.exception("Answering %s failed", request.target[:64])
            return _plain(500, _("Something went wrong here. Try again later."))

    def _answer(self, request: Request) -> Response:
        path = self._path(request)
        if path == _OCSP:
            _check_method(request, "POST")
            return self._ocsp(_posted(request))
        if path.startswith(f"{_OCSP}/"):
            _check_method(request, *_READ)
            return self._ocsp(_written(path.removeprefix(f"{_OCSP}/")))
        if found := _CRL(path):
            _check_method(request, *_READ)
            return self._crl(request, int(found[1]), int(found[2] or 0))
        if found := _CA(path):
            _check_method(request, *_READ)
            return self._authority(int(found[1]))
        raise NotFoundError(_("There is nothing here."))

    def _path(self, request: Request) -> str:
        """The path below the address in certificates; a proxy may or may not have cut it off."""
        path = request.target.partition("?")[0]
        base = urlsplit(self._settings.current.publication_url).path.rstrip("/")
        return path.removeprefix(base) if path.startswith(f"{base}/") else path

    def _crl(self, request: Request, authority_id: int, partition: int) -> Response:
        """A list in DER (RFC 2585 section 4.2), to be kept until it ends."""
        crl = self._crls.current(authority_id, partition)
        seconds = max(0, int((crl.next_update - self._clock.now()).total_seconds()))
        tag = f'"{crl.number}-{int(crl.this_update.timestamp())}"'
        headers = (
            ("ETag", tag),
            ("Last-Modified", format_datetime(crl.this_update, usegmt=True)),
            ("Cache-Control", f"public, max-age={seconds}"),
        )
        known = request.headers.get("if-none-match", "").split(",")
        if tag in (one.strip().removeprefix("W/") for one in known):
            return Response(304, b"", headers)
        return Response(200, crl.der, (("Content-Type", "application/pkix-crl"), *headers))

    def _authority(self, authority_id: int) -> Response:
        """The certificate of an authority in DER (RFC 2585 section 4.1); it never changes."""
        headers = (
            ("Content-Type", "application/pkix-cert"),
            ("Cache-Control", f"public, max-age={_DAY}"),
        )
        return Response(200, self._authorities.certificate(authority_id), headers)

    def _ocsp(self, data: bytes) -> Response:
        """The answer to a DER OCSPRequest (RFC 6960 appendix A); never kept, it may change."""
        headers = (("Content-Type", "application/ocsp-response"), _NO_STORE)
        return Response(200, self._ocsp_responder.respond(data), headers)


def _check_method(request: Request, *methods: str) -> None:
    if request.method not in methods:
        raise HttpError(405, _("This is not asked for with that method."), methods)


def _posted(request: Request) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if kind != "application/ocsp-request" or coding != "identity":
        raise HttpError(415, _("The body is not of the type application/ocsp-request."))
    if len(request.body) > MAX_REQUEST_SIZE:
        raise HttpError(413, _("The request is larger than 4 KiB."))
    return request.body


def _written(text: str) -> bytes:
    """The DER in a path: base64, percent-encoded where its signs mean something there."""
    encoded = unquote_to_bytes(text)
    if len(encoded) > (MAX_REQUEST_SIZE + 2) // 3 * 4:
        raise HttpError(414, _("The request is larger than 4 KiB."))
    try:
        return b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise HttpError(400, _("The request in the path is not base64.")) from error


def _plain(status: int, text: str, *headers: tuple[str, str]) -> Response:
    content_type = ("Content-Type", "text/plain; charset=utf-8")
    return Response(status, f"{text}\n".encode(), (content_type, _NO_STORE, *headers))
