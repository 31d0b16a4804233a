"""What a label may be called."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidInputError
from app.models.domain.est_labels import ARBITRARY, check_label


def refused(name: str) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as error:
        check_label(name)
    assert error.value.field == "name"
    return error.value


@pytest.mark.req("LBL-03", "EST-URI-07")
@pytest.mark.parametrize(
    "name",
    [
        "",
        "ab",
        "a" * 25,
        "a" * 129,
        "Line4",
        "line 4",
        "line-4",
        "line_4",
        "líne",
        "line4\n",
        "\u0663\u0663\u0663",
    ],
)
def test_other_lengths_and_characters_are_refused(name: str) -> None:
    assert "3 to 24" in refused(name).problem


@pytest.mark.req("EST-URI-03")
@pytest.mark.parametrize(
    "name",
    [
        *("cacerts", "simpleenroll", "simplereenroll", "fullcmc", "serverkeygen", "csrattrs"),
        *("pal", "eecerts", "crls", "symmetrickeys", "firmware", "tamp"),
        *("requestvoucher", "requestauditlog", "enrollstatus", ARBITRARY),
    ],
)
def test_what_clients_ask_for_is_reserved(name: str) -> None:
    assert "reserved" in refused(name).problem


@pytest.mark.req("LBL-03")
@pytest.mark.parametrize("name", ["abc", "a" * 24, "007", "line4", "cacerts2"])
def test_good_labels(name: str) -> None:
    check_label(name)


@given(st.text(max_size=30) | st.text("abcz019-_. A", max_size=30))
def test_only_letters_and_digits_are_ever_taken(name: str) -> None:
    if re.fullmatch(r"[a-z0-9]{3,24}", name) is None:
        refused(name)
