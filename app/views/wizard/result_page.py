"""After Save: the device exists; what was made for it can be taken along."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.certificates import Certificate
from app.models.services.devices.creation import CreatedDevice
from app.models.services.workspace.workspace import Workspace
from app.views.saving import Saver
from app.views.theme.fonts import scaled
from app.views.theme.tokens import Tone
from app.views.validity import end_text
from app.views.widgets.banner import Banner
from app.views.widgets.copy_label import CopyLabel
from app.views.widgets.flow_layout import FlowLayout
from app.views.widgets.icon_label import IconLabel


class ResultPage(QWidget):
    """Says which device was created, and hands out its files."""

    def __init__(
        self,
        workspace: Workspace,
        actor: Actor,
        saver: Saver,
        created: CreatedDevice,
        *,
        has_password: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "plain")
        self._workspace = workspace
        self._actor = actor
        self._saver = saver
        self._created = created
        self.banner = Banner(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(scaled(48), scaled(32), scaled(48), scaled(24))
        column.setSpacing(scaled(16))
        column.addLayout(_headline(created))
        column.addWidget(self.banner)
        for issued in (created.factory, *created.operational):
            if issued is not None:
                column.addWidget(self._certificate(issued.certificate))
        if has_password:
            column.addWidget(self._credential())
        column.addStretch(1)

    def _certificate(self, certificate: Certificate) -> QWidget:
        factory = certificate.kind == "factory"
        title = _("Factory certificate") if factory else _("Operational certificate")
        end = end_text(certificate.not_after)
        if certificate.not_after.year != 9999:
            end = _("valid until {day}").format(day=end)
        text = f"{title}, {end}"
        serial = CopyLabel(_("Serial number"), certificate.serial)
        block, buttons = _block(text, serial)
        stem = f"{certificate.name}-{certificate.kind}"
        services = self._workspace.certificates
        self._add(
            buttons,
            _("Save PEM…"),
            f"{stem}.pem",
            lambda: services.pem(self._actor, certificate.id, chain=True),
        )
        if certificate.key_until is not None:
            self._add(
                buttons,
                _("Download PFX…"),
                f"{stem}.pfx",
                lambda: services.download_pfx(self._actor, certificate.id),
            )
        return block

    def _credential(self) -> QWidget:
        device = self._created.device
        block, buttons = _block(_("Device ID and password. The file can be downloaded only once."))
        button = self._add(
            buttons,
            _("Download credential once…"),
            f"{device.name}-credential.txt",
            lambda: self._workspace.credentials.download(self._actor, device.id),
            after=lambda: button.setEnabled(False),
        )
        return block

    def _add(
        self,
        buttons: FlowLayout,
        text: str,
        name: str,
        content: Callable[[], bytes],
        after: Callable[[], None] = lambda: None,
    ) -> QPushButton:
        def done(path: Path) -> None:
            after()
            self.banner.show_message(Tone.GOOD, _("Saved as {path}.").format(path=path))

        button = QPushButton(text)
        button.setAutoDefault(False)
        button.clicked.connect(
            lambda: self._saver.save(
                self, text, name, content, done=done, failed=self.banner.show_error
            )
        )
        buttons.addWidget(button)
        return button


def _headline(created: CreatedDevice) -> QHBoxLayout:
    title = QLabel(_("{name} is created").format(name=created.device.name))
    title.setProperty("role", "title")
    title.setTextFormat(Qt.TextFormat.PlainText)
    serial = created.device.values.get("serial_number", "")
    detail = QLabel(_("Serial number {serial}").format(serial=serial) if serial else "")
    detail.setProperty("role", "mono")
    text = QVBoxLayout()
    text.addWidget(title)
    if serial:
        text.addWidget(detail)
    row = QHBoxLayout()
    row.setSpacing(scaled(16))
    row.addWidget(IconLabel("circle-check", "good", 48))
    row.addLayout(text, 1)
    return row


def _block(title: str, *more: QWidget) -> tuple[QWidget, FlowLayout]:
    block = QWidget()
    column = QVBoxLayout(block)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(scaled(6))
    label = QLabel(title)
    label.setWordWrap(True)
    for widget in (label, *more):
        column.addWidget(widget)
    row = QWidget()
    buttons = FlowLayout(row)
    column.addWidget(row)
    return block, buttons
