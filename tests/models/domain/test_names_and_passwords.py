from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config.paths import resources_folder
from app.core.errors import InvalidInputError
from app.models.domain.naming import MAX_NAME_LENGTH, check_display_name
from app.models.domain.passwords import KNOWN_BAD, MAX_LENGTH, MIN_LENGTH, check_password


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


def test_the_known_bad_ones_are_many_and_none_gets_through() -> None:
    lines = (resources_folder() / KNOWN_BAD).read_text(encoding="utf-8").splitlines()
    assert len(lines) > 3000
    assert lines == sorted({line.casefold().strip() for line in lines})
    long_enough = [line for line in lines if MIN_LENGTH <= len(line) <= MAX_LENGTH]
    assert len(long_enough) > 1000
    for line in long_enough:
        with pytest.raises(InvalidInputError):
            check_password(line.upper())


@given(st.sampled_from(["password", "Qwertyuiop", "ILOVEYOU"]), st.integers(10**5, 10**12))
def test_numbers_behind_a_bad_one_make_it_no_better(word: str, number: int) -> None:
    with pytest.raises(InvalidInputError):
        check_password(f"{word}{number}")
    with pytest.raises(InvalidInputError):
        check_password(f"{word}!{number}!!")
