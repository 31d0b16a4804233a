"""A certification authority whose key is kept in this workspace."""

from dataclasses import dataclass, field

from app.models.domain.access import EVERYWHERE, Sharing


@dataclass(frozen=True)
class Authority:
    """A certification authority: its certificate (DER) and who may have it issue.

    `issuer_id` is the authority that issued this certificate, None for a root.
    """

    id: int
    name: str
    certificate: bytes = field(repr=False)
    issuer_id: int | None = None
    active: bool = True
    sharing: Sharing = EVERYWHERE
