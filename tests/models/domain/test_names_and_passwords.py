from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidInputError
from app.models.domain.naming import MAX_NAME_LENGTH, check_display_name
from app.models.domain.passwords import MAX_LENGTH, MIN_LENGTH, check_password


def refusal(check: Callable[..., None], *values: str) -> InvalidInputError | None:
    """What the check raises, if it does."""
    try:
        check(*values)
    except InvalidInputError as error:
        return error
    return None


@pytest.mark.parametrize("name", ["A", "North plant", "M\u00fcller & Co. (Z\u00fcrich)", "x" * 100])
def test_good_names(name: str) -> None:
    check_display_name(name)


@given(st.text())
def test_accepted_names_can_be_shown(name: str) -> None:
    refused = refusal(check_display_name, name)
    good = 0 < len(name) <= MAX_NAME_LENGTH and name == name.strip() and name.isprintable()
    assert (refused is None) == good


@pytest.mark.parametrize(
    "password", ["three green apples", "birthmark-demo", "\U0001f511 key of mine"]
)
def test_good_passwords(password: str) -> None:
    check_password(password, "lena")


@pytest.mark.parametrize(
    ("password", "name"),
    [
        ("", "lena"),
        ("elevenchars", "lena"),
        ("a" * (MAX_LENGTH + 1), "lena"),
        ("Password1234", "lena"),
        ("PasswordPassword", "lena"),
        ("iloveyou2026!!", "lena"),
        ("1qaz2wsx3edc4rfv", "lena"),
        ("4711 0815 2026", "lena"),
        ("LENA.MEYER.1", "lena.meyer.1"),
        ("lena.meyer!99", "Lena.Meyer"),
        ("aaaaaaaaaaAA", "lena"),
    ],
)
def test_bad_passwords(password: str, name: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_password(password, name)
    assert caught.value.field == "password"


@given(st.text(max_size=MAX_LENGTH + 10))
def test_a_refusal_never_repeats_the_password(password: str) -> None:
    refused = refusal(check_password, password, "lena")
    assert refused is None or len(password) < MIN_LENGTH or password not in refused.text()
