"""The words for what the audit log records of values."""

from datetime import datetime

import pytest

from app.models.domain.access import Role
from app.views.recorded_words import name_text, value_text
from app.views.role_words import role_text
from app.views.widgets.times import time_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ([], ""),
        (0, "0"),
        (False, "no"),
        (["a", "b"], "a, b"),
        ([{"é": 1}], '[{"é": 1}]'),
        ("x" * 500, "x" * 500),
    ],
)
def test_values_are_told_whole(value: object, text: str) -> None:
    assert value_text("anything", value) == text


@pytest.mark.parametrize("role", Role)
def test_a_role_is_told_as_everywhere_else(role: Role) -> None:
    assert value_text("role", role.value) == role_text(role)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("mode", "operational", "Operational"),
        ("access", "tenant", "Tenant"),
        ("key", "token", "Token"),
        ("kind", "pkcs7", "pkcs7"),
        ("name", "operational", "operational"),
    ],
)
def test_only_values_of_an_enumeration_have_words(name: str, value: str, text: str) -> None:
    assert value_text(name, value) == text


def test_a_time_is_told_as_people_of_the_place_write_it() -> None:
    moment = "2026-11-26T17:39:35+00:00"
    assert value_text("until", moment) == time_text(datetime.fromisoformat(moment))
    assert value_text("comment", moment) == moment
    assert value_text("until", "a while") == "a while"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("not_after", "valid until"),
        ("listener_port", "port of the listener"),
        ("odd_one", "odd one"),
    ],
)
def test_names_are_told_by_their_words_or_as_they_are(name: str, text: str) -> None:
    assert name_text(name) == text
