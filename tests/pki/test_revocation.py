import pytest
from cryptography import x509

from app.pki import der
from app.pki.revocation import RevocationReason, encode_reason, read_reason


@pytest.mark.parametrize("reason", RevocationReason)
def test_reasons_are_those_of_another_implementation(reason: RevocationReason) -> None:
    theirs = x509.CRLReason(x509.ReasonFlags(reason.value))
    assert theirs.public_bytes() == encode_reason(reason)
    assert read_reason(encode_reason(reason)) is reason


@pytest.mark.parametrize("data", ["0a0107", "0a010b", "0a01ff", "0a020001", "020101", "0a00", ""])
def test_other_reasons_are_refused(data: str) -> None:
    with pytest.raises(der.DerError):
        read_reason(bytes.fromhex(data))
