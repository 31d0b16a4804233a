import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidInputError
from app.est.encoding import decode_request, encode_response
from app.models.domain.est_servers import Base64Form
from tests.plant import csr, ec_key

CSR = csr(ec_key(), "pump-1")
TEXT = base64.b64encode(CSR)


@pytest.mark.req("EST-ENC-01")
@given(
    st.binary(min_size=1, max_size=2000),
    st.sampled_from(Base64Form),
    st.sampled_from([None, "curl/7.88.1", "libest 3.2.0"]),
)
def test_what_is_encoded_is_decoded(der: bytes, form: Base64Form, agent: str | None) -> None:
    assert decode_request(encode_response(der, form, agent)) == der


@pytest.mark.req("EST-ENC-07", "DEC-17")
@pytest.mark.parametrize(
    ("size", "form", "agent", "lines"),
    [
        (750, Base64Form.AUTO, "libest", 1),  # 1000 characters
        (751, Base64Form.AUTO, "libest", 16),  # 1004 characters
        (751, Base64Form.AUTO, "", 16),
        (751, Base64Form.AUTO, None, 1),
        (751, Base64Form.SINGLE_LINE, "libest", 1),
        (750, Base64Form.WRAPPED, None, 16),
    ],
)
def test_form(size: int, form: Base64Form, agent: str | None, lines: int) -> None:
    body = encode_response(bytes(size), form, agent)
    assert body.endswith(b"\n")
    assert b"\r" not in body
    assert body.count(b"\n") == lines
    if lines > 1:
        assert {len(line) for line in body.splitlines()[:-1]} == {64}


@pytest.mark.req("EST-ENC-02")
@given(st.lists(st.tuples(st.integers(0, len(TEXT)), st.sampled_from(" \t\r\n")), max_size=40))
def test_white_space_anywhere(places: list[tuple[int, str]]) -> None:
    text = TEXT.decode()
    for place, space in sorted(places, reverse=True):
        text = text[:place] + space + text[place:]
    assert decode_request(text.encode()) == CSR


@pytest.mark.req("EST-ENC-02")
@pytest.mark.parametrize(
    "body",
    [
        base64.encodebytes(CSR),  # LF at 76
        base64.encodebytes(CSR).replace(b"\n", b"\r\n") + b"\r\n",
        TEXT,
    ],
)
def test_real_layouts(body: bytes) -> None:
    assert decode_request(body) == CSR


PADDED = base64.b64encode(b"\xfb\xff\xfe\x00")  # +//+AA==


@pytest.mark.req("EST-ENC-03", "EST-ENR-16", "ATK-A01")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \r\n\t ",
        b"M",
        PADDED[:-1],
        PADDED[:-2],
        PADDED + b"=",
        PADDED.replace(b"+", b"-").replace(b"/", b"_"),
        b"+//+AB==",  # bits behind the padding
        PADDED + PADDED,
        PADDED[:4] + b"\0" + PADDED[4:],
        PADDED[:4] + b"*" + PADDED[4:],
        PADDED.decode().encode("utf-16"),
        b"\xef\xbb\xbf" + PADDED,
        "MIIBé".encode(),
        b"\x0b" + PADDED,
    ],
)
def test_what_is_not_base64(body: bytes) -> None:
    with pytest.raises(InvalidInputError):
        decode_request(body)


@pytest.mark.req("EST-ENC-04")
def test_pem_is_taken_and_raw_der_is_not() -> None:
    armoured = b"\n-----BEGIN CERTIFICATE REQUEST-----\n%s-----END CERTIFICATE REQUEST-----\n"
    assert decode_request(armoured % base64.encodebytes(CSR)) == CSR
    with pytest.raises(InvalidInputError):
        decode_request(CSR)


@given(st.binary(max_size=300))
def test_no_bytes_make_it_stumble(body: bytes) -> None:
    try:
        decoded = decode_request(body)
    except InvalidInputError:
        return
    assert base64.b64encode(decoded) == b"".join(body.split())


@pytest.mark.req("ATK-A02")
@given(st.binary(max_size=200))
def test_no_armoured_bytes_make_it_stumble(inside: bytes) -> None:
    with pytest.raises(InvalidInputError):
        decode_request(
            b"-----BEGIN CERTIFICATE REQUEST-----\n%s\n-----END CERTIFICATE REQUEST-----" % inside
        )
