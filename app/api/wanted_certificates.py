"""Certificates that are asked for with a device: what is given, and the request it makes."""

from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field

from app.api.errors import naming
from app.api.routes import Call, Given
from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.issuing import IssueRequest, request_in
from app.models.services.workspace.workspace import Workspace


def _day(given: object) -> date:
    if not isinstance(given, str):
        raise ValueError("a day is a text such as 2026-03-31")  # noqa: TRY004  pydantic's way
    return date.fromisoformat(given)


Id = Annotated[int, Field(ge=1, lt=10**18)]
Day = Annotated[date, BeforeValidator(_day)]


class WantedCertificate(Given):
    """A certificate to issue; a key is made here unless there is a `csr` (PEM, base64 DER).

    `fields` are by key, such as `subject.CN`, and stand against what the CSR says. The template
    decides about what is missing. `validity_days` ends what has no end by the template, too.
    """

    model_config = ConfigDict(strict=True)

    template_id: Id | None = None
    csr: str | None = None
    fields: dict[str, str] = Field(default_factory=dict)
    valid_from: Day | None = None
    validity_days: int | None = None

    def request(
        self, workspace: Workspace, call: Call, default: int | None, member: str
    ) -> IssueRequest:
        """The request for it, from the `default` template unless another is named.

        Raises `InvalidInputError` that names the member below `member` at fault, and
        `NotFoundError` for a template out of sight.
        """
        template_id = self.template_id or default
        if template_id is None:
            raise InvalidInputError(
                _("The device type has no template for this certificate."),
                remedy=_("Leave the certificate out, or choose another device type."),
                field=_below(member, "template_id"),
            )
        template = workspace.templates.read(call.actor, template_id)
        known = {field.key for field in template.fields}
        for key in self.fields:
            if key not in known:
                raise InvalidInputError(
                    _("The template {name} has no field {key}.").format(
                        name=template.name, key=key
                    ),
                    remedy=_("Use one of {keys}.").format(keys=", ".join(sorted(known))),
                    field=_below(member, key),
                )
        with naming(csr=_below(member, "csr")):
            csr = None if self.csr is None else request_in(self.csr.encode())
        return IssueRequest(
            template_id,
            csr,
            typed=self.fields,
            valid_from=self.valid_from,
            validity_days=self.validity_days,
            unlimited=None if self.validity_days is None else False,
        )


def _below(member: str, name: str) -> str:
    return f"{member}.{name}" if member else name
