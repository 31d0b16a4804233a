"""Factory and operational certificates come from different CAs where devices register themselves.

The rule has two sides: a device type may be given other templates, a template another authority.
"""

from collections.abc import Collection

from sqlalchemy import Connection, select

from app.core.errors import ConflictError
from app.core.language import _
from app.models.db.tables import device_type, external_ca, template
from app.models.domain.device_type_rules import CaKey, check_apart, common_ca
from app.models.domain.device_types import DeviceType
from app.models.services.authorities.authorities import Authorities
from app.models.services.authorities.lineage import lineage
from app.models.services.device_types.records import device_type_of
from app.pki.certificates import CertificateInfo, read_certificate
from app.pki.names import subject_text


class SeparateCas:
    """Holds DT-22 for device types and for the templates they are made of."""

    def __init__(self, authorities: Authorities) -> None:
        self._authorities = authorities

    def check(self, connection: Connection, checked: DeviceType) -> None:
        """Raise `InvalidInputError` for a type that breaks the rule.

        What the type refers to is there, and its other rules hold.
        """
        if checked.auto_registration:
            check_apart(*self._issuers(connection, checked))

    def check_template(self, connection: Connection, template_id: int) -> None:
        """Raise `ConflictError` when a template as it is stored now breaks the rule for a type.

        Inactive types count, because nothing is asked again when they are activated.
        """
        query = select(device_type).where(device_type.c.auto_registration)
        broken: dict[str, str] = {}
        for row in connection.execute(query.order_by(device_type.c.name)):
            one = device_type_of(row)
            if template_id not in (one.factory_template_id, *one.operational_template_ids):
                continue
            if found := common_ca(*self._issuers(connection, one)):
                broken[one.name] = _(
                    "For {type}, factory certificates would be issued by {factory} and"
                    " operational ones by {operational}, with the same key."
                ).format(type=one.name, factory=found[0].name, operational=found[1].name)
        if broken:
            raise ConflictError(
                _(
                    "Factory and operational certificates of {types} would come from the same CA."
                ).format(types=", ".join(broken)),
                cause=" ".join(broken.values()),
                remedy=_(
                    "Choose another authority, or turn off auto-registration there: otherwise an"
                    " operational certificate could register another device."
                ),
                field="authority_id",
            )

    def _issuers(self, connection: Connection, of: DeviceType) -> tuple[list[CaKey], list[CaKey]]:
        """The CAs whose factory certificates a type accepts, and those not to be among them."""
        ids = _authority_ids(connection, of.operational_template_ids)
        operational = [key for id_ in ids for key in self._keys(connection, id_)]
        if of.factory_template_id is not None:
            factory_ids = _authority_ids(connection, (of.factory_template_id,))
            return [key for id_ in factory_ids for key in self._keys(connection, id_)], operational
        query = select(external_ca.c.name, external_ca.c.certificate)
        external = connection.execute(query.where(external_ca.c.id == of.external_ca_id)).one()
        # Whoever certified the operational authority vouches for its certificates, too.
        chains = [der for id_ in ids for der in self._authorities.chain(connection, id_)]
        above = [_ca_key(read_certificate(der)) for der in chains]
        outside = CaKey(external.name, read_certificate(external.certificate).public_key)
        return [outside], [*operational, *above]

    def _keys(self, connection: Connection, authority_id: int) -> list[CaKey]:
        """The key of an authority, and of those whose place it took."""
        ids = lineage(connection, authority_id)
        return [_ca_key(self._authorities.certificate_info(connection, id_)) for id_ in ids]


def _authority_ids(connection: Connection, template_ids: Collection[int]) -> list[int]:
    """The authorities that issue from these templates, in the order of their numbers."""
    query = select(template.c.authority_id).where(template.c.id.in_(template_ids)).distinct()
    return list(connection.scalars(query.order_by(template.c.authority_id)))


def _ca_key(info: CertificateInfo) -> CaKey:
    return CaKey(subject_text(info.subject), info.public_key)
