import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pki.sealing import KdfCost, SealError, derive_key, fingerprint, new_key, seal, unseal

CHEAP = KdfCost(memory=64, passes=1, lanes=1)
KEY = bytes(range(32))


@given(st.binary(max_size=500), st.binary(max_size=50))
def test_what_is_sealed_is_unsealed(plaintext: bytes, context: bytes) -> None:
    assert unseal(KEY, seal(KEY, plaintext, context), context) == plaintext


def test_the_same_secret_never_looks_the_same() -> None:
    sealed = {seal(KEY, b"secret", b"") for _time in range(100)}
    assert len({value[:12] for value in sealed}) == 100
    assert all(b"secret" not in value for value in sealed)


def test_every_changed_octet_is_noticed() -> None:
    sealed = seal(KEY, b"secret", b"row 7")
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(SealError):
            unseal(KEY, bytes(changed), b"row 7")
    for length in range(len(sealed)):
        with pytest.raises(SealError):
            unseal(KEY, sealed[:length], b"row 7")


def test_another_key_or_context_does_not_open() -> None:
    sealed = seal(KEY, b"secret", b"row 7")
    with pytest.raises(SealError) as refusal:
        unseal(new_key(), sealed, b"row 7")
    with pytest.raises(SealError):
        unseal(KEY, sealed, b"row 8")
    assert "secret" not in refusal.value.text().replace("The secret", "")


def test_keys_are_random_and_long() -> None:
    assert len({new_key() for _time in range(100)}) == 100
    assert len(new_key()) == 32


def test_a_derived_key_depends_on_everything() -> None:
    salt = b"0123456789abcdef"
    keys = {
        derive_key("passphrase", salt, CHEAP),
        derive_key("Passphrase", salt, CHEAP),
        derive_key("passphrase", salt[::-1], CHEAP),
        derive_key("passphrase", salt, KdfCost(64, 2, 1)),
        derive_key("passphrase", salt, KdfCost(128, 1, 1)),
        derive_key("p\u00e4ssphrase", salt, CHEAP),
    }
    assert len(keys) == 6
    assert {len(key) for key in keys} == {32}
    assert derive_key("passphrase", salt, CHEAP) in keys


def test_argon2id_is_the_one_of_the_reference_implementation() -> None:
    """Its own test value: t=2, m=2^16, p=1."""
    derived = derive_key("password", b"somesalt", KdfCost(memory=2**16, passes=2, lanes=1))
    assert derived.hex() == "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"


def test_the_default_cost_is_not_below_what_owasp_advises() -> None:
    cost = KdfCost()
    assert cost.memory >= 47_104
    assert cost.passes >= 1


def test_fingerprints_recognise_and_are_keyed() -> None:
    assert fingerprint(KEY, b"secret") == hmac.new(KEY, b"secret", "sha256").digest()
    assert fingerprint(KEY, b"secret") != fingerprint(new_key(), b"secret")
