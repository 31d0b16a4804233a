"""Certificates from requests through the service, beside those `cryptography` alone issues.

Both read the request, check its signature and sign, in one thread. The service also checks
access and the key, records the certificate and its audit event, and has both on the disk.
"""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from app.core.clock import SystemClock
from app.models.domain.access import SYSTEM, Scope
from app.models.domain.issuing import IssueRequest
from app.models.services.workspace import Workspace, open_workspace
from app.pki import keys
from app.pki.csr import build_csr, parse_csr
from app.pki.keys import KeyAlgorithm
from app.pki.names import ATTRIBUTE_TYPES, Attribute
from app.pki.sign import SoftwareKey
from tests.benchmarks.enrolment import issued_per_second
from tests.benchmarks.figures import Figure, Sizes
from tests.benchmarks.station import PASSPHRASE, gateway_type, make_station

GROUP = 100
ALONE = "issued by cryptography"


def measure(sizes: Sizes) -> list[Figure]:
    """Single certificates, each durable by itself, and groups of `GROUP`."""
    with tempfile.TemporaryDirectory() as folder:
        station = make_station(Path(folder), 0)
        workspace = open_workspace(station.folder, SystemClock(), PASSPHRASE)
        try:
            figures = []
            for title, size in (("single", 1), (f"in groups of {GROUP}", GROUP)):
                alone = issued_per_second(sizes.seconds / 3)
                rate = _rate(workspace, size, sizes.seconds)
                figures.append(Figure(title, rate, "1/s", ALONE, alone))
        finally:
            workspace.close()
    return figures


def _rate(workspace: Workspace, size: int, seconds: float) -> float:
    """Certificates a second in groups of `size`; making the requests does not count."""
    template_id = gateway_type(workspace).operational_template_ids[0]
    organization = workspace.tenants.organizations(SYSTEM)[0]
    owner = Scope(organization.tenant_id, organization.id)
    took, count = 0.0, -size  # the first group warms up
    while took < seconds:
        group = [_new_request() for _turn in range(size)]
        started = time.perf_counter()
        _issue(workspace, group, template_id, owner)
        took += time.perf_counter() - started if count >= 0 else 0.0
        count += size
    return count / took


def _issue(workspace: Workspace, requests: Sequence[bytes], template_id: int, owner: Scope) -> None:
    wanted = [IssueRequest(template_id, parse_csr(request)) for request in requests]
    workspace.certificate_issuing.issue_group(SYSTEM, wanted, owner)


def _new_request() -> bytes:
    """A request (DER) with a new P-256 key."""
    subject = (Attribute(ATTRIBUTE_TYPES["CN"].oid, "gateway"),)
    return build_csr(SoftwareKey(keys.generate(KeyAlgorithm.EC_P256)), subject)
