"""Which object is meant: by id or exact name, and whose something is to be."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from app.core.errors import ConflictError, InvalidInputError, NotFoundError
from app.core.language import _
from app.models.domain.access import EVERYWHERE, Access, Actor, Scope, Sharing
from app.models.services.listing import ListQuery
from app.models.services.workspace.workspace import Workspace
from app.pki.revocation import RevocationReason

PAGE = 500

_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


class Named(Protocol):
    """Anything with an id and a name."""

    @property
    def id(self) -> int:
        """Its id."""

    @property
    def name(self) -> str:
        """Its name."""


Row = TypeVar("Row")


def chosen(text: str, objects: Iterable[Named]) -> int:
    """The id of the object that `text` is the id or exact name of.

    Raises `NotFoundError` when there is none and `ConflictError`, with their ids, for several.
    """
    return only(text, (one.id for one in objects if text in (one.name, str(one.id))))


def only(text: str, ids: Iterable[int]) -> int:
    """The only one of the ids that `text` stands for; raises as `chosen`."""
    found = sorted(set(ids))
    if not found:
        raise NotFoundError(
            _("Nothing here is called {name}.").format(name=text),
            cause=_("It does not exist, or is out of reach."),
            remedy=_("Give an id or the exact name, as the action list prints them."),
        )
    if len(found) > 1:
        raise ConflictError(
            _("Several are called {name}.").format(name=text),
            remedy=_("Give one of these ids: {ids}").format(ids=", ".join(map(str, found))),
        )
    return found[0]


def every(
    page: Callable[[Actor, ListQuery, int, int], Sequence[Row]], actor: Actor, search: str = ""
) -> Iterator[Row]:
    """All rows of a list, read page by page."""
    offset = 0
    while rows := page(actor, ListQuery(text=search), offset, PAGE):
        yield from rows
        offset += len(rows)


def add_owner(to: ArgumentParser) -> None:
    """Add the options `--tenant` and `--organization`."""
    to.add_argument("--tenant", metavar="ID|NAME", help=_("tenant it belongs to"))
    to.add_argument("--organization", metavar="ID|NAME", help=_("organization it belongs to"))


def owner(options: Namespace, workspace: Workspace, actor: Actor) -> Scope:
    """The tenant and organization that the options name, else those of who acts.

    An organization names its tenant, too.
    """
    if options.tenant is None and options.organization is None:
        return Scope(actor.tenant_id, actor.organization_id)
    tenants = workspace.tenants
    tenant_id = None
    if options.tenant is not None:
        tenant_id = chosen(options.tenant, tenants.tenants(actor))
    if options.organization is None:
        return Scope(tenant_id)
    organizations = tenants.organizations(actor, tenant_id)
    organization_id = chosen(options.organization, organizations)
    (found,) = (one for one in organizations if one.id == organization_id)
    return Scope(found.tenant_id, found.id)


def sharing(options: Namespace, workspace: Workspace, actor: Actor) -> Sharing:
    """Whom a shareable object is offered to: everybody, a tenant or an organization."""
    named = owner(options, workspace, actor)
    if named.tenant_id is None:
        return EVERYWHERE
    access = Access.TENANT if named.organization_id is None else Access.ORGANIZATION
    return Sharing(access, named.tenant_id, named.organization_id)


def add_reason(to: ArgumentParser, reasons: Collection[RevocationReason]) -> None:
    """Add the options that say why something is revoked."""
    to.add_argument("--reason", required=True, choices=[reason.value for reason in reasons])
    to.add_argument(
        "--since",
        type=moment,
        metavar="TIME",
        help=_("when its key may have got into wrong hands"),
    )


def add_sharing(to: ArgumentParser) -> None:
    """Add the options that offer an object to others than before."""
    add_owner(to)
    to.add_argument("--everywhere", action="store_true", help=_("offer it to every tenant"))


def changed_sharing(
    options: Namespace, workspace: Workspace, actor: Actor, before: Sharing
) -> Sharing:
    """Whom an object is offered to by the options of `add_sharing`, as before without any."""
    if options.everywhere:
        return EVERYWHERE
    if options.tenant is None and options.organization is None:
        return before
    return sharing(options, workspace, actor)


def shown_sharing(shared: Sharing, workspace: Workspace, actor: Actor) -> dict[str, Any]:
    """The fields that tell whom an object is offered to, by names."""
    scope = Scope(shared.tenant_id, shared.organization_id)
    return {"access": shared.access.value, **shown_owner(scope, workspace, actor)}


def shown_owner(scope: Scope, workspace: Workspace, actor: Actor) -> dict[str, str | None]:
    """The names of a tenant and an organization."""
    tenants, organizations = workspace.tenants.tenants, workspace.tenants.organizations
    return {
        "tenant": _name(scope.tenant_id, tenants(actor)),
        "organization": _name(scope.organization_id, organizations(actor)),
    }


def pairs(given: Sequence[str], field: str) -> list[tuple[str, str]]:
    """What was written as `NAME=VALUE`, in its order; raises `InvalidInputError`."""
    split = [text.partition("=") for text in given]
    for text, (name, equals, _value) in zip(given, split, strict=True):
        if not name or not equals:
            raise InvalidInputError(
                _("{text} is not of the form NAME=VALUE.").format(text=text), field=field
            )
    return [(name, value) for name, _equals, value in split]


def moment(text: str) -> datetime:
    """A day or time in ISO 8601, in UTC unless it says otherwise; for argparse."""
    try:
        parsed = datetime.fromisoformat(text)
        parsed = parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        parsed = _FIRST
    if parsed <= _FIRST:
        raise ArgumentTypeError(_("not a time such as 2026-03-02 or 2026-03-02T08:00:00Z"))
    return parsed


def count(text: str, most: int = 2**31 - 1) -> int:
    """A number from 0 to `most`; for argparse."""
    if not text.isdecimal() or len(text) > 10 or int(text) > most:
        raise ArgumentTypeError(_("not a number from 0 to {most}").format(most=most))
    return int(text)


def _name(id_: int | None, objects: Iterable[Named]) -> str | None:
    return next((one.name for one in objects if one.id == id_), None)
