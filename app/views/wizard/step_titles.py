"""What people call the steps."""

from app.core.language import _
from app.models.wizards.steps import Step


def step_title(step: Step) -> str:
    """What people call a step."""
    return {
        Step.INFO: _("Device info"),
        Step.ATTRIBUTES: _("Attributes"),
        Step.FACTORY: _("Factory certificate"),
        Step.OPERATIONAL: _("Operational certificate"),
        Step.CREDENTIALS: _("Credentials"),
        Step.OVERVIEW: _("Overview"),
    }[step]
