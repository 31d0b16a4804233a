"""Who owns things: tenants, and the organizations inside one tenant."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tenant:
    """A customer of the workspace. Names are unique."""

    id: int
    name: str
    active: bool = True


@dataclass(frozen=True)
class Organization:
    """A plant or department of one tenant. Names are unique inside the tenant."""

    id: int
    tenant_id: int
    name: str
    active: bool = True
