"""The side panel of the Certificates page: one certificate and its chain."""

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core.language import _
from app.models.domain.authorities import Authority
from app.models.domain.certificates import Certificate
from app.views.certificates.words import channel_text, kind_text, status_badge
from app.views.theme.fonts import scaled
from app.views.theme.icons import set_icon
from app.views.validity import end_text
from app.views.widgets.flow_layout import FlowLayout
from app.views.widgets.property_list import PropertyList
from app.views.widgets.side_panel import SidePanel
from app.views.widgets.times import time_text, zone_text


class CertificatePanel(SidePanel):
    """Shows a certificate.

    Signals: `pem_wanted(certificate, bool)`, the latter saying whether with its chain.
    """

    pem_wanted = Signal(object, bool)

    def show_certificate(
        self, certificate: Certificate, issuers: tuple[Authority, ...], now: datetime
    ) -> None:
        """Show a certificate whose chain is `issuers`, the issuing authority first."""
        self.set_heading(
            certificate.name, kind_text(certificate.kind), status_badge(certificate, now)
        )
        self.clear()
        self.add_section("", self._buttons(certificate))
        self.add_section(_("Subject"), _copyable(_("Subject"), certificate.subject, mono=False))
        self.add_section(_("Serial number"), _copyable(_("Serial number"), certificate.serial))
        self.add_section(
            _("SHA-256 fingerprint"), _copyable(_("Fingerprint"), certificate.fingerprint)
        )
        self.add_section(_("Validity"), _validity(certificate))
        self.add_section(_("Chain"), _chain(certificate, issuers))

    def _buttons(self, certificate: Certificate) -> QWidget:
        row = QWidget()
        layout = FlowLayout(row)
        for text, with_chain in ((_("Save PEM with chain…"), True), (_("Save PEM…"), False)):
            button = QPushButton(text)
            button.clicked.connect(
                lambda _on, chain=with_chain: self.pem_wanted.emit(certificate, chain)
            )
            layout.addWidget(button)
        return row


def _copyable(name: str, value: str, *, mono: bool = True) -> QWidget:
    # A label breaks lines only between words; a fingerprint is one word.
    text = QLabel("\N{ZERO WIDTH SPACE}".join(value) if mono else value)
    text.setTextFormat(Qt.TextFormat.PlainText)
    text.setProperty("role", "mono" if mono else "")
    text.setWordWrap(True)
    text.setAccessibleName(f"{name}: {value}")
    copy = QToolButton()
    set_icon(copy, "copy", "dim")
    copy.setAccessibleName(_("Copy {name}").format(name=name))
    copy.setToolTip(copy.accessibleName())
    copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(value))
    shown = QWidget()
    row = QHBoxLayout(shown)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(text, 1)
    row.addWidget(copy, 0, Qt.AlignmentFlag.AlignTop)
    return shown


def _validity(certificate: Certificate) -> QWidget:
    shown = PropertyList()
    begin, end = certificate.not_before, certificate.not_after
    shown.add(_("Valid from"), time_text(begin), tip=zone_text(begin))
    unlimited = end.year == 9999
    until = end_text(end) if unlimited else time_text(end)
    shown.add(_("Valid until"), until, tip="" if unlimited else zone_text(end))
    shown.add(_("Issued"), time_text(certificate.issued_at), tip=zone_text(certificate.issued_at))
    shown.add(_("Asked for through"), channel_text(certificate.issued_through))
    if certificate.key_until is not None:
        until = time_text(certificate.key_until)
        shown.add(_("Key kept until"), until, tip=zone_text(certificate.key_until))
    return shown


def _chain(certificate: Certificate, issuers: tuple[Authority, ...]) -> QWidget:
    shown = QWidget()
    layout = QVBoxLayout(shown)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(scaled(4))
    rows = PropertyList()
    for place, authority in enumerate(reversed(issuers)):
        rows.add(_("Root") if place == 0 else _("Issuing authority"), authority.name)
    rows.add(_("Certificate"), certificate.name)
    layout.addWidget(rows)
    return shown
