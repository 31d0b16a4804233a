import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidInputError
from app.pki import der
from app.pki.strings import check_characters, escape_unsafe, is_unsafe, read_string


def test_a_number_is_no_text() -> None:
    with pytest.raises(der.DerError):
        read_string(der.parse(der.integer(1)))


@pytest.mark.req("ATK-C05")
@given(st.text())
def test_a_text_is_refused_exactly_when_it_hides_something(text: str) -> None:
    hidden = [character for character in text if is_unsafe(character)]
    if hidden:
        with pytest.raises(InvalidInputError) as refusal:
            check_characters(text, "The name")
        assert f"U+{ord(hidden[0]):04X}" in refusal.value.problem
    else:
        check_characters(text, "The name")
        assert escape_unsafe(text) == text


@given(st.text())
def test_escaped_text_hides_nothing(text: str) -> None:
    shown = escape_unsafe(text)
    assert not any(unicodedata.category(character) in {"Cc", "Cf", "Cs"} for character in shown)
