"""Two processes that issue from one authority at the same time."""

import subprocess
import sys
from pathlib import Path

from sqlalchemy import func, select

from app.models.db.tables import certificate
from app.models.domain.access import SYSTEM
from app.models.domain.audit import verify_lines
from app.models.services.workspace.workspace import Workspace

ROOT = Path(__file__).parents[4]
EACH = 40
ISSUE = """
import sys
from pathlib import Path
from app.models.domain.access import SYSTEM, Scope
from app.models.domain.issuing import IssueRequest
from app.models.services.workspace.opening import open_workspace
from tests.fakes import FakeClock
from tests.models.services.gateways import new_csr
from tests.workspace_fixtures import CHEAP, NOW, PASSPHRASE

folder, prefix, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
workspace = open_workspace(folder, FakeClock(NOW), PASSPHRASE, exclusive=False, cost=CHEAP)
templates = {template.name: template for template in workspace.templates.all(SYSTEM)}
template = templates["Gateway mTLS client"]
owner = Scope(template.sharing.tenant_id)
print("ready", flush=True)
sys.stdin.readline()
for number in range(count):
    request = IssueRequest(template.id, new_csr(), typed={"subject.CN": f"{prefix}-{number}"})
    workspace.certificate_issuing.issue(SYSTEM, request, owner)
workspace.close()
"""


def test_they_never_clash(demo: Workspace, tmp_path: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", ISSUE, str(demo.folder), prefix, str(EACH)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for prefix in ("left", "right")
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.communicate("go\n", timeout=60)
        assert process.returncode == 0
    counted = select(func.count(), func.count(certificate.c.serial.distinct()))
    with demo.store.database.read() as connection:
        assert connection.execute(counted).one() == (2 * EACH, 2 * EACH)
    demo.checkpoints.sign()
    log = tmp_path / "audit.jsonl"
    with log.open("w", encoding="utf-8") as out:
        demo.audit.export(SYSTEM, out)
    with log.open(encoding="utf-8") as lines:
        assert verify_lines(lines).count >= 2 * EACH
