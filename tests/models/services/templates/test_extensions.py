"""Custom extensions: made, changed, offered, and what certificates get of them."""

from dataclasses import replace

import pytest

from app.core.errors import AccessDeniedError, ConflictError, InvalidInputError, NotFoundError
from app.models.domain.access import SYSTEM, Access, Actor, Scope, Sharing
from app.models.domain.events import EntityChanged
from app.models.domain.extensions import MAX_VALUE, Extension
from app.models.domain.issuing import IssueRequest
from app.models.domain.templates import Template
from app.models.services.certificates.listed import CertificateQuery
from app.models.services.listing import ListQuery
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import CustomExtension
from app.pki.extension_values import ExtensionValueKind, encode_value
from app.pki.formats import certificates_in
from app.pki.tbs import read_fields
from tests.models.services.people import person

OID = "1.3.6.1.4.1.32473.1.9"
DEMO = ("MASA URL", "Production site")
ACME, NORTH = Sharing(Access.TENANT, 1), Sharing(Access.ORGANIZATION, 1, 1)


def text(value: str) -> bytes:
    return encode_value(ExtensionValueKind.UTF8_STRING, value)


def extension(name: str = "Site", sharing: Sharing = ACME) -> Extension:
    return Extension(0, name, OID, critical=False, value=text("Oslo"), sharing=sharing)


def attach(workspace: Workspace, extension_id: int, name: str = "Gateway mTLS client") -> Template:
    """Give a demo template an extension."""
    found = next(one for one in workspace.templates.all(SYSTEM) if one.name == name)
    return workspace.templates.edit(SYSTEM, replace(found, extension_ids=(extension_id,)))


def issued(workspace: Workspace, template: Template, name: str) -> dict[str, CustomExtension]:
    """The extensions of a certificate that was just issued."""
    request = IssueRequest(template.id, typed={"subject.CN": name})
    made = workspace.certificate_issuing.issue(
        SYSTEM, request, Scope(1, 1), pfx_passphrase="three green apples"
    )
    return dict(read_fields(made.certificate.der).extensions)


def test_what_is_stored_comes_back_and_is_audited(demo: Workspace, admin: Actor) -> None:
    told: list[object] = []
    demo.store.events.subscribe(EntityChanged, told.append)
    made = demo.extensions.create(admin, extension())
    assert made == replace(extension(), id=made.id)
    assert demo.extensions.get(admin, made.id) == made
    (event,) = demo.audit.of_object(SYSTEM, "extension", made.id, 5)
    assert (event.action, event.after["value"]) == ("extension.create", text("Oslo").hex())
    assert EntityChanged("extension", made.id) in told


def test_editing_changes_all_but_id_and_state(demo: Workspace, admin: Actor) -> None:
    made = demo.extensions.create(admin, extension())
    demo.extensions.set_active(admin, made.id, active=False)
    wanted = replace(made, name="Plant", critical=True, value=text("Bergen"), sharing=Sharing())
    changed = demo.extensions.edit(admin, wanted)
    assert changed == replace(wanted, active=False)
    assert demo.extensions.get(admin, made.id) == changed
    event = demo.audit.of_object(SYSTEM, "extension", made.id, 5)[0]
    assert event.action == "extension.edit"
    assert event.before["name"] == "Site"
    assert event.after["value"] == text("Bergen").hex()
    assert "oid" not in event.after
    demo.extensions.edit(admin, changed)
    assert len(demo.audit.of_object(SYSTEM, "extension", made.id, 9)) == 3


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"oid": "acme"}, "oid"),
        ({"oid": "2.5.29.19"}, "oid"),
        ({"value": b""}, "value"),
        ({"value": b"\x30\x05"}, "value"),
        ({"value": text("x" * MAX_VALUE)}, "value"),
        ({"name": " "}, "name"),
    ],
)
def test_bad_extensions_are_refused(
    demo: Workspace, admin: Actor, changes: dict[str, object], field: str
) -> None:
    made = demo.extensions.create(admin, extension("Good"))
    for act, one in (
        (demo.extensions.create, replace(extension(), **changes)),  # type: ignore[arg-type]  # any field
        (demo.extensions.edit, replace(made, **changes)),  # type: ignore[arg-type]  # any field
    ):
        with pytest.raises(InvalidInputError) as caught:
            act(admin, one)
        assert caught.value.field == field
    assert demo.extensions.count(admin, ListQuery("good")) == 1


def test_names_are_unique(demo: Workspace, admin: Actor) -> None:
    demo.extensions.create(admin, extension())
    other = demo.extensions.create(admin, extension("Other"))
    with pytest.raises(ConflictError, match="taken"):
        demo.extensions.create(admin, extension())
    with pytest.raises(ConflictError, match="taken"):
        demo.extensions.edit(admin, replace(other, name="Site"))


