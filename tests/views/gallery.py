"""Pictures of every widget, to look at: `python -m tests.views.gallery OUT_DIR`.

Saves each sheet in light and dark, at normal text size and at 150 %, and once mirrored.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QDeadlineTimer, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.core.errors import InvalidInputError
from app.views.command_palette import CommandPalette
from app.views.commands import Command, Commands
from app.views.jobs import Jobs
from app.views.theme import apply_theme
from app.views.theme.fonts import scaled
from app.views.theme.tokens import Tone
from app.views.widgets.badge import Badge, BadgeText
from app.views.widgets.banner import Banner
from app.views.widgets.chip_bar import ChipBar
from app.views.widgets.column import Column
from app.views.widgets.confirm import confirm
from app.views.widgets.copy_label import CopyLabel
from app.views.widgets.data_table import DataTable
from app.views.widgets.drop_zone import DropZone
from app.views.widgets.empty_state import EmptyState
from app.views.widgets.field import (
    CheckField,
    ChoiceField,
    DateField,
    MultilineField,
    NumberField,
    PasswordField,
    ReadOnlyField,
    TextField,
)
from app.views.widgets.form_dialog import FormDialog
from app.views.widgets.page import Page
from app.views.widgets.page_model import PageModel, PageRequest
from app.views.widgets.property_list import PropertyList
from app.views.widgets.segmented import Segmented
from app.views.widgets.side_panel import SidePanel
from app.views.widgets.times import day_text, relative_text

NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
TOTAL = 1_204_331


@dataclass(frozen=True)
class Device:
    """A row of the gallery's table."""

    number: int

    @property
    def name(self) -> str:
        return f"GW-204-{self.number:06}"

    @property
    def mode(self) -> BadgeText:
        return (
            BadgeText("Operational", Tone.GOOD),
            BadgeText("Factory"),
            BadgeText("Operational", Tone.WARNING),
            BadgeText("Disabled", Tone.BAD),
        )[self.number % 4]

    @property
    def ends(self) -> datetime | None:
        return NOW + timedelta(days=9 + 100 * (self.number % 3)) if self.number % 4 else None


def columns() -> list[Column[Device]]:
    return [
        Column("name", "Name", lambda device: device.name, width=150),
        Column("type", "Type", lambda _device: "Gateway 200", width=110),
        Column("mode", "Mode", badge=lambda device: device.mode, width=130),
        Column(
            "ends",
            "Operational certificate until",
            lambda device: day_text(device.ends, UTC),
            badge=lambda device: (
                BadgeText("in 9 days", Tone.WARNING) if device.number % 4 == 3 else None
            ),
            width=210,
        ),
        Column("serial", "Serial", lambda device: f"5b:91:{device.number:04}", mono=True),
        Column(
            "changed",
            "Last change",
            lambda device: relative_text(NOW - timedelta(minutes=device.number), NOW),
            dim=True,
            width=110,
        ),
        Column("note", "Note", lambda _device: "never shown", shown=False),
    ]


def device_model(jobs: Jobs) -> PageModel[Device, str]:
    def fetch(request: PageRequest[str]) -> list[Device]:
        return [Device(n) for n in range(request.offset, request.offset + request.limit)]

    return PageModel(
        columns(),
        fetch,
        lambda _filter: TOTAL,
        identity=lambda device: device.number,
        first_filter="",
        jobs=jobs,
    )


def devices_page(jobs: Jobs) -> QWidget:
    page = Page("Devices")
    page.set_account(QLabel("Operator · North plant"))
    page.set_primary(QAction("New device", page))
    page.add_action(QAction("Import CSV…", page))
    page.add_search("Filter…")
    states = ("All", "New", "Factory", "Operational", "Disabled", "Expiring")
    chips = ChipBar("State", [(state, state) for state in states])
    chips.set_counts({"All": TOTAL, "New": 812, "Factory": 20_114, "Disabled": 96})
    page.filters.addWidget(chips)
    model = device_model(jobs)
    model.setParent(page)
    table = DataTable(model, "Devices")
    model.loaded.connect(lambda: table.setCurrentIndex(model.index(3, 0)))
    page.body.addWidget(table)
    page.set_side(device_panel())
    model.reload()
    page.resize(scaled(1280), scaled(760))
    return page


