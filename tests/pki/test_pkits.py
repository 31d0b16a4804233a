"""NIST's Public Key Interoperability Test Suite against the validation of client certificates.

Where the verdict differs, docs/path-validation.md says so and why; the table there is read
here. A test by its file: `ValidX` and `InvalidX` say what NIST expects with default settings.
"""

import re
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import cryptography_vectors
import pytest

from app.pki.chains import (
    ChainFault,
    ClientCertificateError,
    order_chain,
    validate_client_chain,
)

CERTIFICATES = Path(cryptography_vectors.__file__).parent / "x509" / "PKITS_data" / "certs"
DOCUMENT = Path(__file__).parents[2] / "docs" / "path-validation.md"
NOW = datetime(2026, 1, 1, tzinfo=UTC)  # the suite's certificates end in 2030
ACCEPT, REFUSE = "accept", "refuse"

# Section 4.8 of the suite names its tests without a verdict: with default settings these fail.
POLICY_REFUSALS = {f"DifferentPoliciesTest{number}" for number in (4, 5, 7, 8, 9, 12)}
FAULTS = {
    r"NameChaining|Signature": ChainFault.UNKNOWN_ISSUER,
    r"notAfterDate": ChainFault.EXPIRED,
    r"notBeforeDate": ChainFault.NOT_YET_VALID,
}


def pkits_tests() -> list[str]:
    return sorted(path.stem.removesuffix("EE") for path in CERTIFICATES.glob("*EE.crt"))


@lru_cache
def issuers() -> tuple[bytes, ...]:
    """Every CA of the suite: the path to a certificate has to be found among them."""
    paths = sorted(CERTIFICATES.glob("*.crt"))
    return tuple(path.read_bytes() for path in paths if not path.stem.endswith("EE"))


def differences() -> dict[str, tuple[str, str]]:
    """NIST's verdict and ours, by test, as the document tells them."""
    table = DOCUMENT.read_text("utf-8").partition("| tests |")[2]
    found = {}
    for line in table.splitlines()[2:]:
        listed, theirs, ours, why = (cell.strip() for cell in line.strip("|").split("|"))
        assert why
        found.update(dict.fromkeys(listed.split(", "), (theirs, ours)))
    return found


def expected(test: str) -> str:
    """NIST's verdict."""
    return REFUSE if test.startswith("Invalid") or test in POLICY_REFUSALS else ACCEPT


def fault_of(test: str) -> ChainFault:
    """What is wrong in a test that is to be refused."""
    matching = (fault for pattern, fault in FAULTS.items() if re.search(pattern, test))
    return next(matching, ChainFault.INVALID)


def verdict(test: str) -> str:
    """Ours: accept, or the fault."""
    leaf = (CERTIFICATES / f"{test}EE.crt").read_bytes()
    anchor = (CERTIFICATES / "TrustAnchorRootCertificate.crt").read_bytes()
    try:
        validate_client_chain(leaf, issuers(), [anchor], NOW)
    except ClientCertificateError as refusal:
        return refusal.fault
    return ACCEPT


@pytest.mark.req("ATK-F05")
@pytest.mark.parametrize("test", pkits_tests())
def test_the_verdict_is_nist_s_or_explained(test: str) -> None:
    wanted = ACCEPT if expected(test) == ACCEPT else fault_of(test)
    theirs, ours = differences().get(test, (expected(test), wanted))
    assert theirs == expected(test)
    assert verdict(test) == ours


def test_the_document_explains_tests_that_exist_and_differ() -> None:
    assert len(pkits_tests()) == 223
    for test, (theirs, ours) in differences().items():
        assert test in pkits_tests()
        assert ours != (ACCEPT if theirs == ACCEPT else fault_of(test))


def test_no_chain_is_built_on_dsa() -> None:
    leaf = (CERTIFICATES / "ValidDSASignaturesTest4EE.crt").read_bytes()
    ca = (CERTIFICATES / "DSACACert.crt").read_bytes()
    assert order_chain(leaf, [ca]) == (leaf,)
