"""`birthmark setup`: what a workspace is set up with, as a file for another one."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.cli.actions import Actions, add_json
from app.cli.choosing import chosen, pairs
from app.cli.files import check_free, read_file, write_file
from app.cli.output import print_json, table
from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.setup_files import (
    Outcome,
    PlannedItem,
    SetupPlan,
    kind_title,
    outcome_title,
)
from app.models.services.workspace.workspace import Workspace


def add(noun: ArgumentParser) -> None:
    """Add the actions of the noun."""
    actions = Actions(noun)
    text = _("Write everything active within reach, or what device types need, to a new file.")
    export = actions.add("export", text, _export, unlock=True)
    export.add_argument("file", type=Path, metavar="FILE")
    export.add_argument(
        "--device-type",
        action="append",
        metavar="ID|NAME",
        help=_("only this device type and what it needs (may be repeated)"),
    )
    check = actions.add("check", _("Show what importing a file would do."), _check)
    carry_out = actions.add("import", _("Import a file, all of it or nothing."), _import)
    for made in (check, carry_out):
        made.add_argument("file", type=Path, metavar="FILE")
        made.add_argument(
            "--authority",
            action="append",
            default=[],
            metavar="NAME=NAME",
            help=_("name of an authority in the file, and of the one here that takes its place"),
        )
        add_json(made)
    carry_out.add_argument(
        "--leave-out", action="store_true", help=_("leave out what is impossible")
    )


def _export(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    check_free(options.file)
    type_ids = None
    if options.device_type is not None:
        types = workspace.device_types.all(actor)
        type_ids = [chosen(text, types) for text in options.device_type]
    write_file(options.file, workspace.setup_files.export(actor, type_ids))


def _check(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    _print(options, _planned(options, workspace, actor))


def _import(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    plan = _planned(options, workspace, actor)
    workspace.setup_files.apply(actor, plan, leave_out=options.leave_out)
    _print(options, plan)


def _planned(options: Namespace, workspace: Workspace, actor: Actor) -> SetupPlan:
    authorities = dict(pairs(options.authority, "authority"))
    return workspace.setup_files.plan(actor, read_file(options.file), authorities)


def _print(options: Namespace, plan: SetupPlan) -> None:
    if options.json:
        print_json(
            {
                "signed_by": plan.file.key_fingerprint or None,
                "own": plan.own,
                "authorities": dict(plan.authorities),
                "items": [_as_json(item) for item in plan.items],
            }
        )
        return
    if plan.warning:
        print(plan.warning)
    lines = [line for item in plan.items for line in _lines(item)]
    if lines:
        print(table(None, lines))
    counts = ", ".join(f"{plan.count(outcome)} {outcome_title(outcome)}" for outcome in Outcome)
    print(counts)


def _as_json(item: PlannedItem) -> dict[str, Any]:
    return vars(item) | {"differences": [vars(one) for one in item.differences]}


def _lines(item: PlannedItem) -> Iterator[list[str]]:
    yield [outcome_title(item.outcome), kind_title(item.kind), item.name, item.problem]
    for one in item.differences:
        yield ["", "", one.member, f"{one.before or ''} -> {one.after or ''}"]
