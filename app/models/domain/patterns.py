"""Regular expressions that people give for values: only those that are judged in no time.

Python tries one way after another to match. What is taken here is a part of its language whose
ways can be counted beforehand: characters, classes, groups, alternatives and repeats.
"""

import re

from app.core.errors import InvalidInputError
from app.core.language import _

MAX_PATTERN_LENGTH = 200
MAX_WAYS = 1_000_000  # a tenth of a second

_REPEAT = re.compile(r"([*+?]|\{([0-9]*)(,?)([0-9]*)\})\??")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\\\]])*\]")
_KEPT_FOR_SETS = re.compile(r".\[|--|&&|~~|\|\|")  # Python may once read more into these


def check_pattern(pattern: str, longest: int) -> None:
    """Raise `InvalidInputError` unless values of at most `longest` characters can be judged by it.

    Refused are look-around, back references and flags, and what could be tried in too many ways.
    """
    if len(pattern) > MAX_PATTERN_LENGTH:
        raise InvalidInputError(
            _("A pattern has at most {count} characters.").format(count=MAX_PATTERN_LENGTH)
        )
    ways = _Reader(pattern, longest).ways()
    try:
        re.compile(pattern)
    except (re.error, OverflowError) as error:
        raise InvalidInputError(
            _("The pattern is no regular expression: {problem}.").format(problem=error)
        ) from error
    if ways > MAX_WAYS:
        raise InvalidInputError(
            _("The pattern can be tried in too many ways."),
            remedy=_("Say how often something may come, like {example}.").format(
                example=r"\d{1,4}"
            ),
        )


class _Reader:
    """Counts the ways in which an expression can be tried, at most; reads it once."""

    def __init__(self, pattern: str, longest: int) -> None:
        self._left = pattern
        self._longest = longest

    def ways(self) -> int:
        ways = self._alternatives()
        if self._left:
            raise _unknown(self._left)
        return ways

    def _alternatives(self) -> int:
        ways = self._sequence()
        while self._takes("|"):
            ways += self._sequence()
        return ways

    def _sequence(self) -> int:
        ways = 1
        while self._left and self._left[0] not in "|)":
            ways = min(ways * self._repeated(self._atom()), MAX_WAYS + 1)
        return ways

    def _atom(self) -> int:
        if self._takes("("):
            if self._left.startswith("?") and not self._left.startswith("?:"):
                raise _unknown("(" + self._left[:3])
            self._left = self._left.removeprefix("?:")
            ways = self._alternatives()
            if not self._takes(")"):
                raise _unknown(self._left)
            return ways
        first, second = self._left[0], self._left[1:2]
        found = _CLASS.match(self._left)
        if first == "[" and (found is None or _KEPT_FOR_SETS.search(found[0])):
            raise _unknown(self._left)
        if first == "\\" and second.isdigit():
            raise _unknown(first + second)
        self._left = self._left[found.end() if found else 2 if first == "\\" else 1 :]
        return 1

    def _repeated(self, ways: int) -> int:
        """The ways of something repeated: each number of times, and each time each way."""
        found = _REPEAT.match(self._left)
        if found is None:
            return ways
        self._left = self._left[found.end() :]
        sign, low, comma, high = found.groups()
        least, most = 0, self._longest
        if sign == "?":
            most = 1
        elif sign not in ("*", "+"):
            least = int(low or 0)
            most = int(high) if high else self._longest if comma else least
        if ways == 1:
            return max(most - least, 0) + 1
        total, times = 0, least
        while times <= most and total <= MAX_WAYS:
            total += ways ** min(times, MAX_WAYS.bit_length())
            times += 1
        return max(total, 1)

    def _takes(self, sign: str) -> bool:
        taken = self._left.startswith(sign)
        self._left = self._left[1:] if taken else self._left
        return taken


def _unknown(part: str) -> InvalidInputError:
    return InvalidInputError(
        _("The pattern has a part that cannot be used here: {part}").format(part=part),
        remedy=_("Use characters, classes, groups, alternatives and repeats."),
    )
