"""The form of a custom extension, with its bytes as one types."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QWidget

from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.access import Actor, Operation
from app.models.domain.certificate_terms import (
    CustomExtension,
    ExtensionValueKind,
    decode_value,
    describe_extension,
    encode_value,
    hex_rows,
)
from app.models.domain.extensions import Extension, check_extension
from app.models.services.templates.extensions import Extensions
from app.views.jobs import Jobs
from app.views.widgets.field import CheckField, ChoiceField, MultilineField, TextField
from app.views.widgets.form_dialog import FormDialog
from app.views.widgets.sharing_fields import Owners, SharingFields, sharing_in

_OID_PLACEHOLDER = "1.3.6.1.4.1.99999.1"
_NAME_LENGTH = 100


class ExtensionForm(FormDialog):
    """Makes an extension, or changes one that has an id.

    Signals: `saved(Extension)`.
    """

    def __init__(
        self,
        extensions: Extensions,
        actor: Actor,
        owners: Owners,
        jobs: Jobs,
        parent: QWidget,
        *,
        changed: Extension | None = None,
    ) -> None:
        submit = extensions.create if changed is None else extensions.edit
        title = _("New custom extension")
        if changed is not None:
            title = _("Change {name}").format(name=changed.name)
        super().__init__(
            title, jobs, lambda values: submit(actor, _extension(values, changed)), parent
        )
        self.add(TextField(_("Name"), required=True, max_length=_NAME_LENGTH), "name")
        self.add(TextField(_("Description")), "description")
        oid = TextField(
            _("Object identifier"), required=True, mono=True, placeholder=_OID_PLACEHOLDER
        )
        self._oid = self.add(oid, "oid")
        hint = _("Whoever does not know a critical extension refuses the certificate.")
        self._critical = self.add(CheckField(_("Critical"), hint=hint), "critical")
        kinds = [(kind, kind.label) for kind in ExtensionValueKind]
        self._kind = self.add(ChoiceField(_("Type of the value"), kinds), "kind")
        self._value = self.add(MultilineField(_("Value"), required=True, rows=2), "value")
        self._bytes = self.add(_read_only(_("DER"), rows=3), "der")
        self._decoded = self.add(_read_only(_("As it is read"), rows=4), "decoded")
        self._sharing = SharingFields(self, actor, Operation.EXTENSION_MANAGE, owners)
        if changed is not None:
            self._put(changed)
        for field in (self._oid, self._critical, self._kind, self._value):
            field.changed.connect(self._preview)
        self._preview()

    def _put(self, extension: Extension) -> None:
        kind, text = decode_value(extension.value)
        self.fields["name"].set_value(extension.name)
        self.fields["description"].set_value(extension.description)
        self._oid.set_value(extension.oid)
        self._critical.set_value(extension.critical)
        self._kind.set_value(kind)
        self._value.set_value(text)
        self._sharing.set_sharing(extension.sharing)

    def _preview(self) -> None:
        """The bytes, and what they say; what is wrong under the field it is wrong in."""
        self._value.clear_message()
        self._oid.clear_message()
        octets, said = "", ""
        try:
            if not self._value.is_empty():
                value = encode_value(self._kind.value(), self._value.value())
                octets = hex_rows(value)
                said = self._as_read(value)
        except InvalidInputError as error:
            self.fields.get(error.field or "", self._value).set_error(error)
        self._bytes.set_value(octets)
        self._decoded.set_value(said)

    def _as_read(self, value: bytes) -> str:
        if self._oid.is_empty():
            return ""
        content = CustomExtension(self._oid.value(), self._critical.value(), value)
        check_extension(content)
        section = describe_extension(content)
        return "\n".join((section.title, *(f"{one.name}: {one.value}" for one in section.lines)))


def _read_only(label: str, rows: int) -> MultilineField:
    field = MultilineField(label, mono=True, rows=rows)
    field.input.setReadOnly(True)
    return field


def _extension(values: Mapping[str, Any], changed: Extension | None) -> Extension:
    """The extension that the values of the form describe."""
    new = Extension(
        id=0,
        name=values["name"],
        oid=values["oid"],
        critical=values["critical"],
        value=encode_value(values["kind"], values["value"]),
        description=values["description"],
        sharing=sharing_in(values),
    )
    return new if changed is None else replace(new, id=changed.id, active=changed.active)
