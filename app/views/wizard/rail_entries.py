"""What the rail says of each step."""

from app.core.language import _
from app.models.wizards.device_wizard import DeviceWizard
from app.models.wizards.steps import Step, StepState
from app.views.wizard.rail import RailEntry
from app.views.wizard.step_titles import step_title

_NAME_LENGTH = 20  # fingerprints have no place to break


def rail_entries(flow: DeviceWizard) -> list[RailEntry]:
    """The steps in order, with what was answered or why they are left out."""
    return [RailEntry(step_title(step), flow.state(step).state, _note(flow, step)) for step in Step]


def _note(flow: DeviceWizard, step: Step) -> str:
    status = flow.state(step)
    if status.state is StepState.SKIPPED:
        return _("Skipped")
    if status.reason or status.state is not StepState.DONE:
        return status.reason
    if step is Step.INFO:
        name = flow.info.name
        return name if len(name) <= _NAME_LENGTH else f"{name[: _NAME_LENGTH - 1]}…"
    if step is Step.ATTRIBUTES and flow.device_type:
        filled = sum(1 for field in flow.device_type.fields if flow.values.get(field.key))
        return _("{filled} of {all} filled").format(filled=filled, all=len(flow.device_type.fields))
    plan = flow.plan(step) if step in (Step.FACTORY, Step.OPERATIONAL) else None
    if plan is None:
        return ""
    source = _("key of the device") if plan.key_until is None else _("key made here")
    return f"{plan.algorithm.label} · {source}"