def device_panel() -> SidePanel:
    panel = SidePanel()
    panel.set_heading(
        "GW-204-000184", "Gateway 200 · North plant", BadgeText("Operational · renew", Tone.WARNING)
    )
    banner = Banner()
    banner.show_message(
        Tone.WARNING,
        "The operational certificate ends in 9 days.",
        "Inside the renewal window of this type (30 days).",
    )
    panel.add_section("Next step", banner)
    buttons = QWidget()
    row = QHBoxLayout(buttons)
    row.setContentsMargins(0, 0, 0, 0)
    renew = QPushButton("Renew now")
    renew.setProperty("role", "primary")
    row.addWidget(renew)
    row.addWidget(QPushButton("Set as factory mode…"))
    row.addStretch(1)
    panel.add_section("", buttons)
    properties = PropertyList()
    properties.add("Serial number", "000184", mono=True)
    properties.add("Manufacturer", "Acme Controls", badge=BadgeText("fixed"))
    properties.add("Hardware version", "C2")
    properties.add("MAC", "02:1b:44:00:01:84", mono=True, badge=BadgeText("attribute"))
    properties.add("Chain to a factory CA", badge=BadgeText("no: unknown issuer", Tone.BAD))
    panel.add_section("Properties", properties)
    panel.add_section("Serial number", CopyLabel("Serial number", "5b:91:04:00:11:e4"))
    fingerprint = ":".join(["0a", "77", "c1", "31"] * 8)
    panel.add_section("SHA-256 fingerprint", CopyLabel("SHA-256 fingerprint", fingerprint))
    return panel


