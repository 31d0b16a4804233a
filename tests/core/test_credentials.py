import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.credentials import basic_credentials
from app.core.errors import AuthenticationError

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=80)


def header(content: bytes, scheme: str = "Basic") -> str:
    return f"{scheme} {base64.b64encode(content).decode()}"


@pytest.mark.req("EST-AUT-10")
@given(TEXT.filter(lambda text: ":" not in text), TEXT)
def test_the_first_colon_splits(name: str, password: str) -> None:
    credentials = basic_credentials(header(f"{name}:{password}".encode()))
    assert credentials == (name, password)


@pytest.mark.req("ATK-E04")
@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC", "bAsIc"])
def test_the_scheme_has_no_case(scheme: str) -> None:
    assert basic_credentials(header(b"pump:secret", scheme)) == ("pump", "secret")


@pytest.mark.req("ATK-E04", "ATK-E05")
@pytest.mark.parametrize(
    "value",
    [
        "",
        "Basic",
        "Basic ",
        "Basic !!!!",
        "Basic cHVtcA",  # padding missing
        header(b"pump"),
        header(b"pump\0:secret"),
        header(b"pump:sec\0ret"),
        header(b"\xff\xfe:secret"),
        header(b"pump:secret", "Bearer"),
        header(b"pump:secret", "Digest"),
        'Digest username="pump", realm="EST", nonce="0", uri="/", response="0"',
        header(b"pump:secret") + ", Basic cHVtcDp4",
        header(b"p:s").replace(" ", "\t"),
    ],
)
def test_what_is_no_basic(value: str) -> None:
    with pytest.raises(AuthenticationError):
        basic_credentials(value)


@pytest.mark.req("ATK-E04")
@given(st.text(max_size=120))
def test_no_header_makes_it_stumble(value: str) -> None:
    try:
        name, _password = basic_credentials(value)
    except AuthenticationError:
        return
    assert ":" not in name
