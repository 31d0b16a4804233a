"""Settings of the station that its safety rests on; each change is in the audit log."""

from app.config.settings import Settings, SettingsFile
from app.core.errors import AuthenticationError
from app.models.domain.access import Actor, Operation, require
from app.models.services.store import Store
from app.pki.sealing import KdfCost


class StationSettings:
    """Changes where the listener listens, when the window locks, and the passphrase."""

    def __init__(self, store: Store, settings: SettingsFile, cost: KdfCost) -> None:
        self._store = store
        self._settings = settings
        self._cost = cost

    @property
    def current(self) -> Settings:
        """The settings as they are now."""
        return self._settings.current

    def change(self, actor: Actor, **values: object) -> None:
        """Set some settings; what has its value already is no change and no event.

        Raises `InvalidInputError` for a bad value, and changes nothing then.
        """
        require(actor, Operation.SETTINGS_CHANGE)
        with self._store.change(actor) as change:
            before = {name: getattr(self.current, name) for name in values}
            after = {name: value for name, value in values.items() if value != before[name]}
            if after:
                before = {name: before[name] for name in after}
                change.audit("settings.change", "workspace", None, "", before=before, after=after)
                self._settings.change(**after)  # last: the event of a refused value is undone

    def change_passphrase(self, actor: Actor, old: str, new: str) -> None:
        """Wrap the workspace key under another passphrase; what is sealed stays as it is.

        Raises `AuthenticationError` when `old` is wrong, which is recorded, and
        `InvalidInputError` when `new` is bad.
        """
        require(actor, Operation.SETTINGS_CHANGE)
        event = ("workspace.change-passphrase", "workspace", None, "")
        try:
            with self._store.change(actor) as change:
                change.audit(*event)
                self._store.vault.change_passphrase(old, new, self._cost)
        except AuthenticationError as error:
            with self._store.change(actor) as change:
                change.audit(*event, outcome="refused", reason=error.problem)
            raise
