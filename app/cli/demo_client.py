"""A device on the bench: makes a request and enrols over the real listener, with TLS checked."""

import base64
import http.client
import ssl
from dataclasses import dataclass

from app.core.errors import UnavailableError
from app.core.language import _
from app.models.domain.est_servers import EST_PATH
from app.pki.pkcs7 import certificates_in

TIMEOUT = 20.0


@dataclass(frozen=True)
class EstClient:
    """Where to enrol: address of the listener and the PEM roots to trust."""

    host: str
    port: int
    trust_anchors: str

    def enrol(self, device_id: str, password: str, csr: bytes) -> bytes:
        """Send a request (DER) to simpleenroll and return the certificate (DER)."""
        credentials = base64.b64encode(f"{device_id}:{password}".encode()).decode()
        headers = {
            "Content-Type": "application/pkcs10",
            "Authorization": f"Basic {credentials}",
            "User-Agent": "birthmark-demo",
        }
        return self._ask("POST", "simpleenroll", base64.b64encode(csr), headers)[0]

    def ca_certificates(self) -> tuple[bytes, ...]:
        """What cacerts answers (DER)."""
        return self._ask("GET", "cacerts", b"", {})

    def _ask(
        self, method: str, operation: str, body: bytes, headers: dict[str, str]
    ) -> tuple[bytes, ...]:
        context = ssl.create_default_context(cadata=self.trust_anchors)
        connection = http.client.HTTPSConnection(
            self.host, self.port, timeout=TIMEOUT, context=context
        )
        try:
            connection.request(method, f"{EST_PATH}/{operation}", body, headers)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        if response.status != 200:
            raise UnavailableError(
                _("The EST listener answered {status}.").format(status=response.status),
                cause=content.decode("utf-8", "replace").strip(),
            )
        return certificates_in(base64.b64decode(content))