def test_an_extension_in_use_or_active_is_not_deleted(demo: Workspace, admin: Actor) -> None:
    made = demo.extensions.create(admin, extension())
    template = attach(demo, made.id)
    with pytest.raises(ConflictError, match="is active"):
        demo.extensions.delete(admin, made.id)
    demo.extensions.set_active(admin, made.id, active=False)
    with pytest.raises(ConflictError, match="still in use") as caught:
        demo.extensions.delete(admin, made.id)
    assert caught.value.cause == "It is needed by: 1 certificate template."
    assert OID in issued(demo, template, "GW-1")  # those that have it keep it
    with pytest.raises(InvalidInputError) as refused:
        attach(demo, made.id, "Sensor mTLS client")
    assert refused.value.field == "extension_ids"
    demo.templates.edit(admin, replace(template, extension_ids=()))
    demo.extensions.delete(admin, made.id)
    with pytest.raises(NotFoundError):
        demo.extensions.get(admin, made.id)
    assert demo.audit.of_object(SYSTEM, "extension", made.id, 1)[0].action == "extension.delete"


def test_certificates_carry_the_extension_as_it_was_when_they_were_issued(
    demo: Workspace, admin: Actor
) -> None:
    made = demo.extensions.create(admin, extension())
    template = attach(demo, made.id)
    first = issued(demo, template, "GW-1")
    assert first[OID] == made.content
    demo.extensions.edit(admin, replace(made, critical=True, value=text("Bergen")))
    second = issued(demo, template, "GW-2")
    assert second[OID] == CustomExtension(OID, critical=True, value=text("Bergen"))
    (kept,) = demo.certificate_list.page(admin, CertificateQuery(text="GW-1"), 0, 9)
    (der,) = certificates_in(demo.certificates.pem(admin, kept.id, chain=False))
    assert read_fields(der).extensions[OID] == made.content


def test_two_of_one_oid_do_not_go_together(demo: Workspace, admin: Actor) -> None:
    ids = tuple(demo.extensions.create(admin, extension(name)).id for name in ("A", "B"))
    template = next(one for one in demo.templates.all(admin) if one.name == "Sensor mTLS client")
    with pytest.raises(InvalidInputError, match="more than once") as caught:
        demo.templates.edit(admin, replace(template, extension_ids=ids))
    assert caught.value.field == "extensions"


@pytest.mark.req("DEC-01", "ROLE-04", "ROLE-05")
def test_roles_reach_as_far_as_elsewhere(demo: Workspace, admin: Actor) -> None:
    tenant_admin = person(demo, "ruth.keller")
    everywhere = demo.extensions.create(admin, extension("Everywhere", Sharing()))
    own = demo.extensions.create(tenant_admin, extension("Own"))
    with pytest.raises(AccessDeniedError):
        demo.extensions.create(tenant_admin, extension("Mine", Sharing()))
    with pytest.raises(AccessDeniedError):
        demo.extensions.edit(tenant_admin, replace(everywhere, sharing=ACME))
    with pytest.raises(AccessDeniedError):
        demo.extensions.edit(tenant_admin, replace(own, sharing=Sharing()))
    with pytest.raises(AccessDeniedError):
        demo.extensions.delete(tenant_admin, everywhere.id)
    with pytest.raises(AccessDeniedError):
        demo.extensions.set_active(tenant_admin, everywhere.id, active=False)
    seen = {one.name for one in demo.extensions.page(tenant_admin, ListQuery(), 0, 9)}
    assert seen == {"Everywhere", "Own", *DEMO}
    for name in ("mia.rossi", "nora.lind"):
        with pytest.raises(AccessDeniedError):
            demo.extensions.page(person(demo, name), ListQuery(), 0, 9)
    other = demo.tenants.create_tenant(admin, "Borealis")
    theirs = demo.extensions.create(admin, extension("Theirs", Sharing(Access.TENANT, other.id)))
    with pytest.raises(NotFoundError):
        demo.extensions.get(tenant_admin, theirs.id)
    with pytest.raises(NotFoundError):
        demo.extensions.delete(tenant_admin, theirs.id)


def test_offered_is_what_a_template_may_use(demo: Workspace, admin: Actor) -> None:
    for name, sharing in (("All", Sharing()), ("Acme", ACME), ("North", NORTH)):
        demo.extensions.create(admin, extension(name, sharing))
    off = demo.extensions.create(admin, extension("Off", Sharing()))
    demo.extensions.set_active(admin, off.id, active=False)

    def offered(sharing: Sharing) -> list[str]:
        return [one.name for one in demo.extensions.offered(admin, sharing)]

    assert offered(Sharing()) == ["All"]
    assert offered(ACME) == ["Acme", "All", *DEMO]
    assert offered(NORTH) == ["Acme", "All", DEMO[0], "North", DEMO[1]]
    north = next(one for one in demo.extensions.offered(admin, NORTH) if one.name == "North")
    with pytest.raises(InvalidInputError) as caught:
        attach(demo, north.id)  # a template of the whole tenant
    assert caught.value.field == "extension_ids"


def test_lists_are_searched_by_name_and_oid(demo: Workspace, admin: Actor) -> None:
    demo.extensions.create(admin, extension("Site"))
    found = demo.extensions.page(admin, ListQuery("7.1.32"), 0, 9)
    assert [one.name for one in found] == ["MASA URL"]
    assert demo.extensions.count(admin, ListQuery("SIT")) == 2
    by_oid = demo.extensions.page(admin, ListQuery(sort="oid", descending=True), 0, 9)
    assert [one.name for one in by_oid] == ["MASA URL", "Site", "Production site"]
