"""What a check found, said in words."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.models.domain.access import Channel
from app.models.domain.certificate_terms import LintFinding, LintSeverity, RevocationReason
from app.models.domain.certificates import Certificate, CertificateStatus
from app.models.domain.templates import CertificateKind
from app.models.services.certificates.checks import CertificateCheck, Timeliness
from app.views.certificates.findings import findings_of
from app.views.theme.tokens import Tone

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KNOWN = Certificate(
    id=1,
    kind=CertificateKind.OPERATIONAL,
    name="GW-1",
    template_id=1,
    authority_id=1,
    serial="0a",
    fingerprint="00" * 32,
    subject="CN=GW-1",
    not_before=NOON,
    not_after=NOON,
    status=CertificateStatus.ISSUED,
    issued_at=NOON,
    issued_through=Channel.WINDOW,
)
GOOD = CertificateCheck(
    certificate=b"",
    subject="CN=GW-1",
    not_before=NOON,
    not_after=NOON.replace(year=2028),
    sections=(),
    known=KNOWN,
    chain=(b"issuer",),
    authority="Acme CA",
    timeliness=Timeliness.WITHIN,
    chain_timeliness=Timeliness.WITHIN,
    chain_revoked=False,
    findings=(),
    trailing=0,
)


def test_everything_is_good() -> None:
    found = findings_of(GOOD)
    assert [one.badge.text for one in found] == [
        "Valid now",
        "Known",
        "Yes",
        "Not revoked",
        "Keeps to it",
    ]
    assert {one.badge.tone for one in found} == {Tone.GOOD}


@pytest.mark.parametrize(
    ("changes", "word", "part"),
    [
        ({"timeliness": Timeliness.BEFORE}, "Not yet valid", "2 Mar 2026"),
        ({"timeliness": Timeliness.AFTER}, "Expired", "2028"),
        ({"chain_timeliness": Timeliness.AFTER}, "Issuer out of date", "authority"),
        ({"not_after": NOON.replace(year=9999)}, "Valid now", "no end"),
        ({"chain": (), "authority": ""}, "Unknown", "No authority"),
        ({"chain": ()}, "Known", "root Acme CA"),
        ({"authority": ""}, "Known", "an authority you do not see"),
        ({"known": None}, "Not found", "not among"),
        ({"chain_revoked": True}, "Authority revoked", "depends on one"),
        ({"chain_revoked": True, "known": None}, "Authority revoked", "depends on one"),
        ({"known": replace(KNOWN, status=CertificateStatus.ON_HOLD)}, "On hold", ""),
        (
            {
                "known": replace(
                    KNOWN,
                    status=CertificateStatus.REVOKED,
                    revoked_at=NOON,
                    revocation_reason=RevocationReason.SUPERSEDED,
                )
            },
            "Revoked",
            "Another certificate takes its place",
        ),
        (
            {"findings": (LintFinding(LintSeverity.ERROR, "pkix.x", "Odd.", "tbs"),)},
            "Error",
            "Odd.",
        ),
    ],
)
def test_what_is_not_as_usual_is_said(changes: dict[str, object], word: str, part: str) -> None:
    found = findings_of(replace(GOOD, **changes))  # type: ignore[arg-type]
    assert part in " ".join(one.text for one in found if one.badge.text == word)
    assert word in [one.badge.text for one in found]
