"""The flow that creates a device in six steps. Knows no window; a test or a script can walk it."""

from dataclasses import replace
from datetime import date
from typing import Any

from app.core.errors import ConflictError, InvalidInputError
from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.device_types import DEVICE_NAME, DeviceType
from app.models.domain.issuing import CertificatePlan
from app.models.domain.tenants import Organization, Tenant
from app.models.services.devices.creation import CreatedDevice, NewDevice
from app.models.services.workspace.workspace import Workspace
from app.models.wizards import checks
from app.models.wizards.answers import Answers
from app.models.wizards.choices import Choices
from app.models.wizards.progress import Progress
from app.models.wizards.steps import (
    CERTIFICATE_STEPS,
    CertificateAnswers,
    CredentialsLayout,
    InfoAnswers,
    MakersCertificate,
    Step,
    StepStatus,
)
from app.pki.certificates import read_certificate
from app.pki.csr import parse_csr
from app.pki.formats import csr_in
from app.pki.names import subject_text
from app.pki.passwords import new_password


class DeviceWizard(Answers):
    """The answers of one new device, and the way through the steps.

    Answers may be given to any step at any time; `next` moves on only when nothing is wrong with
    the current one (DEV-05). Raises `AccessDeniedError` for who may not create devices (DEV-01).
    """

    def __init__(self, actor: Actor, workspace: Workspace) -> None:
        self._actor = actor
        self._workspace = workspace
        self._choices = Choices(actor, workspace)
        self._progress = Progress(self._why_not)
        self._typed_name = ""
        super().__init__(self._choices.implied())

    @property
    def current(self) -> Step:
        """The step in front of the person."""
        return self._progress.current

    @property
    def today(self) -> date:
        """The day on which validity begins unless another is chosen (UTC)."""
        return self._workspace.store.clock.now().date()

    @property
    def asks_tenant(self) -> bool:
        """Whether the tenant is a question at all (DEV-07)."""
        return self._choices.asks_tenant

    @property
    def asks_organization(self) -> bool:
        """Whether the organization is a question at all (DEV-08)."""
        return self._choices.asks_organization

    def tenants(self) -> tuple[Tenant, ...]:
        """The tenants to choose from."""
        return self._choices.tenants()

    def organizations(self) -> tuple[Organization, ...]:
        """The organizations to choose from, of the chosen tenant."""
        return self._choices.organizations(self.info)

    def device_types(self) -> tuple[DeviceType, ...]:
        """The device types to choose from, for the chosen organization."""
        return self._choices.device_types(self.info)

    def certificate(self, step: Step) -> CertificateAnswers:
        """The answers of a certificate step."""
        return self.certificates[step]

    @property
    def credentials_layout(self) -> CredentialsLayout | None:
        """What the Credentials step asks for; None when it asks for nothing (CRED-01, CRED-03)."""
        key_made_here = any(
            self._is_wanted(step) and not given.from_device
            for step, given in self.certificates.items()
        )
        if self.device_type is not None and self.device_type.password_enabled:
            return CredentialsLayout.BOTH if key_made_here else CredentialsLayout.PASSWORD
        return CredentialsLayout.PASSPHRASE if key_made_here else None

    def answer(self, step: Step, **answers: Any) -> tuple[Step, ...]:  # noqa: ANN401  by step
        """Take answers of a step; returns the later steps whose answers this resets.

        INFO takes the fields of `InfoAnswers`, ATTRIBUTES takes `values` by field key, the
        certificate steps take the fields of `CertificateAnswers`, CREDENTIALS takes `password`.
        """
        if step is Step.INFO:
            return self._answer_info(self._choices.fitting(self.info, answers))
        if step is Step.ATTRIBUTES:
            self.typed_values |= answers["values"]
        elif step in CERTIFICATE_STEPS:
            self.certificates[step] = replace(self.certificates[step], **answers)
        elif step is Step.CREDENTIALS:
            self.password = answers["password"]
        return ()

    def would_reset(self, step: Step, **answers: Any) -> tuple[Step, ...]:  # noqa: ANN401  by step
        """The later steps that would lose answers if these were given."""
        if step is not Step.INFO:
            return ()
        info = self._choices.fitting(self.info, answers)
        return self._reset_by(info)

    def load_csr(self, step: Step, data: bytes, name: str = "") -> None:
        """Take the device's CSR for a certificate step; its content decides the format.

        Raises `InvalidInputError` for what is no CSR, and for one that the template does not
        accept (FAC-07); the answers stay as they were.
        """
        plan = self.plan(step)
        if plan is None:
            raise ConflictError(_("Choose a device type with such a certificate first."))
        csr = parse_csr(csr_in(data), plan.template.key_algorithms)
        name = name or subject_text(csr.subject) or _("Request")
        self.answer(step, from_device=True, csr=csr, csr_name=name)

    def load_makers_certificate(self, data: bytes, name: str = "") -> None:
        """Take the factory certificate of the device, which names it too (DEC-03).

        Raises `ConflictError` when the type has no external CA, and what
        `ExternalCertificates.read` raises; the answers stay as they were.
        """
        if self.device_type is None or not self.external:
            raise ConflictError(_("Choose a device type with an external CA first."))
        external = self._workspace.external_certificates
        chain = external.read(self._actor, self.device_type.id, data)
        info = read_certificate(chain[0])
        self.makers_certificate = MakersCertificate(
            name=name or subject_text(info.subject) or _("Certificate"),
            chain=chain,
            fingerprint=info.fingerprint,
            subject=subject_text(info.subject),
            issuer=subject_text(info.issuer),
            algorithm=info.algorithm.label if info.algorithm else "",
            not_before=info.not_before,
            not_after=info.not_after,
        )
        self.info = replace(self.info, name=info.fingerprint)

    def generate_password(self) -> str:
        """Make a random password the answer of the Credentials step (CRED-02)."""
        self.password = new_password()
        return self.password

    def plan(self, step: Step) -> CertificatePlan | None:
        """The certificate of a step as it would be issued now; None when there is none."""
        request = self.request(step)
        if request is None or self.device_type is None:
            return None
        values = self.values_for(step)
        plan = self._workspace.issuance.plan(self._actor, self.device_type.id, values, request)
        # As long as the CSR is missing the plan is for a key made here, which would be kept.
        return replace(plan, key_until=None) if self.certificates[step].from_device else plan

    def problems(self, step: Step) -> dict[str, str]:
        """What is wrong with a step's answers now: a sentence a field, as one types."""
        if step is Step.INFO:
            return checks.info_problems(self, self._taken)
        if step is Step.ATTRIBUTES:
            return checks.attribute_problems(self, self._taken)
        if step is Step.CREDENTIALS and self.credentials_layout is not None:
            return checks.password_problems(self.password)
        plan = self.plan(step)
        return checks.certificate_problems(self, step, plan, self._taken) if plan else {}

    @property
    def can_go_back(self) -> bool:
        """Whether there is a step before this one."""
        return self._progress.before is not None

    @property
    def can_skip(self) -> bool:
        """Whether the current step can be left out (FAC-01, OPC-01, DEC-04)."""
        if self.current is Step.FACTORY:
            return not self.name_from_certificate
        return self.current is Step.OPERATIONAL

    def state(self, step: Step) -> StepStatus:
        """Where a step stands, and why it does not apply if it does not."""
        return self._progress.state(step)

    def next(self) -> None:
        """Go on to the next step; raises `InvalidInputError` for the first thing wrong here."""
        for key, problem in self.problems(self.current).items():
            raise InvalidInputError(problem, field=key)
        factory = self.plan(self.current) if self.current is Step.FACTORY else None
        if factory is not None and self.name_from_certificate:
            filled = self.filled_from(factory)
            self.info = replace(self.info, name=filled.pop(DEVICE_NAME, ""))
            self.typed_values |= filled
        self._progress.go_on(skipping=False)

    def back(self) -> None:
        """Return to the step before; every answer stays."""
        self._progress.back()

    def skip(self) -> None:
        """Leave the current step out; raises `ConflictError` when it cannot be."""
        if not self.can_skip:
            raise ConflictError(_("This step cannot be skipped."))
        self._progress.go_on(skipping=True)

    def save(self) -> CreatedDevice:
        """Create the device with all that was asked for, or nothing; the answers stay (DEC-14).

        Raises `ConflictError` before the last step, and what `DeviceCreation.create` raises.
        """
        info, layout = self.info, self.credentials_layout
        owners = (info.tenant_id, info.organization_id, info.type_id)
        if self.current is not Step.OVERVIEW or None in owners:
            raise ConflictError(_("Some steps are still to be done."))
        tenant_id, organization_id, type_id = (owner or 0 for owner in owners)
        made = self.makers_certificate
        wanted = {step: self.request(step) for step in self.certificates if self._is_wanted(step)}
        operational = wanted.get(Step.OPERATIONAL)
        new = NewDevice(
            info.name,
            tenant_id,
            organization_id,
            type_id,
            info.description,
            self.values,
            factory=wanted.get(Step.FACTORY),
            operational=() if operational is None else (operational,),
            password=self.password if layout in _WITH_PASSWORD else None,
            pfx_passphrase=self.password if layout in _WITH_PASSPHRASE else None,
            factory_chain=made.chain if made is not None else (),
        )
        return self._workspace.device_creation.create(self._actor, new)

    def another(self) -> "DeviceWizard":
        """A wizard for the next device of the kind, with the answers both have in common."""
        wizard = DeviceWizard(self._actor, self._workspace)
        wizard.keep_from(self)
        return wizard

    def _answer_info(self, info: InfoAnswers) -> tuple[Step, ...]:
        reset = self._reset_by(info)
        if not self.asks_name:
            info = replace(info, name=self.info.name)
        else:
            self._typed_name = info.name
        if info.type_id != self.info.type_id:
            self.begin_anew(self._choices.device_type(info))
            self._progress.forget(reset)
            # What was typed comes back when a type that names devices was only passed by.
            info = replace(info, name=self._typed_name if self.asks_name else "")
        self.info = info
        return reset

    def _reset_by(self, info: InfoAnswers) -> tuple[Step, ...]:
        """The steps that lose answers when INFO becomes this; another type resets them (DEV-11)."""
        if info.type_id == self.info.type_id:
            return ()
        answered = {Step.ATTRIBUTES: bool(self.typed_values)} | {
            step: given != CertificateAnswers() for step, given in self.certificates.items()
        }
        return tuple(s for s, has in answered.items() if has or self._progress.is_seen(s))

    def _taken(self, name: str) -> str:
        """That another device of the tenant has the name, or nothing."""
        if self.info.tenant_id is None:
            return ""
        try:
            self._workspace.device_creation.check_name_free(self._actor, self.info.tenant_id, name)
        except ConflictError as error:
            return error.problem
        return ""

    def _why_not(self, step: Step) -> str:
        """Why a step does not apply, or nothing."""
        if self.device_type is None:
            return ""
        if step is Step.FACTORY and self.external:
            return _("The device has one of its manufacturer.")
        if step in CERTIFICATE_STEPS and self.request(step) is None:
            return _("The device type has no template for it.")
        if step is Step.CREDENTIALS and self.credentials_layout is None:
            return _("There is no password, and no key is made here.")
        return ""

    def _is_wanted(self, step: Step) -> bool:
        return self.request(step) is not None and not self._progress.is_skipped(step)


_WITH_PASSWORD = (CredentialsLayout.PASSWORD, CredentialsLayout.BOTH)
_WITH_PASSPHRASE = (CredentialsLayout.PASSPHRASE, CredentialsLayout.BOTH)
