"""One attempt to sign in at the window: all that was given, and what came of it."""

from dataclasses import dataclass, field

from app.core.errors import InvalidInputError, KnownError
from app.models.domain.access import Actor, Channel
from app.models.domain.users import Proof
from app.models.services.owners.second_factor import proof_from_file
from app.models.services.workspace.workspace import Workspace


@dataclass
class Attempt:
    """What a person gave: `new_password` and `key_file` only where they were asked for.

    `former` is who left a session open at this window. After `run`, `language` is the one the
    person has chosen, and `password_changed` tells whether `new_password` counts already, even
    if something else went wrong later.
    """

    name: str
    password: str = field(repr=False)
    passphrase: str = field(default="", repr=False)
    new_password: str | None = field(default=None, repr=False)
    key_file: bytes = field(default=b"", repr=False)
    key_passphrase: str = field(default="", repr=False)
    former: Actor | None = None
    language: str = ""
    password_changed: bool = False

    def run(self, workspace: Workspace) -> Actor:
        """Sign in, and open the keys if they are locked; on a worker thread.

        Raises as `Users.sign_in` and `Workspace.unlock` do; the fields `certificate` and
        `key_passphrase` are at fault when the file is no good.
        """
        # The person first: a stranger must not leave the keys open behind them.
        actor = workspace.users.sign_in(
            self.name,
            self.password,
            Channel.WINDOW,
            new_password=self.new_password,
            proof=self._proof(),
        )
        self.password_changed = self.new_password is not None
        try:
            if workspace.locked:
                workspace.unlock(self.passphrase, actor)
        except KnownError:
            workspace.sessions.end(actor)
            raise
        self.language = workspace.users.me(actor).language
        return workspace.sessions.resume(actor, self.former) if self.former else actor

    def _proof(self) -> Proof | None:
        if not self.key_file:
            return None
        try:
            return proof_from_file(self.key_file, self.key_passphrase)
        except InvalidInputError as error:
            # The passphrase of the workspace has that name on this page.
            error.field = "key_passphrase" if error.field == "passphrase" else "certificate"
            raise
