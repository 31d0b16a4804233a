import base64

import pytest

from app.core.errors import InvalidInputError
from app.core.messages import Peer
from app.models.services.est.pop_linking import check_linking
from app.pki.csr import parse_csr
from tests.plant import csr, ec_key

UNIQUE = bytes(range(12))  # a Finished of TLS 1.2
EXPORTER = bytes(range(32))


def linked(challenge: str | None, binding: bytes, *, required: bool = False) -> None:
    check_linking(
        parse_csr(csr(ec_key(), "pump-1", challenge=challenge)),
        Peer("192.0.2.7", channel_binding=binding),
        required=required,
    )


@pytest.mark.req("EST-POP-01", "EST-POP-04", "DEC-19")
@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize("binding", [UNIQUE, EXPORTER])
def test_the_binding_of_this_connection_is_taken(binding: bytes, required: bool) -> None:
    linked(base64.b64encode(binding).decode(), binding, required=required)


@pytest.mark.req("EST-POP-02", "EST-POP-05", "EST-POP-09", "DEC-19")
@pytest.mark.parametrize(
    ("challenge", "binding"),
    [
        (base64.b64encode(UNIQUE[::-1]).decode(), UNIQUE),
        (base64.b64encode(UNIQUE).decode(), EXPORTER),
        (base64.b64encode(UNIQUE).decode().rstrip("="), UNIQUE[:11]),
        (UNIQUE.hex(), UNIQUE),
        ("a password", UNIQUE),
        ("a password", b""),
    ],
)
def test_any_other_value_is_refused(challenge: str, binding: bytes) -> None:
    with pytest.raises(InvalidInputError, match="linking failed"):
        linked(challenge, binding)


def test_none_is_refused_only_where_one_is_required() -> None:
    linked(None, UNIQUE)
    with pytest.raises(InvalidInputError, match="requires"):
        linked(None, UNIQUE, required=True)


def test_a_text_beyond_ascii_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        linked("Zürich", UNIQUE)
