"""What has to hold in a workspace whose program was killed, whenever that was."""

import io
import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

from app.core.clock import SystemClock
from app.models.domain.access import SYSTEM
from app.models.domain.audit import verify_lines
from app.models.services.workspace.folder import DATABASE
from app.models.services.workspace.opening import open_workspace
from app.pki.sealing import KdfCost
from tests.benchmarks.station import PASSPHRASE

CHEAP = KdfCost(memory=8, passes=1, lanes=1)
SAVED = "saved-"

# Each finds what must not be there.
_FAULTS = {
    "devices without the password their type demands": """
        SELECT device.name FROM device JOIN device_type ON device_type.id = device.type_id
        LEFT JOIN device_credential ON device_credential.device_id = device.id
        WHERE device_type.password_enabled AND device_credential.device_id IS NULL""",
    "devices whose mode is not where their history ends": """
        SELECT name FROM device WHERE mode IS NOT (
            SELECT after FROM device_transition WHERE device_id = device.id
            ORDER BY id DESC LIMIT 1)""",
    "devices without exactly one factory certificate": """
        SELECT name FROM device WHERE 1 <> (
            SELECT count(*) FROM certificate WHERE device_id = device.id AND kind = 'factory')""",
    "operational devices without an operational certificate, or the other way round": """
        SELECT name FROM device WHERE (mode = 'operational') <> EXISTS (
            SELECT 1 FROM certificate WHERE device_id = device.id AND kind = 'operational')""",
    "saved devices without both certificates and their keys": f"""
        SELECT name FROM device WHERE name LIKE '{SAVED}%' AND 2 <> (
            SELECT count(*) FROM certificate JOIN secret ON secret.id = key_secret_id
            WHERE device_id = device.id AND wrapped_key IS NOT NULL)""",
    "certificates that no audit event tells of": """
        SELECT fingerprint FROM certificate WHERE fingerprint NOT IN (
            SELECT after ->> 'fingerprint' FROM audit_event WHERE action = 'certificate.issue')""",
    "certificates on record that are not there": """
        SELECT after ->> 'fingerprint' FROM audit_event WHERE action = 'certificate.issue'
            AND after ->> 'fingerprint' NOT IN (SELECT fingerprint FROM certificate)""",
    "serial numbers given twice": """
        SELECT serial FROM certificate GROUP BY authority_id, serial HAVING count(*) > 1""",
    "broken references": "PRAGMA foreign_key_check",
}


def check_workspace(folder: Path, received: Collection[str], saved: Collection[str]) -> int:
    """Open the workspace as the program does and look at everything in it.

    `received` are fingerprints of certificates that clients got, `saved` names of devices that
    were reported as created. Returns how many certificates there are.
    """
    workspace = open_workspace(folder, SystemClock(), PASSPHRASE, cost=CHEAP)
    try:
        log = io.StringIO()
        exported = workspace.audit.export(SYSTEM, log)
        assert verify_lines(log.getvalue().splitlines()).count == exported
    finally:
        workspace.close()
    with closing(sqlite3.connect(folder / DATABASE)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        for fault, query in _FAULTS.items():
            assert database.execute(query).fetchall() == [], fault
        stored = _column(database, "SELECT fingerprint FROM certificate")
        assert set(received) <= stored, "a client has a certificate that is not on record"
        assert set(saved) <= _column(database, "SELECT name FROM device")
    return len(stored)


def _column(database: sqlite3.Connection, query: str) -> set[str]:
    return {value for (value,) in database.execute(query)}
