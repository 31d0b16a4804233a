"""A certificate is brought to the Certificates page to be looked at."""

import pytest
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtTest import QTest

from app.models.domain.access import SYSTEM
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import certificate_to_pem
from app.pki.revocation import RevocationReason
from app.views.certificates.check_dialog import CheckDialog
from app.views.certificates.page import CertificatesPage
from tests.models.services.certificates.test_checks import impostor
from tests.views.certificates.conftest import Give, OpenAs
from tests.views.hands import dialog, press, texts
from tests.views.soon import soon


def opened(page: CertificatesPage) -> CheckDialog:
    press(page, "Check a certificate…")
    shown = dialog(page)
    assert isinstance(shown, CheckDialog)
    assert shown.focusWidget() is shown.drop
    return shown


def paste(shown: CheckDialog, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    shown.drop.setFocus()
    QTest.keySequence(shown.drop, QKeySequence(QKeySequence.StandardKey.Paste))


@pytest.mark.parametrize("revoked", [False, True])
def test_one_of_ours_is_told_from_its_paste(
    demo: Workspace, give: Give, open_as: OpenAs, revoked: bool
) -> None:
    certificate = give("GW-1")
    if revoked:
        demo.revocation.revoke(SYSTEM, certificate.id, RevocationReason.SUPERSEDED)
    shown = opened(open_as())
    paste(shown, certificate_to_pem(certificate.der).decode())
    soon(shown.decoded.isVisible)
    assert {"Valid now", "Known", "Yes", "Revoked" if revoked else "Not revoked"} <= set(
        texts(shown)
    )
    assert "GW-1" in shown.decoded.toPlainText()


def test_an_impostor_is_unknown(demo: Workspace, give: Give, open_as: OpenAs) -> None:
    give("GW-1")
    shown = opened(open_as())
    paste(shown, certificate_to_pem(impostor(demo)).decode())
    soon(shown.decoded.isVisible)
    assert {"Unknown", "Not found"} <= set(texts(shown))
    assert "Known" not in texts(shown)


def test_what_is_no_certificate_is_refused_in_words(give: Give, open_as: OpenAs) -> None:
    certificate = give("GW-1")
    shown = opened(open_as())
    paste(shown, certificate_to_pem(certificate.der).decode())
    soon(shown.decoded.isVisible)
    paste(shown, "no certificate")
    soon(lambda: "neither PEM nor DER" in shown.banner.text())
    assert not shown.decoded.isVisible()
