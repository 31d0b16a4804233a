"""The words for what a certificate is and how it stands."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import pytest

from app.models.domain.access import Channel
from app.models.domain.certificates import Certificate, CertificateStatus
from app.models.domain.templates import CertificateKind
from app.models.services.authorities.revocation import AUTHORITY_REASONS
from app.models.services.certificates.listed import CertificateState
from app.models.services.revocation.revocation import REASONS
from app.views.certificate_words import kind_text, reason_text
from app.views.certificates.words import full_kind_text, state_text, status_badge
from app.views.channel_words import channel_text

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (kind_text, CertificateKind),
        (full_kind_text, CertificateKind),
        (state_text, CertificateState),
        (channel_text, Channel),
        (reason_text, REASONS),
        (reason_text, AUTHORITY_REASONS),
    ],
)
def test_everything_has_words_of_its_own(
    words: Callable[[object], str], values: Iterable[object]
) -> None:
    told = [words(value) for value in values]
    assert all(told)
    assert len(set(told)) == len(told)
    assert not {str(value) for value in values} & set(told)


@pytest.mark.parametrize(
    ("status", "days", "words"),
    [
        (CertificateStatus.ISSUED, 300, "Valid"),
        (CertificateStatus.ISSUED, 9, "Expiring"),
        (CertificateStatus.ISSUED, -1, "Expired"),
        (CertificateStatus.ON_HOLD, 300, "On hold"),
        (CertificateStatus.REVOKED, -1, "Revoked"),
    ],
)
def test_the_badge_says_whether_it_can_be_relied_on(
    status: CertificateStatus, days: int, words: str
) -> None:
    certificate = Certificate(
        id=1,
        kind=CertificateKind.OPERATIONAL,
        name="GW-1",
        template_id=1,
        authority_id=1,
        serial="01",
        fingerprint="ab",
        subject="CN=GW-1",
        not_before=NOW - timedelta(days=400),
        not_after=NOW + timedelta(days=days),
        status=status,
        issued_at=NOW - timedelta(days=400),
        issued_through=Channel.EST,
    )
    assert status_badge(certificate, NOW).text == words
