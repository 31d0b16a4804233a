"""The form that verifies an external CA by proof: a code to be signed, and the answer."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.external_cas import REQUEST_FILE, Challenge, ExternalCa
from app.models.services.external_cas.proof import ExternalCaProof
from app.views.jobs import Jobs
from app.views.saving import AskPath, Saver
from app.views.theme.fonts import scaled
from app.views.theme.tokens import Tone
from app.views.widgets.confirm import confirm
from app.views.widgets.copy_label import CopyLabel
from app.views.widgets.field import Field
from app.views.widgets.file_field import FileField
from app.views.widgets.form_dialog import FormDialog
from app.views.widgets.plain_label import plain_label
from app.views.widgets.times import time_text, zone_text


class ChallengeField(Field[Challenge]):
    """Shows a code with what its receiver can do with it; nothing is filled in here.

    Signals: `request_wanted()` to save the request, `renewal_wanted()` for another code.
    """

    request_wanted = Signal()
    renewal_wanted = Signal()

    def __init__(self, challenge: Challenge) -> None:
        self._challenge = challenge
        self._code = CopyLabel(_("Code"))
        self._until = plain_label()
        self._signing = CopyLabel(_("Command that signs the request"))
        self._requesting = CopyLabel(_("Command that makes a request"))
        self.save_request = QPushButton(_("Save request…"))
        self.renew = QPushButton(_("New code…"))
        editor = QWidget()
        editor.setFocusProxy(self._code)
        self._lay_out(editor)
        super().__init__(_("1. Have the code signed by the CA"), editor)
        self.save_request.clicked.connect(self.request_wanted)
        self.renew.clicked.connect(self.renewal_wanted)
        self.set_value(challenge)

    def value(self) -> Challenge:
        """The challenge that is shown."""
        return self._challenge

    def set_value(self, value: Challenge) -> None:
        """Show another challenge."""
        self._challenge = value
        self._code.set_value(value.code)
        self._until.setText(_("Good once, until {time}.").format(time=time_text(value.until)))
        self._until.setToolTip(zone_text(value.until))
        self._signing.set_value(value.signing_command)
        self._requesting.set_value(value.request_command)

    def is_empty(self) -> bool:
        """Nothing of it would be lost when the form is closed."""
        return True

    def _lay_out(self, editor: QWidget) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(scaled(8))
        for button in (self.save_request, self.renew):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(editor)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(scaled(8))
        what = _(
            "Send the code, or the saved request, to the owner of the CA. They sign a"
            " certificate whose one common name (CN) is the code, and send it back."
        )
        for widget in (plain_label(what), self._code, self._until):
            column.addWidget(widget)
        column.addLayout(buttons)
        column.addWidget(plain_label(_("Signing the request with openssl:")))
        column.addWidget(self._signing)
        column.addWidget(plain_label(_("Making a request there, instead of the saved one:")))
        column.addWidget(self._requesting)


class VerifyForm(FormDialog):
    """Shows the challenge, and takes the certificate that answers it.

    Signals: `saved(None)` once the external CA is verified.
    """

    def __init__(
        self,
        proof: ExternalCaProof,
        actor: Actor,
        ca: ExternalCa,
        challenge: Challenge,
        *,
        jobs: Jobs,
        ask: AskPath,
        parent: QWidget,
    ) -> None:
        title = _("Verify {name}").format(name=ca.name)
        super().__init__(title, jobs, self._verify, parent, save_text=_("Verify"))
        self._proof, self._actor, self._ca = proof, actor, ca
        self._saver = Saver(jobs, ask)
        self.challenge = self.add(ChallengeField(challenge), "challenge")
        self.challenge.request_wanted.connect(self._save_request)
        self.challenge.renewal_wanted.connect(self._ask_renewal)
        hint = _("PEM, DER or PKCS#7. Ten attempts are allowed with one code.")
        prompt = _("The certificate signed for the code")
        self.add(FileField(_("2. The answer"), prompt, required=True, hint=hint), "proof")

    def _verify(self, values: Mapping[str, Any]) -> None:
        self._proof.verify_by_possession(self._actor, self._ca.id, values["proof"])

    def _save_request(self) -> None:
        def done(path: Path) -> None:
            self.banner.show_message(Tone.GOOD, _("Saved as {path}.").format(path=path))

        request = self.challenge.value().request
        self._saver.save(
            self,
            _("Save request"),
            REQUEST_FILE,
            lambda: request,
            done=done,
            failed=self.banner.show_error,
        )

    def _ask_renewal(self) -> None:
        confirm(
            self,
            _("Make a new code for {name}?").format(name=self._ca.name),
            _("A certificate signed for the present code will not be accepted any more."),
            _("Make new code"),
            destructive=False,
            done=self._renew,
        )

    def _renew(self) -> None:
        self._jobs.run(
            self,
            lambda: self._proof.new_challenge(self._actor, self._ca.id),
            self._show_renewed,
            self.banner.show_error,
        )

    def _show_renewed(self, challenge: Challenge) -> None:
        self.challenge.set_value(challenge)
        self.banner.show_message(Tone.GOOD, _("There is a new code."))
