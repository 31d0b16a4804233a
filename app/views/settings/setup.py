"""Taking what the workspace is set up with to another one, and back, in a file."""

from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton

from app.core.errors import KnownError
from app.core.language import _
from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.domain.setup_files import SetupPlan
from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs
from app.views.saving import AskPath, Saver, ask_path
from app.views.settings.card import Card
from app.views.settings.setup_import import SetupImportForm
from app.views.theme.tokens import Tone
from app.views.widgets.banner import Banner
from app.views.widgets.file_field import FileField

FILE = "birthmark-setup.json"


def sees_setup(actor: Actor) -> bool:
    """Whether the actor sees everything that a set-up file may hold."""
    return reach(actor, Operation.EXTERNAL_CA_VIEW) is not Reach.NONE


class SetupCard(Card):
    """Export to a file; a file that is dropped, pasted or chosen is checked, then imported."""

    def __init__(
        self, workspace: Workspace, actor: Actor, jobs: Jobs, ask: AskPath = ask_path
    ) -> None:
        super().__init__(_("Set-up"))
        self._workspace, self._actor, self._jobs = workspace, actor, jobs
        self._saver = Saver(jobs, ask)
        self.banner = Banner(self)
        text = QLabel(
            _(
                "Custom extensions, templates, external CAs and device types in one signed file"
                " for another workspace. Keys and devices are never in it."
            )
        )
        text.setProperty("role", "label")
        text.setWordWrap(True)
        self.export = QPushButton(_("Export…"))
        self.export.clicked.connect(self._export)
        self.file = FileField(_("Import"), _("A set-up file"))
        if reach(actor, Operation.TEMPLATE_MANAGE) is Reach.NONE:
            self.file.hide()  # never shown here: it has no parent yet, and would be a window
        self.file.changed.connect(self._check)
        line = QHBoxLayout()
        line.addWidget(self.export)
        line.addStretch(1)
        self.body.addWidget(text)
        self.body.addWidget(self.banner)
        self.body.addLayout(line)
        self.body.addWidget(self.file)

    def _export(self) -> None:
        files, actor = self._workspace.setup_files, self._actor
        self._saver.save(
            self,
            _("Export the set-up"),
            FILE,
            lambda: files.export(actor),
            done=self._tell_exported,
            failed=self.banner.show_error,
        )

    def _tell_exported(self, path: Path) -> None:
        text = _("The set-up was exported to {path}.").format(path=path)
        self.banner.show_message(Tone.GOOD, text)

    def _check(self) -> None:
        """Plan the import, then show what it would do."""
        if self.file.is_empty():
            return
        self.banner.clear()
        data = self.file.value()
        files, authorities = self._workspace.setup_files, self._workspace.authorities
        actor = self._actor
        self._jobs.run(
            self,
            lambda: (
                files.plan(actor, data),
                [one.name for one in authorities.all(actor) if one.active],
            ),
            lambda read: self._show(data, *read),
            self._refuse,
        )

    def _show(self, data: bytes, plan: SetupPlan, authorities: list[str]) -> None:
        files = self._workspace.setup_files
        form = SetupImportForm(files, self._actor, data, plan, authorities, self._jobs, self)
        form.saved.connect(self._tell_imported)
        form.finished.connect(lambda _result: self.file.set_value(b""))
        form.open()

    def _tell_imported(self, _nothing: object) -> None:
        self.banner.show_message(Tone.GOOD, _("The set-up was imported."))

    def _refuse(self, error: KnownError) -> None:
        self.file.set_value(b"")
        self.file.set_error(error)
