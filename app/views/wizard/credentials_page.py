"""Step 5, Credentials: the device password and the PFX passphrase (CRED-01 to CRED-03)."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from app.core.language import _
from app.models.wizards.device_wizard import DeviceWizard
from app.models.wizards.steps import CredentialsLayout, Step
from app.views.widgets.field import PasswordField, ReadOnlyField
from app.views.wizard.step_page import StepPage


class CredentialsPage(StepPage):
    """Asks for one secret, used as the device's password, as the PFX passphrase, or as both."""

    def __init__(self, flow: DeviceWizard, parent: QWidget | None = None) -> None:
        super().__init__(flow, Step.CREDENTIALS, parent)
        self._explanation = QLabel()
        self._explanation.setWordWrap(True)
        self._explanation.setProperty("role", "dim")
        self.device_id = ReadOnlyField(_("Device ID"), hint=_("The name of the device."))
        self.password = PasswordField(_("Password"), required=True)
        self.generate = QPushButton(_("Make one"))
        self.generate.setAutoDefault(False)
        self.generate.clicked.connect(self._generate)
        self.fields = {"password": self.password}
        for widget in (self._explanation, self.device_id, self.password):
            self.column.addWidget(widget)
        self.column.addWidget(self.generate, 0, Qt.AlignmentFlag.AlignLeft)
        self.password.changed.connect(self._answer)

    def load(self) -> None:
        """Show what the secret will be used for, and the secret."""
        layout = self.flow.credentials_layout
        self._explanation.setText(_explanation(layout))
        self.device_id.setVisible(layout is not CredentialsLayout.PASSPHRASE)
        self.device_id.set_value(self.flow.info.name)
        self.password.set_label(_label(layout), required=True)
        if self.password.value() != self.flow.password:
            self.password.set_value(self.flow.password)

    def _generate(self) -> None:
        self.flow.generate_password()
        self.load()
        self._touch("password")
        self.answered.emit()

    def _answer(self) -> None:
        if self.password.value() != self.flow.password:
            self._touch("password")
            self.flow.answer(Step.CREDENTIALS, password=self.password.value())
            self.answered.emit()


def _label(layout: CredentialsLayout | None) -> str:
    if layout is CredentialsLayout.PASSPHRASE:
        return _("PFX passphrase")
    if layout is CredentialsLayout.BOTH:
        return _("Password and PFX passphrase")
    return _("Password")


def _explanation(layout: CredentialsLayout | None) -> str:
    if layout is CredentialsLayout.PASSPHRASE:
        return _("The key made here is handed over in a PFX file that this passphrase opens.")
    if layout is CredentialsLayout.BOTH:
        return _(
            "The device signs in at the EST server with its Device ID and this password. The"
            " same text opens the PFX file with the key made here."
        )
    return _("The device signs in at the EST server with its Device ID and this password.")