def form(_jobs: Jobs) -> QWidget:
    sheet = QWidget()
    sheet.setProperty("role", "panel")
    sheet.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    column = QVBoxLayout(sheet)
    column.setContentsMargins(24, 24, 24, 24)
    column.setSpacing(scaled(14))
    column.addWidget(
        Segmented(
            "Where the request comes from",
            [("csr", "CSR from the device"), ("here", "Make key and CSR here")],
        )
    )
    waiting = DropZone("A certificate request (CSR)")
    filled = DropZone("A certificate request (CSR)")
    filled.show_received(
        "gw-204-000188.csr",
        "EC P-256, ECDSA SHA-256 · template allows P-256, P-384",
        BadgeText("signature good", Tone.GOOD),
    )
    column.addWidget(waiting)
    column.addWidget(filled)
    grid = QGridLayout()
    grid.setSpacing(scaled(12))
    for place, field in enumerate(fields()):
        at = Qt.AlignmentFlag.AlignTop
        grid.addWidget(field, place // 2, place % 2, at)
    column.addLayout(grid)
    column.addLayout(checks())
    column.addStretch(1)
    sheet.resize(scaled(720), scaled(860))
    return sheet


def fields() -> list[QWidget]:
    wrong = TextField("Locality", required=True)
    wrong.set_error(InvalidInputError("The template requires a locality.", remedy="Type one."))
    day = DateField("Valid from", required=True)
    day.set_value(NOW.date())
    days = NumberField("Validity (days)", 1, 100_000, required=True)
    days.set_value(1731)
    secret = PasswordField("Device password", hint="At least 12 characters.")
    secret.set_value("correct horse")
    locked = ChoiceField("Key", [("p256", "EC P-256")])
    locked.setEnabled(False)
    typed = TextField("Common name", required=True)
    typed.set_value("GW-204-000188")
    notes = MultilineField("Notes", rows=3)
    notes.set_value("Two\nlines")
    return [
        typed,
        ReadOnlyField("Organization", "Acme Controls"),
        wrong,
        ChoiceField("Device type", [(1, "Gateway 200"), (2, "Flow sensor")]),
        day,
        days,
        secret,
        TextField("MAC address", placeholder="02:1b:44:00:01:84", mono=True),
        notes,
        locked,
    ]


def checks() -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(scaled(12))
    for text, checked, enabled in (
        ("Unlimited", True, True),
        ("Single use", False, True),
        ("Locked", True, False),
    ):
        box = QCheckBox(text)
        box.setChecked(checked)
        box.setEnabled(enabled)
        row.addWidget(box)
    radio = QRadioButton("On the device")
    radio.setChecked(True)
    row.addWidget(radio)
    row.addWidget(QRadioButton("Here"))
    row.addStretch(1)
    return row


def messages(_jobs: Jobs) -> QWidget:
    sheet = QWidget()
    column = QVBoxLayout(sheet)
    column.setSpacing(scaled(12))
    for tone in Tone:
        banner = Banner()
        banner.show_message(tone, f"This is a message of the tone {tone}.", "Do this next.")
        column.addWidget(banner)
    row = QHBoxLayout()
    for tone in Tone:
        row.addWidget(Badge(BadgeText(tone.capitalize(), tone)))
    for text, role, enabled in (
        ("Primary", "primary", True),
        ("Primary", "primary", False),
        ("Plain", "", True),
        ("Plain", "", False),
        ("Delete", "danger", True),
    ):
        button = QPushButton(text)
        button.setProperty("role", role)
        button.setEnabled(enabled)
        row.addWidget(button)
    row.addStretch(1)
    column.addLayout(row)
    progress = QProgressBar()
    progress.setValue(40)
    column.addWidget(progress)
    action = QAction("New device", sheet)
    column.addWidget(
        EmptyState("cpu", "No devices yet. Create one, or let devices enrol themselves.", action),
        1,
    )
    sheet.resize(scaled(760), scaled(640))
    return sheet


def palette_dialog(_jobs: Jobs) -> QWidget:
    sheet = owner()
    commands = Commands(sheet)
    for number, (text, keys) in enumerate(
        [("New device", "Ctrl+N"), ("Import CSV…", ""), ("Lock keys", "Ctrl+L")]
    ):
        commands.add(Command(str(number), text, lambda: None, keys, group="Devices"))
    return CommandPalette(commands, sheet)


def question(_jobs: Jobs) -> QWidget:
    return confirm(
        owner(),
        "Delete device GW-204-000188?",
        "Its two certificates stay valid until they end. This cannot be undone.",
        "Delete device",
        destructive=True,
        done=lambda: None,
    )


def edit_form(jobs: Jobs) -> QWidget:
    dialog = FormDialog("Change Gateway 200", jobs, dict, owner())
    dialog.add(TextField("Name", required=True), "name").set_value("Gateway 200")
    dialog.add(ChoiceField("Access", [(1, "Everybody"), (2, "Acme Controls")]), "access")
    hours = NumberField("Password kept (hours)", 0, 10_000)
    hours.set_value(48)
    dialog.add_section("Password", lambda: "").open()
    dialog.add(CheckField("Device password", hint="A device may enrol with it."), "password")
    dialog.add(hours, "hours")
    dialog.add_section("Renewal", lambda: "30 days before the end")
    dialog.add(CheckField("Renew the factory certificate"), "renew")
    dialog.banner.show_message(Tone.BAD, "The database cannot be written now.", "Make room.")
    return dialog


def owner() -> QWidget:
    """A window for a dialog to belong to, alive as long as the program."""
    widget = QWidget()
    OWNERS.append(widget)
    return widget


OWNERS: list[QWidget] = []
SHEETS: dict[str, Callable[[Jobs], QWidget]] = {
    "devices": devices_page,
    "form": form,
    "edit-form": edit_form,
    "messages": messages,
    "palette": palette_dialog,
    "confirm": question,
}


def save_all(app: QApplication, folder: Path, jobs: Jobs) -> None:
    """Save every sheet in every dress into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for mode in ("light", "dark"):
        for scale in (1.0, 1.5):
            apply_theme(app, mode, scale)
            for name, make in SHEETS.items():
                save(app, make(jobs), folder / f"{name}-{mode}-{scale:.0%}.png")
    apply_theme(app, "light")
    app.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    for name, make in SHEETS.items():
        save(app, make(jobs), folder / f"{name}-mirrored.png")
    app.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def save(app: QApplication, sheet: QWidget, path: Path) -> None:
    sheet.show()
    end = QDeadlineTimer(250)
    while not end.hasExpired():
        app.processEvents()
    sheet.grab().save(str(path))
    sheet.close()
    sheet.deleteLater()


if __name__ == "__main__":
    application = QApplication([])
    workers = Jobs()
    save_all(application, Path(sys.argv[1]), workers)
    workers.stop()
