"""`birthmark report`: counts as a table, as JSON or as CSV."""

from argparse import ArgumentParser, Namespace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from app.cli.actions import Actions, add_json
from app.cli.choosing import count, moment
from app.cli.files import write_file
from app.cli.output import print_json, table
from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.issuing import MAX_VALIDITY_DAYS
from app.models.domain.reports import Report, ReportBy, ReportQuery, csv_of
from app.models.services.workspace.workspace import Workspace

_DAYS = 30


def add(noun: ArgumentParser) -> None:
    """Add the actions of the noun."""
    actions = Actions(noun)
    issued = actions.add("issued", _("Count devices made and certificates issued."), _issued)
    _add_period(issued)
    issued.add_argument(
        "--by",
        choices=[by.value for by in ReportBy],
        default=ReportBy.MONTH.value,
        help=_("what a row stands for"),
    )
    expiring = actions.add("expiring", _("Count certificates that end soon."), _expiring)
    expiring.add_argument(
        "--days",
        type=partial(count, most=MAX_VALIDITY_DAYS),
        default=_DAYS,
        metavar="DAYS",
        help=_("within so many days"),
    )
    refusals = actions.add("refusals", _("Count what was refused, and why."), _refusals)
    _add_period(refusals)
    for made in (issued, expiring, refusals):
        add_json(made)
        made.add_argument(
            "--csv", type=Path, metavar="FILE", help=_("write CSV to a new file, print nothing")
        )


def _add_period(to: ArgumentParser) -> None:
    to.add_argument(
        "--since", type=moment, metavar="TIME", help=_("from then on (usually the last 30 days)")
    )
    to.add_argument("--until", type=moment, metavar="TIME", help=_("before then (usually now)"))


def _issued(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    query = ReportQuery(*_period(options, workspace), ReportBy(options.by))
    _tell(options, workspace.reports.issued(actor, query))


def _expiring(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    _tell(options, workspace.reports.expiring(actor, options.days))


def _refusals(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    _tell(options, workspace.reports.refusals(actor, *_period(options, workspace)))


def _period(options: Namespace, workspace: Workspace) -> tuple[datetime, datetime]:
    until = options.until or workspace.store.clock.now()
    return options.since or until - timedelta(days=_DAYS), until


def _tell(options: Namespace, report: Report) -> None:
    if options.csv is not None:
        write_file(options.csv, csv_of(report).encode())
    elif options.json:
        print_json({"title": report.title, "columns": report.columns, "rows": report.rows})
    else:
        rows = [[str(cell) for cell in row] for row in (*report.rows, report.totals)]
        print(table(report.columns, rows))
