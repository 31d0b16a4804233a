"""What people read when something is wrong."""

from app.core.errors import KnownError
from app.core.redaction import REDACTED, redact


def test_text_joins_what_is_known() -> None:
    assert KnownError("It broke.", remedy="Mend it.").text() == "It broke. Mend it."
    assert KnownError("It broke.", cause="Age.").text() == "It broke. Age."


def test_what_nobody_declared_safe_is_hidden() -> None:
    values = {"name": "GW-1", "password": "secret", "new_field": 3}
    assert redact(values, {"name"}) == {
        "name": "GW-1",
        "password": REDACTED,
        "new_field": REDACTED,
    }
