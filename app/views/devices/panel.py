"""The side panel of the Devices page: one device."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.core.language import _
from app.models.domain.certificates import Certificate
from app.models.domain.device_types import DeviceField, DeviceProperty
from app.models.domain.external_certificates import ExternalCertificate
from app.views.certificate_words import kind_text, worth_badge
from app.views.devices.details import DeviceDetails
from app.views.devices.words import event_text, mode_badge, next_step
from app.views.theme.fonts import scaled
from app.views.theme.tokens import Tone
from app.views.validity import end_badge
from app.views.widgets.badge import Badge, BadgeText
from app.views.widgets.flow_layout import FlowLayout
from app.views.widgets.page import ActionRow
from app.views.widgets.plain_label import plain_label
from app.views.widgets.property_list import PropertyList
from app.views.widgets.side_panel import SidePanel
from app.views.widgets.times import time_text, zone_text


class DevicePanel(SidePanel):
    """Shows a device: what to do next, its properties, certificates and history (DEV-81).

    Signals: `pem_wanted(Certificate)` and `pfx_wanted(Certificate)` from the buttons of a
    certificate.
    """

    pem_wanted = Signal(object)
    pfx_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumWidth(scaled(368))

    def show_device(
        self, details: DeviceDetails, now: datetime, actions: Sequence[QAction]
    ) -> None:
        """Show a device in place of what was shown; `now` is the time to judge its end by."""
        device = details.device
        place = " · ".join(
            part for part in (details.device_type.name, details.organization) if part
        )
        badge = mode_badge(device.mode, device.operational_until, now)
        self.set_heading(device.name, place, badge)
        self.clear()
        self.add_section(_("Next step"), _note(*next_step(device, details.device_type, now)))
        self.add_section("", ActionRow(actions))
        if device.description:
            self.add_section(_("Description"), plain_label(device.description, "dim"))
        for title, is_property in ((_("Properties"), True), (_("Attributes"), False)):
            fields = [f for f in details.device_type.fields if f.is_property is is_property]
            if fields:
                self.add_section(title, _values(details, fields))
        if details.certificates:
            self.add_section(_("Certificates"), self._certificates(details.certificates, now))
        for kept in details.external:
            self.add_section(_("Factory certificate of an external CA"), _external(kept, now))
        self.add_section(_("Life cycle"), _life_cycle(details))

    def _certificates(self, certificates: tuple[Certificate, ...], now: datetime) -> QWidget:
        table = QWidget()
        grid = QGridLayout(table)
        grid.setContentsMargins(scaled(8), 0, 0, 0)
        grid.setVerticalSpacing(scaled(4))
        grid.setColumnStretch(1, 1)
        for number, certificate in enumerate(certificates):
            row = 2 * number
            grid.addWidget(QLabel(kind_text(certificate.kind)), row, 0)
            grid.addWidget(_short_serial(certificate), row, 1)
            grid.addWidget(
                Badge(worth_badge(certificate, now)), row, 2, Qt.AlignmentFlag.AlignRight
            )
            grid.addWidget(self._downloads(certificate), row + 1, 0, 1, 3)
        return table

    def _downloads(self, certificate: Certificate) -> QWidget:
        row = QWidget()
        layout = FlowLayout(row)
        kind = kind_text(certificate.kind)
        pem = QPushButton(_("Save PEM…"))
        pem.setAccessibleName(_("Save PEM of the certificate: {kind}").format(kind=kind))
        pem.clicked.connect(lambda: self.pem_wanted.emit(certificate))
        layout.addWidget(pem)
        if certificate.key_until is not None:
            pfx = QPushButton(_("Download PFX…"))
            pfx.setAccessibleName(_("Download PFX of the certificate: {kind}").format(kind=kind))
            until = _("Until {time}, then the key is destroyed.")
            pfx.setToolTip(until.format(time=time_text(certificate.key_until)))
            pfx.clicked.connect(lambda: self.pfx_wanted.emit(certificate))
            layout.addWidget(pfx)
        return row


def _external(kept: ExternalCertificate, now: datetime) -> QWidget:
    shown = PropertyList()
    shown.add(_("Subject"), kept.subject or "\N{EN DASH}", mono=True)
    shown.add(_("External CA"), kept.ca_name, badge=end_badge(kept.not_after, now))
    seen = kept.first_seen_at
    shown.add(_("First seen"), time_text(seen), tip=zone_text(seen))
    return shown


def _short_serial(certificate: Certificate) -> QLabel:
    serial = certificate.serial
    label = QLabel(f"{serial[:6]}…{serial[-4:]}")
    label.setProperty("role", "mono")
    label.setToolTip(serial)
    label.setAccessibleName(_("Serial number {serial}").format(serial=serial))
    return label


def _note(tone: Tone, sentence: str) -> QWidget:
    note = QFrame()
    note.setProperty("role", "banner")
    note.setProperty("tone", tone.value)
    label = QLabel(sentence)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    layout = QVBoxLayout(note)
    layout.setContentsMargins(scaled(12), scaled(8), scaled(12), scaled(8))
    layout.addWidget(label)
    return note


def _values(details: DeviceDetails, fields: list[DeviceField]) -> QWidget:
    shown = PropertyList()
    for field in fields:
        value = details.device.values.get(field.key, "")
        fixed = BadgeText(_("fixed")) if field.fixed else None
        mono = field.key == DeviceProperty.SERIAL_NUMBER or not field.is_property
        shown.add(field.label, value or "\N{EN DASH}", badge=fixed, mono=mono)
    return shown


def _life_cycle(details: DeviceDetails) -> QWidget:
    lines = QWidget()
    layout = QVBoxLayout(lines)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(scaled(4))
    created = _("{time} created").format(time=time_text(details.device.created_at))
    for text in (*(event_text(item) for item in reversed(details.history)), created):
        layout.addWidget(plain_label(text, "dim"))
    return lines
