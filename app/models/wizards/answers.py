"""The answers of one new device, and what follows from them alone."""

from dataclasses import replace

from app.models.domain.device_types import DEVICE_NAME, DeviceProperty, DeviceType, field_values
from app.models.domain.issuing import CertificatePlan, IssueRequest, device_fields
from app.models.wizards.steps import (
    CERTIFICATE_STEPS,
    CertificateAnswers,
    InfoAnswers,
    MakersCertificate,
    Step,
)


class Answers:
    """What was answered so far. Whether an answer is a good one is asked elsewhere.

    `typed_values` holds only the properties and attributes somebody touched.
    """

    def __init__(self, info: InfoAnswers) -> None:
        self.info = info
        self.device_type: DeviceType | None = None
        self.typed_values: dict[str, str] = {}
        self.certificates = {step: CertificateAnswers() for step in CERTIFICATE_STEPS}
        self.password = ""
        self.makers_certificate: MakersCertificate | None = None

    def begin_anew(self, device_type: DeviceType | None) -> None:
        """Take another type and drop what was answered for the one before."""
        self.device_type = device_type
        self.typed_values = {}
        self.certificates = {step: CertificateAnswers() for step in CERTIFICATE_STEPS}
        self.makers_certificate = None

    @property
    def external(self) -> bool:
        """Whether the device comes with a factory certificate of an external CA (DEC-03)."""
        return self.device_type is not None and self.device_type.external_ca_id is not None

    @property
    def name_from_certificate(self) -> bool:
        """Whether the FACTORY step names the device, not the person (DEC-04)."""
        return self.device_type is not None and self.device_type.named_by_certificate

    @property
    def asks_name(self) -> bool:
        """Whether the person names the device."""
        return not (self.external or self.name_from_certificate)

    @property
    def mapped_fields(self) -> frozenset[str]:
        """Keys of the device fields that are filled from the factory certificate (DEC-04)."""
        return frozenset() if self.device_type is None else self.device_type.mapped_fields

    @property
    def values(self) -> dict[str, str]:
        """The value of each property and attribute of the type, as it is now (DEV-11, DEV-12)."""
        fields = () if self.device_type is None else self.device_type.fields
        return field_values(fields, self.typed_values)

    def values_for(self, step: Step) -> dict[str, str]:
        """What the certificate of a step can take from the device, its name included."""
        values = {DEVICE_NAME: self.info.name, **self.values}
        if step is Step.FACTORY and self.name_from_certificate:
            # The certificate decides these, so they do not decide what stands in it.
            own = self.mapped_fields | {DEVICE_NAME}
            values = {key: value for key, value in values.items() if key not in own}
        return values

    def request(self, step: Step) -> IssueRequest | None:
        """The certificate that a step asks for; None when the type has none there."""
        kind = self.device_type
        if kind is None or step not in CERTIFICATE_STEPS:
            return None
        if step is Step.FACTORY and self.external:
            return None
        template_id = (
            kind.factory_template_id
            if step is Step.FACTORY
            else kind.default_operational_template_id
        )
        if template_id is None:
            return None
        given = self.certificates[step]
        return IssueRequest(
            template_id,
            csr=given.csr if given.from_device else None,
            typed=given.typed,
            valid_from=given.valid_from,
            validity_days=given.validity_days,
            unlimited=given.unlimited,
        )

    def filled_from(self, factory: CertificatePlan) -> dict[str, str]:
        """The device fields that a factory certificate fills, the name included (FAC-04)."""
        return {} if self.device_type is None else device_fields(self.device_type, factory)

    def keep_from(self, other: "Answers") -> None:
        """Take over what the next device of a kind has in common with the one before.

        Not its name, serial number, CSR, password, nor what was typed for a mapped field: these
        belong to one device.
        """
        self.info = replace(other.info, name="")
        self.device_type = other.device_type
        own = other.mapped_fields | {DeviceProperty.SERIAL_NUMBER.value}
        self.typed_values = {k: v for k, v in other.typed_values.items() if k not in own}
        mapped = other.device_type.factory_mapping if other.device_type else {}
        for step, given in other.certificates.items():
            typed = {key: text for key, text in given.typed.items() if key not in mapped}
            self.certificates[step] = replace(given, csr=None, csr_name="", typed=typed)
