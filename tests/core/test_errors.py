"""What people read when something is wrong."""

from app.core.errors import KnownError


def test_text_joins_what_is_known() -> None:
    assert KnownError("It broke.", remedy="Mend it.").text() == "It broke. Mend it."
    assert KnownError("It broke.", cause="Age.").text() == "It broke. Age."
