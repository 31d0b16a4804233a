"""A new AppKey, shown once to be put where its application finds it."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.core.language import _
from app.views.jobs import Jobs
from app.views.saving import AskPath, Saver
from app.views.theme.fonts import scaled
from app.views.theme.tokens import Tone
from app.views.widgets.banner import Banner
from app.views.widgets.confirm import confirm
from app.views.widgets.copy_label import CopyLabel
from app.views.widgets.plain_label import plain_label
from app.views.widgets.times import time_text


@dataclass(frozen=True)
class NewKey:
    """An AppKey that was just made; the one before it stays good until `old_until`, if at all."""

    name: str
    app_id: str
    app_key: str = field(repr=False)
    old_until: datetime | None = None

    def text(self) -> str:
        """The content of the file it is saved as."""
        return f"AppID: {self.app_id}\nAppKey: {self.app_key}\n"


class KeyDialog(QDialog):
    """Shows a key until it is closed, which it asks about unless the key was saved."""

    def __init__(self, key: NewKey, jobs: Jobs, ask: AskPath, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("AppKey of {name}").format(name=key.name))
        self.setMinimumWidth(scaled(520))
        self._key = key
        self._saver = Saver(jobs, ask)
        self._saved = False
        self.banner = Banner(self)
        self.app_id = CopyLabel(_("AppID"), key.app_id)
        self.app_key = CopyLabel(_("AppKey"), key.app_key)
        self.save = QPushButton(_("Save to file…"), self)
        self.save.setAutoDefault(False)
        self.save.clicked.connect(self._save)
        self.close_button = QPushButton(_("Close"), self)
        self.close_button.setProperty("role", "primary")
        self.close_button.setAutoDefault(False)  # Enter must not take the key away unread
        self.close_button.clicked.connect(self.reject)
        self._lay_out()

    def reject(self) -> None:
        """Close; asks whether the key was kept, unless it was saved."""
        if self._saved:
            super().reject()
            return
        confirm(
            self,
            _("Has the AppKey been kept?"),
            _("It cannot be shown again. If it is lost, {name} needs a new one.").format(
                name=self._key.name
            ),
            _("Close"),
            destructive=False,
            done=lambda: self.done(QDialog.DialogCode.Rejected),
        )

    def _save(self) -> None:
        def done(path: Path) -> None:
            self._saved = True
            self.banner.show_message(
                Tone.GOOD,
                _("Saved as {path}.").format(path=path),
                _("Whoever reads this file can act as {name}.").format(name=self._key.name),
            )

        self._saver.save(
            self,
            _("Save AppID and AppKey"),
            f"{self._key.name}-appkey.txt",
            self._key.text().encode,
            done=done,
            failed=self.banner.show_error,
        )

    def _lay_out(self) -> None:
        values = QGridLayout()
        values.setHorizontalSpacing(scaled(16))
        values.setVerticalSpacing(scaled(8))
        values.setColumnStretch(1, 1)
        shown = ((_("AppID"), self.app_id), (_("AppKey"), self.app_key))
        for row, (name, value) in enumerate(shown):
            values.addWidget(plain_label(name, "dim", wrap=False), row, 0)
            values.addWidget(value, row, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(scaled(8))
        buttons.addWidget(self.save)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(scaled(24), scaled(24), scaled(24), scaled(16))
        layout.setSpacing(scaled(12))
        layout.addWidget(plain_label(self.windowTitle(), "heading"))
        layout.addWidget(plain_label(self._explanation()))
        layout.addLayout(values)
        layout.addWidget(self.banner)
        layout.addSpacing(scaled(8))
        layout.addLayout(buttons)

    def _explanation(self) -> str:
        texts = [_("The AppKey is shown only now and cannot be shown again.")]
        if self._key.old_until is not None:
            texts.append(
                _("The old one stays good until {time}.").format(
                    time=time_text(self._key.old_until)
                )
            )
        return " ".join(texts)
