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


@dataclass(frozen=True)
class TenantRow:
    """A tenant as a list shows one, with how many things are its."""

    id: int
    name: str
    active: bool
    organizations: int
    users: int
    devices: int


@dataclass(frozen=True)
class OrganizationRow:
    """An organization as a list shows one, with how many things are its."""

    id: int
    name: str
    tenant_id: int
    tenant_name: str
    active: bool
    users: int
    devices: int


@dataclass(frozen=True)
class Consequences:
    """How many things are in a tenant or organization, to be told before it is deactivated."""

    organizations: int
    users: int
    devices: int
    est_servers: int
    device_types: int
    applications: int
