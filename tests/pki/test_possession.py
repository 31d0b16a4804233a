"""Proving to have a private key by signing a challenge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import AuthenticationError
from app.pki.keys import KeyAlgorithm, generate, private_key_to_pem, public_key_der
from app.pki.possession import check_possession, private_key_in, sign_challenge

CHALLENGE = bytes(range(32))
KEY = generate(KeyAlgorithm.EC_P256)


@pytest.mark.req("ROLE-02")
@pytest.mark.parametrize(
    "algorithm",
    [one for one in KeyAlgorithm if one not in (KeyAlgorithm.RSA_3072, KeyAlgorithm.RSA_4096)],
)
def test_every_kind_of_key_proves_itself(algorithm: KeyAlgorithm) -> None:
    key = generate(algorithm)
    loaded = private_key_in(private_key_to_pem(key, "a passphrase"), "a passphrase")
    signature = sign_challenge(loaded, CHALLENGE)
    check_possession(public_key_der(key.public_key()), CHALLENGE, signature)
    with pytest.raises(AuthenticationError):
        check_possession(public_key_der(key.public_key()), CHALLENGE[::-1], signature)


@given(st.binary(max_size=100))
def test_no_other_bytes_are_a_proof(signature: bytes) -> None:
    with pytest.raises(AuthenticationError):
        check_possession(public_key_der(KEY.public_key()), CHALLENGE, signature)
