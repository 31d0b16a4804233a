"""The forms of one's own profile; each asks for the password, which the person alone knows."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from PySide6.QtWidgets import QWidget

from app.core.errors import AuthenticationError, InvalidInputError, SessionEndedError
from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.passwords import MIN_LENGTH
from app.models.services.owners.second_factor import certificate_from_file, proof_from_file
from app.models.services.owners.users import Users
from app.views.jobs import Jobs
from app.views.widgets.field import PasswordField
from app.views.widgets.file_field import FileField
from app.views.widgets.form_dialog import FormDialog

_PASSWORD = "password"  # noqa: S105  the name of a field


def password_form(users: Users, actor: Actor, jobs: Jobs, parent: QWidget) -> FormDialog:
    """Asks for another password, twice."""

    def submit(values: Mapping[str, Any]) -> None:
        if values["new_password"] != values["again"]:
            raise InvalidInputError(_("The two are not the same."), field="again")
        users.change_password(actor, values[_PASSWORD], values["new_password"])

    form = _form(_("Change password"), jobs, submit, parent, save_text=_("Change password"))
    rule = _("At least {count} characters; several unrelated words are good.")
    new = PasswordField(_("New password"), required=True, hint=rule.format(count=MIN_LENGTH))
    form.add(new, "new_password")
    form.add(PasswordField(_("New password again"), required=True), "again")
    return form


def certificate_form(users: Users, actor: Actor, jobs: Jobs, parent: QWidget) -> FormDialog:
    """Asks for the certificate whose key is needed at sign-in from then on, and for that key."""

    def submit(values: Mapping[str, Any]) -> None:
        with _at_field({None: "certificate"}):
            certificate = certificate_from_file(values["certificate"])
        with _at_field({None: "key_file", "passphrase": "key_passphrase"}):
            proof = proof_from_file(values["key_file"], values["key_passphrase"])
        users.set_certificate(actor, values[_PASSWORD], certificate, proof)

    form = _form(_("Sign in with a certificate, too"), jobs, submit, parent)
    prompt = _("PEM, DER or PKCS#7 file")
    form.add(FileField(_("Certificate"), prompt, required=True), "certificate")
    key = FileField(
        _("Key of your certificate"),
        _("PKCS#12 or PEM file"),
        required=True,
        hint=_(
            "It is only tried, and not kept here: from then on you need this file whenever you"
            " sign in."
        ),
    )
    form.add(key, "key_file")
    hint = _("Leave it empty if the file has none.")
    form.add(PasswordField(_("Passphrase of the file"), hint=hint), "key_passphrase")
    return form


@contextmanager
def _at_field(fields: Mapping[str | None, str]) -> Iterator[None]:
    """Inside, what is wrong with a field is said at another one; None is no field."""
    try:
        yield
    except InvalidInputError as error:
        error.field = fields.get(error.field, error.field)
        raise


def no_certificate_form(users: Users, actor: Actor, jobs: Jobs, parent: QWidget) -> FormDialog:
    """Lets the person sign in with the password alone."""

    def submit(values: Mapping[str, Any]) -> None:
        users.remove_own_certificate(actor, values[_PASSWORD])

    title = _("Sign in without the certificate")
    return _form(title, jobs, submit, parent, save_text=_("Remove certificate"))


def _form(
    title: str,
    jobs: Jobs,
    submit: Callable[[Mapping[str, Any]], None],
    parent: QWidget,
    *,
    save_text: str = "",
) -> FormDialog:
    """A form that begins with the present password, and says there if it is wrong."""

    def confirmed(values: Mapping[str, Any]) -> None:
        try:
            submit(values)
        except AuthenticationError as error:
            if not isinstance(error, SessionEndedError):
                error.field = _PASSWORD
            raise

    form = FormDialog(title, jobs, confirmed, parent, save_text=save_text)
    form.add(PasswordField(_("Present password"), required=True), _PASSWORD)
    return form
