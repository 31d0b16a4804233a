"""Step 6, Overview: everything once more before it is saved (OVR-01)."""

from datetime import datetime

from PySide6.QtWidgets import QLabel, QWidget

from app.core.language import _
from app.models.domain.device_types import DeviceField
from app.models.wizards.device_wizard import DeviceWizard
from app.models.wizards.steps import MakersCertificate, Step, StepState
from app.views.validity import end_text
from app.views.widgets.badge import BadgeText
from app.views.widgets.certificate_preview import source_text
from app.views.widgets.property_list import PropertyList
from app.views.widgets.times import time_text, zone_text
from app.views.wizard.step_page import StepPage

_CERTIFICATES = (Step.FACTORY, Step.OPERATIONAL)


class OverviewPage(StepPage):
    """Shows the answers of all steps; nothing can be changed here."""

    def __init__(self, flow: DeviceWizard, parent: QWidget | None = None) -> None:
        super().__init__(flow, Step.OVERVIEW, parent)

    def load(self) -> None:
        """Show the answers as they are now."""
        while (place := self.column.takeAt(0)) is not None:
            if (old := place.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._add(_("Device info"), self._info())
        fields = self.flow.device_type.fields if self.flow.device_type else ()
        properties = [field for field in fields if field.is_property]
        attributes = [field for field in fields if not field.is_property]
        if properties:
            self._add(_("Properties"), self._values(properties))
        if attributes:
            self._add(_("Attributes"), self._values(attributes))
        for step, title in zip(
            _CERTIFICATES, (_("Factory certificate"), _("Operational certificate")), strict=True
        ):
            self._add(title, self._certificate(step))

    def _add(self, title: str, widget: QWidget) -> None:
        label = QLabel(title)
        label.setProperty("role", "label")
        self.column.addWidget(label)
        self.column.addWidget(widget)

    def _info(self) -> PropertyList:
        info = self.flow.info
        rows = PropertyList()
        rows.add(_("Name"), info.name)
        organizations = {item.id: item.name for item in self.flow.organizations()}
        rows.add(_("Organization"), organizations.get(info.organization_id or 0, ""))
        if self.flow.device_type:
            rows.add(_("Device type"), self.flow.device_type.name)
        if info.description:
            rows.add(_("Description"), info.description)
        return rows

    def _values(self, fields: list[DeviceField]) -> PropertyList:
        rows = PropertyList()
        for field in fields:
            rows.add(field.label, self.flow.values.get(field.key, "") or "\N{EN DASH}")
        return rows

    def _certificate(self, step: Step) -> PropertyList:
        rows = PropertyList()
        made = self.flow.makers_certificate
        if step is Step.FACTORY and made is not None:
            return _makers(made)
        status = self.flow.state(step)
        plan = self.flow.plan(step)
        if status.state is not StepState.DONE or plan is None:
            rows.add(_("None"), status.reason or _("The step was skipped."))
            return rows
        for item in plan.fields:
            if item.value:
                rows.add(item.field.title, item.value, mono=True)
        rows.add(_("Public key"), plan.algorithm.label, badge=source_text(plan), mono=True)
        _add_validity(rows, plan.not_before, plan.not_after)
        return rows


def _makers(made: MakersCertificate) -> PropertyList:
    rows = PropertyList()
    rows.add(_("Subject"), made.subject or "\N{EN DASH}", mono=True)
    rows.add(_("Issuer"), made.issuer, mono=True)
    rows.add(_("Public key"), made.algorithm, badge=BadgeText(_("from the maker")), mono=True)
    _add_validity(rows, made.not_before, made.not_after)
    return rows


def _add_validity(rows: PropertyList, begin: datetime, end: datetime) -> None:
    rows.add(_("Valid from"), time_text(begin), tip=zone_text(begin))
    rows.add(_("Valid until"), end_text(end) if end.year == 9999 else time_text(end))
