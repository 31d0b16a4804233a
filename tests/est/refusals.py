"""What a refusal looks like, whatever was refused."""

from app.core.messages import Response
from tests.plant import Plant

PLAIN = "text/plain; charset=utf-8"


def assert_refused(plant: Plant, response: Response, status: int) -> str:
    """A refusal has the shape of DEC-22 and stands in the audit log; returns its text."""
    assert response.status == status, response.body
    headers = dict(response.headers)
    reason = plant.refusals()[0]
    line = plant.monitor_line()
    assert (line.status, line.ok) == (status, False)
    assert line.problem
    assert reason.startswith(line.problem)
    if status == 401:
        assert headers == {"WWW-Authenticate": 'Basic realm="EST"', "Cache-Control": "no-store"}
        assert response.body == b""
        return str(line.problem)
    assert headers["Content-Type"] == PLAIN
    assert headers["Cache-Control"] == "no-store"
    text = response.body.decode()
    assert 0 < len(response.body) <= 1024
    assert text.startswith(line.problem)
    assert "Traceback" not in text
    assert "app/" not in text
    return text
