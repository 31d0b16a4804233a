"""An API application: a machine client with a key and a certificate of its own (SYS-10)."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class ApiApplication:
    """A machine client of one tenant, or of one of its organizations.

    `app_id` is what it calls itself (32 hex digits). `previous_key_until` is how long the key
    before the newest one is still good, None when only one is. Names are unique in a tenant.
    """

    id: int
    name: str
    tenant_id: int
    organization_id: int | None
    app_id: str
    created_at: datetime
    description: str = ""
    active: bool = True
    previous_key_until: datetime | None = None
    last_used_at: datetime | None = None


@dataclass(frozen=True)
class ApplicationRow:
    """An application as a list shows it, with the names of its owners."""

    application: ApiApplication
    tenant_name: str
    organization_name: str

    @property
    def id(self) -> int:
        """The id of the application."""
        return self.application.id

    @property
    def name(self) -> str:
        """The name of the application."""
        return self.application.name

    @property
    def active(self) -> bool:
        """Whether the application is let in."""
        return self.application.active


@dataclass(frozen=True)
class CreatedApplication:
    """A new application with its AppKey (32 hex digits), which is shown this once."""

    application: ApiApplication
    app_key: str = field(repr=False)
