import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cryptography_vectors
import pytest

from app.core.errors import InvalidInputError
from app.pki import der
from app.pki.certificates import KeyUsage
from app.pki.contents import NEVER
from app.pki.extensions import CustomExtension
from app.pki.keys import KeyAlgorithm
from app.pki.lint import LintFinding, LintSeverity, lint_certificate
from app.pki.names import Attribute, GeneralName, SanKind
from tests.pki.material import key, root

PKITS = Path(cryptography_vectors.__file__).parent / "x509/PKITS_data/certs"


def pkits(name: str) -> bytes:
    return (PKITS / f"{name}.crt").read_bytes()


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_what_this_program_issues_is_clean(algorithm: KeyAlgorithm) -> None:
    issuer = root("Lint root", 70, algorithm)
    assert lint_certificate(issuer.certificate) == ()
    assert lint_certificate(issuer.issue(public_key=key(algorithm).public_key)) == ()


def test_device_certificates_of_the_usual_profiles_are_clean() -> None:
    module = GeneralName(SanKind.HARDWARE_MODULE_NAME, "1.3.6.1.4.1.99999.1:SN-1")
    assert lint_certificate(root().issue(subject=(), san=(module,), not_after=NEVER)) == ()
    matter = (Attribute("2.5.4.3", "DAC"), Attribute("1.3.6.1.4.1.37244.2.1", "FFF1"))
    assert lint_certificate(root().issue(subject=matter, not_after=NEVER)) == ()
    assert lint_certificate(root().sub("Sub").certificate) == ()


def test_findings_say_what_where_and_how_bad() -> None:
    found = lint_certificate(pkits("keyUsageNotCriticalCACert"))
    assert found == (
        LintFinding(
            LintSeverity.WARNING,
            "pkix.key_usage_extension_not_critical",
            "Key usage extension not critical.",
            found[0].where,
        ),
    )
    assert found[0].where.startswith("certificate.tbsCertificate.extensions")


def test_the_worst_comes_first() -> None:
    for path in sorted(PKITS.glob("*.crt"))[::4]:
        order = [list(LintSeverity).index(f.severity) for f in lint_certificate(path.read_bytes())]
        assert order == sorted(order)


def test_an_extension_that_is_not_what_it_says_is_an_error() -> None:
    broken = CustomExtension("2.5.29.32", critical=False, value=der.integer(1))
    (finding,) = lint_certificate(root().issue(extensions=(broken,)))
    assert (finding.severity, finding.code) == (LintSeverity.ERROR, "itu.invalid_asn1_syntax")


def test_threads_do_not_mix_their_findings() -> None:
    certificates = [path.read_bytes() for path in sorted(PKITS.glob("*.crt"))[:60]]
    alone = [lint_certificate(certificate) for certificate in certificates]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lint_certificate, certificates)) == alone
    assert any(alone)


@pytest.mark.parametrize("data", [b"", b"\x30\x00", b"\x30\x80\x00\x00", b"\x30\x03\x02\x01\x01"])
def test_what_is_no_certificate_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        lint_certificate(data)


def test_damaged_certificates_are_linted_or_refused_quietly(
    capfd: pytest.CaptureFixture[str],
) -> None:
    chance = random.Random(5)
    usual = root().issue(key_usage=frozenset({KeyUsage.DIGITAL_SIGNATURE}))
    refused = 0
    for _time in range(300):
        mutant = bytearray(usual)
        mutant[chance.randrange(len(usual))] ^= chance.randrange(1, 256)
        try:
            lint_certificate(bytes(mutant))
        except InvalidInputError:
            refused += 1
    assert 0 < refused < 300
    assert capfd.readouterr() == ("", "")


def test_pkilint_is_loaded_only_when_needed() -> None:
    question = "import sys, app.pki.lint; sys.exit('pkilint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", question], check=False).returncode == 0


def test_loading_it_warns_of_nothing() -> None:
    load = "from app.pki.lint import _linter; _linter()"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", load], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
