"""Patterns for values: what is taken, and that no taken one takes long."""

import contextlib
import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.core.errors import InvalidInputError
from app.models.domain.patterns import MAX_PATTERN_LENGTH, check_pattern

LONGEST = 255


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "SN-[0-9]{4,8}",
        r"\d+",
        r"(?:[0-9A-F]{2}:){5}[0-9A-F]{2}",
        r"(north|south)-\d{1,3}(-[a-z]?)?",
        "[]a-z]",
        r"[^\]x]\.",
        r"\w+-\w+",
        "a{}",
    ],
)
def test_what_people_need_is_taken(pattern: str) -> None:
    check_pattern(pattern, LONGEST)


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("(a+)+b", "too many ways"),
        ("(a|a)*b", "too many ways"),
        ("a?" * 30 + "a" * 30, "too many ways"),
        ("a*" * 6 + "b", "too many ways"),
        ("(a|b){1000}", "too many ways"),
        ("(|a|b){30,40}", "too many ways"),
        (r"(a)\1", "cannot be used"),
        ("(?=a)a", "cannot be used"),
        ("(?i)a", "cannot be used"),
        ("(?P<x>a)", "cannot be used"),
        ("[[a]", "cannot be used"),
        ("[a--b]", "cannot be used"),
        ("(a", "cannot be used"),
        ("a)", "cannot be used"),
        ("[a", "cannot be used"),
        ("*a", "no regular expression"),
        ("a{99999999999}", "no regular expression"),
        ("\\", "no regular expression"),
        ("x" * (MAX_PATTERN_LENGTH + 1), "at most 200"),
    ],
)
def test_what_takes_too_long_or_says_nothing_is_refused(pattern: str, problem: str) -> None:
    with pytest.raises(InvalidInputError, match=problem):
        check_pattern(pattern, LONGEST)


def test_shorter_values_allow_more() -> None:
    pattern = "[a-z]*-[a-z]*-[a-z]*"
    with pytest.raises(InvalidInputError):
        check_pattern(pattern, LONGEST)
    check_pattern(pattern, 64)


parts = st.lists(
    st.sampled_from(
        ["a", "b", "a*", "a+", "a?", "(", ")", "(?:", "|", "[ab]", r"\w", "{2}", "{0,9}", "*", "+"]
    ),
    max_size=14,
).map("".join)


@settings(deadline=None)
@given(parts)
@example("a*a*b")
@example("(a|a){18}b")
def test_no_pattern_that_is_taken_takes_long(pattern: str) -> None:
    try:
        check_pattern(pattern, LONGEST)
    except InvalidInputError:
        return
    began = time.perf_counter()
    re.fullmatch(pattern, "a" * (LONGEST - 1) + "!")
    assert time.perf_counter() - began < 2


@given(st.text(max_size=60))
@example("[[:alpha:]]")
@example("(" * 200)
def test_any_text_is_taken_or_refused_in_words(pattern: str) -> None:
    with contextlib.suppress(InvalidInputError):
        check_pattern(pattern, LONGEST)
        re.compile(pattern)
