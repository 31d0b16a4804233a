"""The bus between what was committed and what shows it."""

import pytest

from app.core.events import Events


def test_only_subscribers_of_the_type_are_told() -> None:
    events = Events()
    texts: list[str] = []
    numbers: list[int] = []
    events.subscribe(str, texts.append)
    events.subscribe(int, numbers.append)
    events.publish("saved")
    assert (texts, numbers) == (["saved"], [])


def test_unsubscribed_hears_nothing_more() -> None:
    events = Events()
    heard: list[str] = []
    stop = events.subscribe(str, heard.append)
    stop()
    stop()
    events.publish("saved")
    assert heard == []


def test_a_failing_subscriber_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    events = Events()
    heard: list[str] = []

    def fail(_event: str) -> None:
        raise ValueError("broken view")

    events.subscribe(str, fail)
    events.subscribe(str, heard.append)
    events.publish("saved")
    assert heard == ["saved"]
    assert "broken view" in caplog.text
