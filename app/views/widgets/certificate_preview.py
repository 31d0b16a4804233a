"""The certificate as it will be issued, each value with the reason for it."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from app.core.language import _
from app.models.domain.device_types import DEVICE_NAME, DeviceField
from app.models.domain.issuing import CertificatePlan
from app.models.domain.subjects import NamePart, Provenance, ResolvedField
from app.views.theme.fonts import scaled
from app.views.theme.tokens import Tone
from app.views.validity import end_text
from app.views.widgets.badge import BadgeText
from app.views.widgets.property_list import PropertyList
from app.views.widgets.times import time_text, zone_text

_COMMON_NAME = "2.5.4.3"
_PURPOSES = {"1.3.6.1.5.5.7.3.1": "serverAuth", "1.3.6.1.5.5.7.3.2": "clientAuth"}


class CertificatePreview(QScrollArea):
    """Shows a `CertificatePlan`; says why there is none otherwise."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        title = _("The certificate as it will be issued")
        self.setAccessibleName(title)
        heading = QLabel(title)
        heading.setProperty("role", "label")
        self._note = QLabel()
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._note.setProperty("role", "dim")
        self._note.setWordWrap(True)
        self._rows = PropertyList()
        content = QWidget()
        content.setProperty("role", "page")
        content.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._layout = QVBoxLayout(content)
        self._layout.setContentsMargins(scaled(16), scaled(20), scaled(16), scaled(16))
        for widget in (heading, self._rows, self._note):
            self._layout.addWidget(widget)
        self._layout.addStretch(1)
        self.setWidget(content)

    def say(self, sentence: str) -> None:
        """Show a sentence and no certificate."""
        self._replace(PropertyList())
        self._note.setText(sentence)
        self._note.show()

    def show_plan(self, plan: CertificatePlan, device_fields: Sequence[DeviceField] = ()) -> None:
        """Show what a certificate will contain; `device_fields` are of the device's type."""
        rows = PropertyList()
        for item in plan.fields:
            if item.value or item.problem:
                value = item.value or "\N{EN DASH}"
                rows.add(_short_title(item), value, badge=_reason(item, device_fields), mono=True)
        by_template = BadgeText(_("template"))
        rows.add(_("Key"), plan.algorithm.label, badge=source_text(plan), mono=True)
        usages = ", ".join(sorted(usage.value for usage in plan.template.key_usage))
        rows.add(_("Key usage"), usages or "\N{EN DASH}", badge=by_template, mono=True)
        if plan.template.extended_key_usage:
            purposes = (_PURPOSES.get(oid, oid) for oid in plan.template.extended_key_usage)
            rows.add(_("Extended"), ", ".join(purposes), badge=by_template, mono=True)
        rows.add(
            _("Valid from"), time_text(plan.not_before), mono=True, tip=zone_text(plan.not_before)
        )
        cut = BadgeText(_("cut to the issuer's end"), Tone.WARNING) if plan.cut else None
        rows.add(_("Valid until"), _end(plan.not_after), badge=cut, mono=True)
        rows.add(_("Issuer"), _issuer(plan), badge=by_template, mono=True)
        self._replace(rows)
        self._note.hide()

    def _replace(self, rows: PropertyList) -> None:
        self._layout.replaceWidget(self._rows, rows)
        self._rows.deleteLater()
        self._rows.hide()
        self._rows = rows
        rows.show()


def source_text(plan: CertificatePlan) -> BadgeText:
    """Where the key of a certificate comes from."""
    return BadgeText(_("from the CSR") if plan.key_until is None else _("made here"))


def provenance_text(item: ResolvedField, device_fields: Sequence[DeviceField] = ()) -> str:
    """Why a field has its value; `device_fields` are of the device's type."""
    if item.provenance is Provenance.DEVICE:
        if item.device_field == DEVICE_NAME:
            return _("device name")
        titles = {field.key: field.label for field in device_fields}
        title = titles.get(item.device_field, item.device_field)
        return _("device: {field}").format(field=title)
    return {
        Provenance.TEMPLATE: _("fixed by template"),
        Provenance.DEFAULT: _("default"),
        Provenance.CSR: _("from the CSR"),
        Provenance.TYPED: _("typed"),
        Provenance.EMPTY: _("missing") if item.problem else _("empty"),
    }[item.provenance]


def _reason(item: ResolvedField, device_fields: Sequence[DeviceField]) -> BadgeText:
    tone = Tone.BAD if item.problem else Tone.NEUTRAL
    return BadgeText(provenance_text(item, device_fields), tone)


def _short_title(item: ResolvedField) -> str:
    return item.field.kind if item.field.part is NamePart.SUBJECT else item.field.title


def _end(moment: datetime) -> str:
    return end_text(moment) if moment.year == 9999 else time_text(moment)


def _issuer(plan: CertificatePlan) -> str:
    names = {attribute.oid: attribute.value for attribute in plan.issuer.subject}
    return names.get(_COMMON_NAME) or next(iter(names.values()), "\N{EN DASH}")
