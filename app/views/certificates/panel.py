"""The side panel of the Certificates page: one certificate, its chain and its renewals."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QWidget

from app.core.language import _
from app.models.domain.certificates import Certificate
from app.models.services.certificates.certificates import CertificateDetails
from app.views.certificate_words import reason_text
from app.views.certificates.chain_tree import ChainTree
from app.views.certificates.words import full_kind_text, holder_text, status_badge
from app.views.channel_words import channel_text
from app.views.validity import end_text
from app.views.widgets.copy_label import CopyLabel
from app.views.widgets.page import ActionRow
from app.views.widgets.property_list import PropertyList
from app.views.widgets.side_panel import SidePanel
from app.views.widgets.times import day_text, time_text, zone_text


class CertificatePanel(SidePanel):
    """Shows a certificate.

    Signals: `content_wanted(str, bytes)`, name and DER of a certificate in the chain.
    """

    content_wanted = Signal(str, bytes)

    def show_certificate(
        self, details: CertificateDetails, actions: Sequence[QAction], now: datetime
    ) -> None:
        """Show a certificate and what can be done to it."""
        certificate = details.certificate
        self.set_heading(
            certificate.name, full_kind_text(certificate.kind), status_badge(certificate, now)
        )
        self.clear()
        self.add_section("", ActionRow(actions))
        if certificate.revoked_at is not None:
            self.add_section(_("Revocation"), _revocation(certificate))
        self.add_section(_("Subject"), _subject(certificate.subject))
        self.add_section(_("Serial number"), CopyLabel(_("Serial number"), certificate.serial))
        self.add_section(
            _("SHA-256 fingerprint"), CopyLabel(_("Fingerprint"), certificate.fingerprint)
        )
        self.add_section(_("Validity"), _validity(certificate))
        self.add_section(_("Issuance"), _issuance(certificate))
        tree = ChainTree(
            (
                (certificate.name, certificate.der),
                *zip(details.chain_subjects, details.chain, strict=True),
            )
        )
        tree.wanted.connect(self.content_wanted)
        self.add_section(_("Chain"), tree)
        if details.renews or details.renewed_by:
            self.add_section(_("Renewals"), _renewals(details, now))


def _subject(text: str) -> QLabel:
    shown = QLabel(text)
    shown.setTextFormat(Qt.TextFormat.PlainText)
    shown.setWordWrap(True)
    shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return shown


def _revocation(certificate: Certificate) -> QWidget:
    shown = PropertyList()
    at, since = certificate.revoked_at, certificate.invalid_since
    if at is not None:
        shown.add(_("Since"), time_text(at), tip=zone_text(at))
    if certificate.revocation_reason is not None:
        shown.add(_("Reason"), reason_text(certificate.revocation_reason))
    if since is not None:
        shown.add(_("Key lost since"), day_text(since), tip=zone_text(since))
    return shown


def _validity(certificate: Certificate) -> QWidget:
    shown = PropertyList()
    begin, end = certificate.not_before, certificate.not_after
    shown.add(_("Valid from"), time_text(begin), tip=zone_text(begin))
    unlimited = end.year == 9999
    until = end_text(end) if unlimited else time_text(end)
    shown.add(_("Valid until"), until, tip="" if unlimited else zone_text(end))
    if certificate.key_until is not None:
        until = time_text(certificate.key_until)
        shown.add(_("Key kept until"), until, tip=zone_text(certificate.key_until))
    return shown


def _issuance(certificate: Certificate) -> QWidget:
    shown = PropertyList()
    shown.add(_("Issued"), time_text(certificate.issued_at), tip=zone_text(certificate.issued_at))
    if certificate.issued_by:
        shown.add(_("Issued by"), certificate.issued_by)
    shown.add(_("Asked for through"), channel_text(certificate.issued_through))
    shown.add(_("Template"), certificate.template_name)
    shown.add(_("Held by"), holder_text(certificate))
    return shown


def _renewals(details: CertificateDetails, now: datetime) -> QWidget:
    shown = PropertyList()
    before = (details.renews,) if details.renews else ()
    for title, others in ((_("Renews"), before), (_("Renewed by"), details.renewed_by)):
        for other in others:
            text = day_text(other.issued_at)
            tip = _("Serial number {serial}").format(serial=other.serial)
            shown.add(title, text, badge=status_badge(other, now), tip=tip)
    return shown
