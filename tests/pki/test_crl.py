import shutil
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidInputError
from app.pki import der
from app.pki.certificates import KeyUsage, certificate_to_pem, read_certificate
from app.pki.crl import read_crl
from app.pki.keys import KeyAlgorithm, public_key_from_der
from app.pki.revocation import RevocationReason, RevokedCertificate
from tests.pki.crl_material import PARTITION, WEEK, crl, crl_to_pem, revoked
from tests.pki.material import (
    NOW,
    OPENSSL_ALGORITHMS,
    Authority,
    key,
    openssl,
    root,
)

LISTED = [reason for reason in RevocationReason if reason is not RevocationReason.REMOVE_FROM_CRL]
MOMENTS = st.datetimes(datetime(1950, 1, 1), datetime(9999, 12, 31)).map(  # noqa: DTZ001  hypothesis wants naive bounds
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
ENTRIES = st.lists(
    st.builds(
        RevokedCertificate,
        st.integers(0, 2**159 - 1),
        MOMENTS,
        st.sampled_from(LISTED),
        st.none() | MOMENTS,
    ),
    unique_by=lambda entry: entry.serial,
    max_size=8,
)


@given(ENTRIES, st.integers(0, 2**159 - 1), st.none() | st.just(PARTITION))
def test_what_is_built_is_read(
    entries: list[RevokedCertificate], number: int, partition: str | None
) -> None:
    data = crl(entries, number=number, partition_url=partition)
    info = read_crl(data)
    issuer = read_certificate(root().certificate)
    assert info.revoked == tuple(entries)
    assert (info.number, info.partition_url) == (number, partition)
    assert (info.this_update, info.next_update) == (NOW, NOW + WEEK)
    assert (info.issuer_der, info.authority_key_id) == (issuer.subject_der, issuer.subject_key_id)


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_another_implementation_reads_the_same(algorithm: KeyAlgorithm) -> None:
    ca = root("R", 0, algorithm)
    since = NOW - WEEK
    entries = [
        revoked(serial, reason=reason, invalid_since=since)
        for serial, reason in enumerate(LISTED, start=1)
    ]
    theirs = x509.load_der_x509_crl(crl(entries, ca, partition_url=PARTITION))
    assert theirs.is_signature_valid(public_key_from_der(ca.key.public_key))
    assert [found.serial_number for found in theirs] == list(range(1, len(LISTED) + 1))
    for entry in entries:
        found = theirs.get_revoked_certificate_by_serial_number(entry.serial)
        assert found is not None
        assert found.revocation_date_utc == NOW
        dated = found.extensions.get_extension_for_class(x509.InvalidityDate).value
        assert dated.invalidity_date_utc == since
        if entry.reason is RevocationReason.UNSPECIFIED:
            assert len(found.extensions) == 1
        else:
            reason = found.extensions.get_extension_for_class(x509.CRLReason).value.reason
            assert reason.value == entry.reason
    scope = theirs.extensions.get_extension_for_class(x509.IssuingDistributionPoint)
    assert scope.critical
    assert scope.value.full_name == [x509.UniformResourceIdentifier(PARTITION)]
    numbered = theirs.extensions.get_extension_for_class(x509.CRLNumber)
    assert (numbered.value.crl_number, numbered.critical) == (7, False)


@pytest.mark.parametrize("algorithm", OPENSSL_ALGORITHMS)
def test_openssl_verifies_the_list(algorithm: KeyAlgorithm, tmp_path: Path) -> None:
    ca = root("R", 0, algorithm)
    (tmp_path / "ca.pem").write_bytes(certificate_to_pem(ca.certificate))
    (tmp_path / "crl.der").write_bytes(crl([revoked(0x1234)], ca))
    text = openssl(
        *("crl", "-inform", "DER", "-in", tmp_path / "crl.der", "-text", "-noout"),
        *("-CAfile", tmp_path / "ca.pem"),
    )
    assert "Version 2" in text
    assert "Serial Number: 1234" in text
    assert "Superseded" in text


@pytest.mark.parametrize("partition", [None, PARTITION])
def test_openssl_refuses_what_is_listed_and_nothing_else(
    partition: str | None, tmp_path: Path
) -> None:
    ca = root()
    urls = (PARTITION,) if partition else ()
    good, bad = ca.issue(crl_urls=urls), ca.issue(crl_urls=urls)
    entry = revoked(read_certificate(bad).serial)
    (tmp_path / "ca.pem").write_bytes(certificate_to_pem(ca.certificate))
    (tmp_path / "crl.pem").write_bytes(crl_to_pem(crl([entry], partition_url=partition)))

    def verify(leaf: bytes) -> subprocess.CompletedProcess[bytes]:
        (tmp_path / "leaf.pem").write_bytes(certificate_to_pem(leaf))
        when = str(int(NOW.timestamp()) + 60)
        check = ["openssl", "verify", "-crl_check", "-attime", when, "-CAfile", "ca.pem"]
        return subprocess.run(
            [*check, "-CRLfile", "crl.pem", "leaf.pem"],
            cwd=tmp_path,
            capture_output=True,
            check=False,
        )

    assert verify(good).returncode == 0
    refused = verify(bad)
    assert refused.returncode != 0
    assert b"certificate revoked" in refused.stderr


@pytest.mark.skipif(shutil.which("certtool") is None, reason="GnuTLS is not installed")
def test_gnutls_reads_the_list(tmp_path: Path) -> None:
    path = tmp_path / "crl.der"
    path.write_bytes(crl([revoked(0x1234)], partition_url=PARTITION))
    done = subprocess.run(
        ["certtool", "--crl-info", "--inder", "--infile", str(path)],
        capture_output=True,
        check=True,
        text=True,
    )
    for line in ("Version: 2", "Serial Number (hex): 1234", "CRL Number (not critical): 07"):
        assert line in done.stdout


def test_nobody_revoked_leaves_the_field_out() -> None:
    tags = [part.tag for part in der.parse(crl()).children()[0].children()]
    assert tags == [der.INTEGER, 0x30, 0x30, der.UTC_TIME, der.UTC_TIME, 0xA0]


def many() -> list[RevokedCertificate]:
    return [
        revoked(2**150 + number, revoked_at=NOW + timedelta(seconds=number))
        for number in range(100_000)
    ]


def test_a_hundred_thousand_entries_are_a_matter_of_a_second() -> None:
    entries = many()
    before = time.process_time()
    data = crl(entries)
    assert time.process_time() - before < 3  # measured 0.5; a busy machine takes longer
    assert len(x509.load_der_x509_crl(data)) == len(entries)


@pytest.mark.slow
def test_a_hundred_thousand_entries_are_read() -> None:
    entries = many()
    assert read_crl(crl(entries)).revoked == tuple(entries)


def test_who_may_not_sign_lists_is_refused() -> None:
    ca = root()
    device = Authority(ca.issue(), key())
    silent = ca.sub("No lists", key_usage=frozenset({KeyUsage.KEY_CERT_SIGN}))
    for other in (device, silent, Authority(ca.certificate, key(number=77))):
        with pytest.raises(InvalidInputError):
            crl(ca=other)


@pytest.mark.parametrize(
    ("entries", "changes"),
    [
        ([], {"number": -1}),
        ([], {"number": 2**159}),
        ([], {"next_update": NOW}),
        ([], {"partition_url": "no url"}),
        ([revoked(), revoked()], {}),
        ([revoked(reason=RevocationReason.REMOVE_FROM_CRL)], {}),
    ],
)
def test_lists_the_standard_forbids_are_not_built(
    entries: list[RevokedCertificate], changes: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInputError):
        crl(entries, **changes)
