import base64
import hashlib
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.pki.pkcs7 import certificates_in
from tests.benchmarks.est_load import EstClient, new_request
from tests.benchmarks.figures import ROOT
from tests.benchmarks.station import Gateway, Station, make_station, start_est
from tests.crash.checks import CHEAP, check_workspace

KILLS = 50
CLIENTS = 4
LONGEST_RUN = 1.0  # seconds under load before a kill
SHORTEST_RUN = 0.02

pytestmark = pytest.mark.slow


@pytest.fixture
def station(tmp_path: Path) -> Station:
    return make_station(tmp_path, CLIENTS, CHEAP)


def start_saving(station: Station) -> "subprocess.Popen[str]":
    """Start the process that creates devices, and return once it does."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.crash.saving", str(station.folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def enrol_until_killed(port: int, gateway: Gateway, *, by_certificate: bool) -> list[str]:
    """Fingerprints of the certificates that one client got before the server was gone."""
    client = EstClient(port, gateway, by_certificate=by_certificate)
    received: list[str] = []
    while True:
        request = new_request(gateway.name)
        try:
            answer = client.enrol(request)
        except OSError:
            return received
        (certificate,) = certificates_in(base64.b64decode(answer))
        received.append(hashlib.sha256(certificate).hexdigest())


def run_and_kill(station: Station, seconds: float) -> tuple[list[str], list[str]]:
    """Kill the program under load; returns what clients got and which devices were reported."""
    est, port = start_est(station)
    with est, start_saving(station) as saving, ThreadPoolExecutor(CLIENTS) as pool:
        clients = [
            pool.submit(enrol_until_killed, port, gateway, by_certificate=number % 2 == 0)
            for number, gateway in enumerate(station.gateways)
        ]
        time.sleep(seconds)
        ended = est.poll(), saving.poll()
        est.kill()
        saving.kill()
        assert ended == (None, None), "a process ended before it was killed"
        received = [fingerprint for client in clients for fingerprint in client.result()]
        assert saving.stdout is not None
        # The last line may be cut off: that device was never reported.
        saved = [line[:-1] for line in saving.stdout if line.endswith("\n")]
    return received, saved


@pytest.mark.req("ATK-G01", "DEC-14")
def test_a_killed_program_leaves_nothing_half_done_and_nothing_unrecorded(
    station: Station,
) -> None:
    received: list[str] = []
    saved: list[str] = []
    certificates = CLIENTS  # their factory certificates
    for _kill in range(KILLS):
        got, reported = run_and_kill(station, random.uniform(SHORTEST_RUN, LONGEST_RUN))
        received += got
        saved += reported
        certificates = check_workspace(station.folder, received, saved)
    # The kills fell into real work, and no two clients got one certificate.
    assert len(received) > 10 * KILLS
    assert len(saved) > KILLS
    assert len(set(received)) == len(received)
    assert certificates >= CLIENTS + len(received) + 2 * len(saved)
