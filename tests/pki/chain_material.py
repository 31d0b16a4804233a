"""Authorities below the root of `material`, and what a chain is refused for."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

import pytest

from app.pki.chains import ChainFault, ClientCertificateError, validate_client_chain
from tests.pki.material import NOW, Authority, root


@lru_cache
def middle() -> Authority:
    return root().sub("Middle", 20)


@lru_cache
def low() -> Authority:
    return middle().sub("Low", 21)


def fault(
    leaf: bytes,
    candidates: Sequence[bytes] = (),
    anchors: Sequence[bytes] | None = None,
    now: datetime = NOW,
) -> ChainFault:
    with pytest.raises(ClientCertificateError) as refusal:
        validate_client_chain(
            leaf, candidates, [root().certificate] if anchors is None else anchors, now
        )
    assert refusal.value.problem
    return refusal.value.fault
