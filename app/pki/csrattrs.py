"""CSR attributes: what an EST server wants to see in requests (RFC 7030 section 4.5, RFC 9908)."""

from collections.abc import Sequence

from app.pki import der
from app.pki.csr import CHALLENGE_PASSWORD
from app.pki.keys import KeyAlgorithm, key_type
from app.pki.sign import signature_algorithm


def csr_attributes(algorithms: Sequence[KeyAlgorithm], *, challenge_password: bool) -> bytes:
    """DER CsrAttrs for requests with a key of one of these kinds; empty when all is welcome.

    One kind is told exactly: the type of key with its curve, or its size in bits. Several of one
    type leave that open, and several types cannot be demanded, only named (RFC 9908 section 3.2).
    The signature algorithms that suit the keys follow.
    """
    wanted = [der.oid(CHALLENGE_PASSWORD)] if challenge_password else []
    if set(algorithms) != set(KeyAlgorithm):
        wanted += _keys(algorithms)
    return der.sequence(*wanted) if wanted else b""


def _keys(algorithms: Sequence[KeyAlgorithm]) -> list[bytes]:
    types = dict.fromkeys(der.oid(key_type(algorithm)[0]) for algorithm in algorithms)
    signatures = dict.fromkeys(
        der.parse(signature_algorithm(algorithm)).sequence()[0].encoded for algorithm in algorithms
    )
    signed = [oid for oid in signatures if oid not in types]  # Ed25519 and ML-DSA: told already
    if len(types) > 1:
        return [*types, *signed]
    parameter = key_type(algorithms[0])[1] if len(algorithms) == 1 else None
    values = [] if parameter is None else [_value(parameter)]
    return [der.sequence(*types, der.set_of(values)), *signed]


def _value(parameter: str | int) -> bytes:
    return der.integer(parameter) if isinstance(parameter, int) else der.oid(parameter)
