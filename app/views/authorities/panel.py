"""What is known of one authority, in words."""

from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.core.language import _
from app.models.domain.authorities import Authority
from app.models.services.authorities.details import AuthorityDetails
from app.views.authorities.words import key_place_text, levels_text
from app.views.certificate_words import reason_text
from app.views.theme.fonts import scaled
from app.views.validity import end_text, nearness
from app.views.widgets.copy_label import CopyLabel
from app.views.widgets.property_list import PropertyList
from app.views.widgets.sharing_fields import access_text
from app.views.widgets.side_panel import SidePanel
from app.views.widgets.times import day_text, time_text, zone_text


def show_sections(panel: SidePanel, details: AuthorityDetails, now: datetime) -> None:
    """Append the sections on certificate, key, chain, and what hangs on the authority."""
    if details.broken:
        panel.add_section(_("Revoked"), _revocation(details.authority))
    panel.add_section(_("Certificate"), _certificate(details, now))
    panel.add_section(_("Serial number"), CopyLabel(_("Serial number"), details.serial))
    panel.add_section(_("SHA-256 fingerprint"), CopyLabel(_("Fingerprint"), details.fingerprint))
    panel.add_section(_("Chain"), _chain(details.chain_subjects))
    panel.add_section(_("In use"), _use(details))


def _certificate(details: AuthorityDetails, now: datetime) -> QWidget:
    authority, shown = details.authority, PropertyList()
    shown.add(_("Subject"), details.subject)
    itself = details.issuer == details.subject
    shown.add(_("Issuer"), _("itself: a root") if itself else details.issuer)
    shown.add(_("Valid from"), day_text(details.not_before), tip=zone_text(details.not_before))
    near = nearness(details.not_after, now)
    shown.add(_("Valid until"), end_text(details.not_after), badge=near)
    shown.add(_("Authorities below it"), levels_text(details.path_length))
    shown.add(_("Key"), details.algorithm)
    address = authority.key_address
    shown.add(_("Key store"), key_place_text(authority.key_store, address))
    if address is not None:
        shown.add(_("Module"), address.token.module, mono=True)
    return shown


def _revocation(authority: Authority) -> QWidget:
    """When and why it was revoked; without either one above it was."""
    shown, since = PropertyList(), authority.invalid_since
    if authority.revoked_at is None:
        shown.add(_("Reason"), _("An authority above it is revoked"))
    else:
        shown.add(_("Since"), time_text(authority.revoked_at), tip=zone_text(authority.revoked_at))
    if authority.revocation_reason is not None:
        shown.add(_("Reason"), reason_text(authority.revocation_reason))
    if since is not None:
        shown.add(_("Key lost since"), day_text(since), tip=zone_text(since))
    return shown


def _chain(subjects: tuple[str, ...]) -> QWidget:
    """The root first, each authority indented below the one that certifies it."""
    tree = QWidget()
    column = QVBoxLayout(tree)
    column.setContentsMargins(scaled(8), 0, 0, 0)
    column.setSpacing(scaled(4))
    for depth, subject in enumerate(reversed(subjects)):
        line = QHBoxLayout()
        line.setContentsMargins(scaled(16) * max(depth - 1, 0), 0, 0, 0)
        if depth:
            branch = QLabel("\N{BOX DRAWINGS LIGHT UP AND RIGHT}")
            line.addWidget(branch, 0, Qt.AlignmentFlag.AlignTop)
        name = QLabel(subject)
        name.setTextFormat(Qt.TextFormat.PlainText)
        name.setWordWrap(True)
        line.addWidget(name, 1)
        column.addLayout(line)
    return tree


def _use(details: AuthorityDetails) -> QWidget:
    authority, shown = details.authority, PropertyList()
    shown.add(_("Access"), access_text(authority.sharing.access))
    shown.add(_("Templates"), str(details.templates))
    last = _("none signed yet")
    if details.crl_number is not None:
        text = _("number {n}, {time}")
        last = text.format(n=details.crl_number, time=time_text(details.crl_at))
    shown.add(_("Last list"), last, tip=zone_text(details.crl_at))
    hours = _("{hours} hours").format(hours=authority.crl_hours)
    shown.add(_("Lists good for"), hours)
    if authority.crl_partition_size is not None:
        shown.add(_("In parts of"), str(authority.crl_partition_size))
    return shown
