"""A device of a type while the type is being changed: what is asked for, and its certificates."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.core.errors import KnownError
from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.certificate_terms import Line, Section
from app.models.domain.device_types import DEVICE_NAME, DeviceField, DeviceType, FieldKind
from app.models.domain.subjects import FieldRule, TemplateField
from app.models.domain.templates import Template
from app.models.services.templates.samples import TemplateSamples
from app.views.device_types.words import field_text
from app.views.jobs import Jobs, Latest
from app.views.theme.fonts import scaled
from app.views.theme.tokens import Tone
from app.views.widgets.banner import Banner
from app.views.widgets.decoded_view import DecodedView

_PAUSE_MS = 300
_EXAMPLES = {
    FieldKind.NUMBER: "12",
    FieldKind.MAC: "00:1B:44:11:3A:B7",
    FieldKind.DATE: "2026-03-31",
}


@dataclass(frozen=True)
class Described:
    """A type as the form describes it, with its factory and its default operational template."""

    device_type: DeviceType
    factory: Template | None
    operational: Template | None


def example_values(fields: tuple[DeviceField, ...]) -> dict[str, str]:
    """Values of an example device: its defaults, else something of the kind."""
    values = {DEVICE_NAME: "device-0001"}
    for field in fields:
        choice = field.choices[0] if field.choices else ""
        example = choice or _EXAMPLES.get(field.kind) or f"{field.key.replace('_', '-')}-0001"
        values[field.key] = field.default or example[: field.max_length]
    return values


def filled(template: Template, mapping: Mapping[str, str], values: Mapping[str, str]) -> Template:
    """The template with the values of a device in the fields that are mapped to them."""
    return replace(template, fields=tuple(_filled(one, mapping, values) for one in template.fields))


def asked_section(device_type: DeviceType) -> Section:
    """What is asked for when such a device is created (DEV-11)."""
    lines = [Line(_("Name *"), _("Unique in its tenant"))]
    for field in device_type.fields:
        required = field.required and not field.fixed
        name = _("{label} *").format(label=field.label) if required else field.label
        lines.append(Line(name, field_text(field)))
    if device_type.password_enabled:
        lines.append(Line(_("Password *"), _("Typed, or made at random")))
    return Section(_("What is asked for"), tuple(lines))


class DevicePreview(QWidget):
    """The preview, anew once nothing was changed for a moment.

    `describe` says what is asked for; samples of the certificates are made on a worker thread.
    """

    def __init__(
        self,
        describe: Callable[[], Described],
        samples: TemplateSamples,
        actor: Actor,
        jobs: Jobs,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._describe = describe
        self._samples, self._actor = samples, actor
        self._latest = Latest(jobs, self)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._make)
        self.banner = Banner(self)
        self.decoded = DecodedView(_("A device of this type"))
        heading = QLabel(_("A device of this type"))
        heading.setProperty("role", "label")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, scaled(24), scaled(16))
        layout.setSpacing(scaled(8))
        layout.addWidget(heading)
        layout.addWidget(self.banner)
        layout.addWidget(self.decoded, 1)

    def refresh(self) -> None:
        """Show the type as it is described by then."""
        self._pause.start()

    def _make(self) -> None:
        described = self._describe()
        self._latest.run(lambda: self._sections(described), self._show, self._say)

    def _sections(self, described: Described) -> tuple[Section, ...]:
        device_type = described.device_type
        values = example_values(device_type.fields)
        sections = [asked_section(device_type)]
        for title, template, mapping in (
            (_("Factory certificate"), described.factory, device_type.factory_mapping),
            (_("Operational certificate"), described.operational, device_type.operational_mapping),
        ):
            if template is not None:
                shown = filled(template, mapping, values)
                sample = self._samples.sample(self._actor, shown).sections
                sections.append(Section(title.upper(), (Line(_("Template"), template.name),)))
                sections += sample
        return tuple(sections)

    def _show(self, sections: tuple[Section, ...]) -> None:
        self.banner.clear()
        self.decoded.setEnabled(True)
        self.decoded.show_sections(sections)

    def _say(self, error: KnownError) -> None:
        """What is shown is of before by now, and greyed; `error` says why."""
        self.decoded.setEnabled(False)
        self.banner.show_message(
            Tone.WARNING, _("No new preview: {problem}").format(problem=error.problem)
        )


def _filled(
    field: TemplateField, mapping: Mapping[str, str], values: Mapping[str, str]
) -> TemplateField:
    value = values.get(mapping.get(field.key, ""), "")
    if field.rule is FieldRule.FIXED or not value:
        return field
    return replace(field, default=value[: field.max_length])
