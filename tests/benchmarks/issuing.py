"""Certificates from requests through the service, beside those a library alone issues.

Both are given the same requests in turns, in one thread, so that a busy machine is as busy for
the one as for the other. The service also checks access and the key, records the certificate
and its audit event, and has both on the disk. Where the key of the authority is on a token, the
yardstick is that key, signing as many bytes without anything around it.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time

from cryptography import x509

from app.core.clock import SystemClock
from app.models.domain.access import SYSTEM, Scope
from app.models.domain.authorities import KeyChoice, TokenChoice
from app.models.domain.issuing import IssueRequest
from app.models.services.workspace.opening import open_workspace
from app.models.services.workspace.workspace import Workspace
from app.pki import keys
from app.pki.certificates import NEVER
from app.pki.csr import build_csr, parse_csr
from app.pki.keys import KeyAlgorithm
from app.pki.names import ATTRIBUTE_TYPES, Attribute
from app.pki.sign import SoftwareKey
from tests.benchmarks import library
from tests.benchmarks.figures import Figure, Sizes
from tests.benchmarks.station import PASSPHRASE, gateway_type, make_station
from tests.pki.softhsm import SoftHsm, softhsm_in

GROUP = 100
TOKEN = "signed by the token"

Issue = Callable[[Sequence[bytes]], object]


@dataclass
class Spent:
    """What so many certificates took: seconds, and seconds of processor time."""

    count: int = 0
    seconds: float = 0.0
    processor: float = 0.0

    def take(self, issue: Issue, requests: Sequence[bytes]) -> None:
        """Issue for the requests, and add what that took."""
        started, processor = perf_counter(), process_time()
        issue(requests)
        self.seconds += perf_counter() - started
        self.processor += process_time() - processor
        self.count += len(requests)


def measure(sizes: Sizes) -> list[Figure]:
    """Single certificates, each durable by itself, and groups of `GROUP`."""
    with tempfile.TemporaryDirectory() as folder, _workspace(Path(folder)) as workspace:
        issue, alone = _through(workspace), _alone
        figures = [
            *_figures("single", library.ALONE, _in_turns(issue, alone, 1, sizes.seconds)),
            *_figures(
                f"in groups of {GROUP}",
                library.ALONE,
                _in_turns(issue, alone, GROUP, sizes.seconds),
            ),
        ]
        with softhsm_in(Path(folder) / "softhsm") as hsm:
            _move_to_token(workspace, hsm)
            turns = _in_turns(issue, _token_alone(workspace), GROUP, sizes.seconds)
            figures += _figures(f"through a token, in groups of {GROUP}", TOKEN, turns)
            workspace.lock()  # closes the key on the token before that goes
    return figures


def _figures(title: str, yardstick: str, turns: tuple[Spent, Spent]) -> list[Figure]:
    rates = [one.count / one.seconds for one in turns]
    milliseconds = [one.processor * 1000 / one.count for one in turns]
    return [
        Figure(title, rates[0], "1/s", yardstick, rates[1]),
        Figure(f"{title}, processor time", milliseconds[0], "ms", yardstick, milliseconds[1]),
    ]


def _in_turns(issue: Issue, alone: Issue, size: int, seconds: float) -> tuple[Spent, Spent]:
    """Groups of `size` by the service and by the yardstick; making the requests does not count."""
    for warm_up in (issue, alone):
        warm_up(_new_requests(size))
    ours, yardstick = Spent(), Spent()
    while ours.seconds < seconds:
        requests = _new_requests(size)
        ours.take(issue, requests)
        yardstick.take(alone, requests)
    return ours, yardstick


@contextmanager
def _workspace(place: Path) -> Iterator[Workspace]:
    station = make_station(place, 0)
    workspace = open_workspace(station.folder, SystemClock(), PASSPHRASE)
    try:
        yield workspace
    finally:
        workspace.close()


def _through(workspace: Workspace) -> Issue:
    template_id = gateway_type(workspace).operational_template_ids[0]
    organization = workspace.tenants.organizations(SYSTEM)[0]
    owner = Scope(organization.tenant_id, organization.id)

    def issue(requests: Sequence[bytes]) -> list[bytes]:
        wanted = [IssueRequest(template_id, parse_csr(request)) for request in requests]
        issued = workspace.certificate_issuing.issue_group(SYSTEM, wanted, owner)
        return [one.certificate.der for one in issued]

    return issue


def _alone(requests: Sequence[bytes]) -> None:
    for request in requests:
        library.issue(request)


def _move_to_token(workspace: Workspace, hsm: SoftHsm) -> None:
    """Have the authority of the gateways followed by one whose key is on the token."""
    template_id = gateway_type(workspace).operational_template_ids[0]
    authority_id = workspace.templates.read(SYSTEM, template_id).authority_id
    key = KeyChoice(KeyAlgorithm.EC_P256, TokenChoice(hsm.token, hsm.pin))
    workspace.authority_making.roll_over(SYSTEM, authority_id, "Token", key, not_after=NEVER)


def _token_alone(workspace: Workspace) -> Issue:
    """Signs what it would take to sign for as many certificates."""
    template_id = gateway_type(workspace).operational_template_ids[0]
    with workspace.store.database.read() as connection:
        authority_id = workspace.templates.get(connection, template_id).authority_id
        key = workspace.authorities.issuer(connection, authority_id).key
    certificate = x509.load_der_x509_certificate(library.issue(_new_requests(1)[0]))

    def sign(requests: Sequence[bytes]) -> None:
        for _request in requests:
            key.sign(certificate.tbs_certificate_bytes)

    return sign


def _new_requests(count: int) -> list[bytes]:
    """Requests (DER), each with a new P-256 key."""
    subject = (Attribute(ATTRIBUTE_TYPES["CN"].oid, "gateway"),)
    return [
        build_csr(SoftwareKey(keys.generate(KeyAlgorithm.EC_P256)), subject)
        for _turn in range(count)
    ]
