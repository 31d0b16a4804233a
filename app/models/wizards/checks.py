"""What is wrong with the answers of a step: a sentence a field, nothing when all is well.

`taken` says of a name that another device has it, or nothing (DEV-06, DEV-13).
"""

from collections.abc import Callable

from app.core.language import _
from app.models.domain.device_types import DEVICE_NAME, value_problems
from app.models.domain.devices import name_problem, password_problem
from app.models.domain.issuing import CertificatePlan
from app.models.wizards.answers import Answers
from app.models.wizards.steps import Step

Taken = Callable[[str], str]


def info_problems(answers: Answers, taken: Taken) -> dict[str, str]:
    """INFO: a name unless the certificate gives it, an owner, a type (DEV-06..09)."""
    info = answers.info
    if answers.external and answers.makers_certificate is None:
        problems = {"makers_certificate": _("Load the factory certificate of the device.")}
    else:
        problems = _name_problems(answers, taken)
    if info.tenant_id is None:
        problems["tenant_id"] = _("Choose the tenant.")
    if info.organization_id is None:
        problems["organization_id"] = _("Choose the organization.")
    if info.type_id is None:
        problems["type_id"] = _("Choose the device type.")
    return problems


def attribute_problems(answers: Answers, taken: Taken) -> dict[str, str]:
    """ATTRIBUTES: the rules of the type, except for what the certificate will fill (DEV-12).

    The name is checked again: somebody may have taken it meanwhile (DEV-13).
    """
    fields = answers.device_type.fields if answers.device_type else ()
    asked = tuple(field for field in fields if field.key not in answers.mapped_fields)
    return value_problems(asked, answers.values) | _name_problems(answers, taken)


def certificate_problems(
    answers: Answers, step: Step, plan: CertificatePlan, taken: Taken
) -> dict[str, str]:
    """FACTORY and OPERATIONAL: a CSR if the device makes it, and what the plan cannot issue."""
    problems = dict(plan.problems)
    given = answers.certificates[step]
    if given.from_device and given.csr is None:
        problems["csr"] = _("Load the certificate request of the device.")
    if step is Step.FACTORY and answers.name_from_certificate:
        problems = _filling_problems(answers, plan, taken) | problems
    return problems


def password_problems(password: str) -> dict[str, str]:
    """CREDENTIALS: the rule for passwords and passphrases (CRED-02)."""
    problem = password_problem(password)
    return {"password": problem} if problem else {}


def _name_problems(answers: Answers, taken: Taken) -> dict[str, str]:
    if answers.name_from_certificate:
        return {}
    problem = name_problem(answers.info.name) or taken(answers.info.name)
    return {"name": problem} if problem else {}


def _filling_problems(answers: Answers, plan: CertificatePlan, taken: Taken) -> dict[str, str]:
    """What is wrong with the device fields a factory certificate fills, by certificate field."""
    filled = answers.filled_from(plan)
    fields = answers.device_type.fields if answers.device_type else ()
    mapped = tuple(field for field in fields if field.key in filled)
    wrong = value_problems(mapped, filled)
    name = filled.get(DEVICE_NAME, "")
    if problem := name_problem(name) or taken(name):
        wrong[DEVICE_NAME] = problem
    mapping = answers.device_type.factory_mapping if answers.device_type else {}
    return {key: wrong[field] for key, field in mapping.items() if field in wrong}
