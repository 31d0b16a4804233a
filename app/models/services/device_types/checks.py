"""The rules of a device type that need what it refers to: templates, authorities, external CAs."""

from sqlalchemy import Connection

from app.models.domain.device_type_rules import check_device_type
from app.models.domain.device_types import DeviceType
from app.models.services.device_types.separate_cas import SeparateCas
from app.models.services.external_cas.trust import check_usable
from app.models.services.templates.templates import Templates


class DeviceTypeChecks:
    """Judges a device type before it is stored."""

    def __init__(self, templates: Templates, separate_cas: SeparateCas) -> None:
        self._templates = templates
        self._separate_cas = separate_cas

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
        if external_id is not None:
            check_usable(connection, external_id, checked.sharing)
        self._separate_cas.check(connection, checked)
