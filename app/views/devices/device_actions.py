"""What can be done to the selected device."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from app.core.errors import KnownError
from app.core.language import _
from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.domain.certificates import Certificate
from app.models.domain.devices import Device, DeviceMode
from app.models.services.devices.listed import DeviceQuery, DeviceRow
from app.models.services.workspace.workspace import Workspace
from app.views.devices.details import DeviceDetails
from app.views.jobs import Jobs
from app.views.saving import Saver
from app.views.theme.icons import set_icon
from app.views.theme.tokens import Tone
from app.views.widgets.confirm import confirm_job
from app.views.widgets.field import CheckField
from app.views.widgets.form_dialog import FormDialog
from app.views.widgets.list_page import ListPage


class DeviceActions(QObject):
    """The actions of DEV-82 to DEV-87, shown where the mode and the actor's role allow them."""

    def __init__(
        self,
        workspace: Workspace,
        actor: Actor,
        page: ListPage[DeviceRow, DeviceQuery],
        jobs: Jobs,
        saver: Saver,
    ) -> None:
        super().__init__(page)
        self._workspace = workspace
        self._actor = actor
        self._page = page
        self._jobs = jobs
        self._saver = saver
        self._device: Device | None = None
        self.set_as_factory = self._action(
            _("Set as factory mode…"), "rotate-ccw", self._ask_set_as_factory
        )
        self.enable = self._action(_("Enable…"), "play", self._ask_enable)
        self.download_credential = self._action(
            _("Download credential once…"), "key-round", self._save_credential
        )
        self.reset_password = self._action(
            _("Reset password…"), "rotate-ccw", self._ask_reset_password
        )
        self.disable = self._action(_("Disable…"), "ban", self._ask_disable)
        self.all = (
            self.set_as_factory,
            self.enable,
            self.download_credential,
            self.reset_password,
            self.disable,
        )
        self.set_details(None)

    def set_details(self, details: DeviceDetails | None) -> None:
        """Act on this device from now on, or on none."""
        self._device = details.device if details else None
        mode = self._device.mode if self._device else None
        manage = mode is not None and self._may(Operation.DEVICE_MANAGE)
        self.set_as_factory.setVisible(manage and mode is DeviceMode.OPERATIONAL)
        self.disable.setVisible(manage and mode is not DeviceMode.DISABLED)
        self.enable.setVisible(manage and mode is DeviceMode.DISABLED)
        has_password = details is not None and details.device_type.password_enabled
        self.reset_password.setVisible(manage and has_password and mode is not DeviceMode.DISABLED)
        self.download_credential.setVisible(
            details is not None and details.credential_until is not None
        )

    def save_pem(self, certificate: Certificate) -> None:
        """Save a certificate with its chain as PEM."""
        self._save(
            _("Save certificate"),
            f"{certificate.name}-{certificate.kind}.pem",
            lambda: self._workspace.certificates.pem(self._actor, certificate.id, chain=True),
        )

    def save_pfx(self, certificate: Certificate) -> None:
        """Save a certificate with its chain and the key made here as PKCS #12."""
        self._save(
            _("Download certificate with private key"),
            f"{certificate.name}-{certificate.kind}.pfx",
            lambda: self._workspace.certificates.download_pfx(self._actor, certificate.id),
        )

    def _save_credential(self, device: Device) -> None:
        self._save(
            _("Download credential (only once)"),
            f"{device.name}-credential.txt",
            lambda: self._workspace.credentials.download(self._actor, device.id),
        )

    def _ask_set_as_factory(self, device: Device) -> None:
        def save(values: Mapping[str, Any]) -> None:
            self._workspace.devices.set_as_factory(self._actor, device.id, **values)

        def done(_none: object) -> None:
            text = _("{name} is in factory mode.").format(name=device.name)
            self._page.banner.show_message(Tone.GOOD, text)
            self._page.renew()

        title = _("Set {name} as factory mode?").format(name=device.name)
        act = _("Set as factory mode")
        form = FormDialog(title, self._jobs, save, self._page, save_text=act)
        hint = _(
            "It can then enrol anew. Without this, the operational certificates it has stay valid;"
            " what is revoked cannot be made good again."
        )
        revoke = CheckField(_("Also revoke its operational certificates"), hint=hint)
        form.add(revoke, "revoke_operational")
        form.saved.connect(done)
        form.open()

    def _ask_reset_password(self, device: Device) -> None:
        self._ask(
            _("Reset the password of {name}?").format(name=device.name),
            _("A random one takes its place at once; the old one cannot be recovered."),
            _("Reset password"),
            lambda: self._workspace.credentials.reset_password(self._actor, device.id, None),
            _("{name} has a new password. Download its credential.").format(name=device.name),
            destructive=True,
        )

    def _ask_disable(self, device: Device) -> None:
        self._ask(
            _("Disable {name}?").format(name=device.name),
            _("No EST server lets it in until it is enabled again. It keeps its certificates."),
            _("Disable"),
            lambda: self._workspace.devices.disable(self._actor, device.id),
            _("{name} is disabled.").format(name=device.name),
            destructive=True,
        )

    def _ask_enable(self, device: Device) -> None:
        self._ask(
            _("Enable {name}?").format(name=device.name),
            _("EST servers let it in again, in the mode it had before."),
            _("Enable"),
            lambda: self._workspace.devices.enable(self._actor, device.id),
            _("{name} is enabled.").format(name=device.name),
        )

    def _ask(
        self,
        title: str,
        text: str,
        act: str,
        work: Callable[[], object],
        success: str,
        *,
        destructive: bool = False,
    ) -> None:
        confirm_job(
            self._page,
            self._jobs,
            title,
            text,
            act,
            work=work,
            success=success,
            done=lambda _result: self._page.renew(),
            destructive=destructive,
        )

    def _save(self, title: str, name: str, content: Callable[[], bytes]) -> None:
        def done(path: Path) -> None:
            text = _("Saved as {path}.").format(path=path)
            self._page.banner.show_message(Tone.GOOD, text)

        def failed(error: KnownError) -> None:
            self._page.banner.show_error(error)

        self._saver.save(self._page, title, name, content, done=done, failed=failed)

    def _may(self, operation: Operation) -> bool:
        return reach(self._actor, operation) is not Reach.NONE

    def _action(self, text: str, icon: str, act: Callable[[Device], None]) -> QAction:
        def triggered() -> None:
            if self._device is not None:
                act(self._device)

        action = QAction(text, self)
        set_icon(action, icon)
        action.triggered.connect(triggered)
        return action
