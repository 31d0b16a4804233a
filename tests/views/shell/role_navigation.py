"""What each role has in its navigation; for the tests of the window and for the tour."""

from dataclasses import dataclass

from app.views.pages import page_entries

PROVISION = ["Provision", "Bench", "Devices", "Batches"]
CONFIGURE = ["Configure", "Device types", "EST servers", "External CAs"]
CERTIFICATES = ["Certificates", "Certificates", "Authorities", "Templates", "Custom extensions"]
ADMINISTRATION = ["Administration", "Tenants", "Organizations", "Users", "API applications"]
RECORDS = ["Audit log", "Reports"]
STATION = ["Station", "EST monitor", "Sync", "Settings"]

EVERYTHING = PROVISION + CONFIGURE + CERTIFICATES + ADMINISTRATION + RECORDS + STATION
# Who is inside one tenant has no list of tenants.
OF_A_TENANT = [title for title in EVERYTHING if title != "Tenants"]
OF_AN_OPERATOR = [*PROVISION, "Certificates", "Certificates", "Templates", "Station", "Settings"]


@dataclass(frozen=True)
class RoleNavigation:
    """A role: its person in the demo, its title, its requirement, and what it is to see."""

    person: str
    role: str
    requirement: str
    everything: list[str]

    def titles(self) -> list[str]:
        """Headings and pages from top to bottom, of those that the program has."""
        there = {title for entry in page_entries() for title in (entry.title, entry.group)}
        assert there <= set(EVERYTHING)
        return [title for title in self.everything if title in there]


ROLES = (
    RoleNavigation("admin", "Administrator", "ROLE-04", EVERYTHING),
    RoleNavigation("ivan.petrov", "Auditor", "ROLE-08", EVERYTHING),
    RoleNavigation("ruth.keller", "Tenant administrator", "ROLE-05", OF_A_TENANT),
    RoleNavigation("paul.jensen", "Tenant auditor", "ROLE-09", OF_A_TENANT),
    RoleNavigation("mia.rossi", "Tenant operator", "ROLE-06", OF_AN_OPERATOR),
    RoleNavigation("nora.lind", "Operator", "ROLE-07", OF_AN_OPERATOR),
)
