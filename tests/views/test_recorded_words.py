"""The words for what the audit log records of values."""

import pytest

from app.models.domain.access import Role
from app.views.recorded_words import name_text, value_text
from app.views.role_words import role_text


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
