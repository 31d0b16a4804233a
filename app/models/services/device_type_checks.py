"""The rules of a device type that need what it refers to: templates, authorities, external CAs."""

from sqlalchemy import Connection

from app.models.domain.device_type_rules import CaKey, check_apart, check_device_type
from app.models.domain.device_types import DeviceType
from app.models.domain.external_cas import ExternalCa
from app.models.domain.templates import Template
from app.models.services.authorities import Authorities
from app.models.services.authority_lineage import lineage
from app.models.services.external_cas import ExternalCas
from app.models.services.templates import Templates
from app.pki.certificates import CertificateInfo, read_certificate
from app.pki.names import subject_text


class DeviceTypeChecks:
    """Judges a device type before it is stored."""

    def __init__(
        self, templates: Templates, authorities: Authorities, external_cas: ExternalCas
    ) -> None:
        self._templates = templates
        self._authorities = authorities
        self._external_cas = external_cas

    def check(self, connection: Connection, checked: DeviceType) -> None:
        """Raise for the first rule broken, naming the field at fault.

        `InvalidInputError` for a rule, `NotFoundError` for what does not exist, `ConflictError`
        for an external CA that is not trusted.
        """
        factory_id, external_id = checked.factory_template_id, checked.external_ca_id
        factory = None if factory_id is None else self._templates.get(connection, factory_id)
        operational = [
            self._templates.get(connection, id_) for id_ in checked.operational_template_ids
        ]
        check_device_type(checked, factory, operational)
        external = None
        if external_id is not None:
            external = self._external_cas.check_usable(connection, external_id, checked.sharing)
        if checked.auto_registration:
            self._check_apart(connection, factory, external, operational)

    def _check_apart(
        self,
        connection: Connection,
        factory: Template | None,
        external: ExternalCa | None,
        operational: list[Template],
    ) -> None:
        """Factory and operational certificates come from different CAs (DT-22)."""
        ids = [one.authority_id for one in operational]
        issuing = [key for id_ in ids for key in self._keys(connection, id_)]
        if factory is not None:
            check_apart(self._keys(connection, factory.authority_id), issuing)
        if external is not None:
            # Whoever certified the operational authority vouches for its certificates, too.
            chains = [der for id_ in ids for der in self._authorities.chain(connection, id_)]
            above = [_ca_key(read_certificate(der)) for der in chains]
            key = read_certificate(external.certificate).public_key
            check_apart([CaKey(external.name, key)], [*issuing, *above])

    def _keys(self, connection: Connection, authority_id: int) -> list[CaKey]:
        """The key of an authority, and of those whose place it took."""
        ids = lineage(connection, authority_id)
        return [_ca_key(self._authorities.certificate_info(connection, id_)) for id_ in ids]


def _ca_key(info: CertificateInfo) -> CaKey:
    return CaKey(subject_text(info.subject), info.public_key)
