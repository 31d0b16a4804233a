"""Reports count what was issued, what expires and what was refused, within reach."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, update

from app.core.errors import AccessDeniedError, InvalidInputError
from app.models.db import tables
from app.models.domain.access import SYSTEM, Actor, Channel
from app.models.domain.reports import ReportBy, ReportQuery
from app.models.services.workspace.workspace import Workspace
from tests.fakes import FakeClock
from tests.models.services.gateways import factory, gateway, operational
from tests.models.services.people import person
from tests.workspace_fixtures import NOW


def year(by: ReportBy) -> ReportQuery:
    return ReportQuery(NOW - timedelta(days=1), NOW + timedelta(days=365), by)


@pytest.fixture
def made(demo: Workspace, clock: FakeClock) -> Workspace:
    """Devices and certificates of three weeks: 1, 2 and 1 devices, 2 certificates each."""
    for days, names in ((0, ("GW-1",)), (7, ("GW-2", "GW-3")), (21, ("GW-4",))):
        clock.set(NOW + timedelta(days=days))
        for name in names:
            gateway(demo, name, factory=factory(demo), operational=(operational(demo),))
    return demo


@pytest.mark.req("SYS-03")
@pytest.mark.parametrize(
    ("by", "rows"),
    [
        (ReportBy.DAY, (("2026-03-02", 1, 2), ("2026-03-09", 2, 4), ("2026-03-23", 1, 2))),
        (ReportBy.WEEK, (("2026-W10", 1, 2), ("2026-W11", 2, 4), ("2026-W13", 1, 2))),
        (ReportBy.MONTH, (("2026-03", 4, 8),)),
        (ReportBy.TYPE, (("Gateway 200", 4, 8),)),
        (ReportBy.OPERATOR, (("birthmark", 4, 8),)),
    ],
)
def test_issued(made: Workspace, by: ReportBy, rows: object) -> None:
    report = made.reports.issued(SYSTEM, year(by))
    assert report.rows == rows
    assert report.totals == ("Total", 4, 8)
    assert len(report.columns) == 3


def test_issued_by_kind(made: Workspace) -> None:
    report = made.reports.issued(SYSTEM, year(ReportBy.KIND))
    assert sorted(report.rows) == [("Factory", 4), ("Operational", 4)]
    assert report.totals == ("Total", 8)


def test_issued_in_a_period(made: Workspace) -> None:
    query = ReportQuery(NOW + timedelta(days=7), NOW + timedelta(days=21), ReportBy.MONTH)
    assert made.reports.issued(SYSTEM, query).totals == ("Total", 2, 4)
    nothing = ReportQuery(NOW - timedelta(days=2), NOW, ReportBy.MONTH)
    assert made.reports.issued(SYSTEM, nothing).rows == ()


def test_what_devices_did_themselves_is_one_row(made: Workspace) -> None:
    table = tables.certificate
    with made.store.database.write() as connection:
        connection.execute(
            update(table).where(table.c.kind == "operational").values(issued_through="est")
        )
        by_api = update(table).where(table.c.kind == "operational", table.c.id.in_((2, 4)))
        connection.execute(by_api.values(issued_through="api", issued_by=table.c.name))
        connection.execute(update(table).where(table.c.id == 1).values(issued_by=""))
    report = made.reports.issued(SYSTEM, year(ReportBy.OPERATOR))
    assert sorted(report.rows) == [
        ("Devices themselves", 0, 4),
        ("Unknown", 0, 1),
        ("birthmark", 4, 3),
    ]


def test_certificates_without_a_device_are_counted(made: Workspace) -> None:
    nobodys = {"device_id": None, "organization_id": None, "tenant_id": None}
    with made.store.database.write() as connection:
        connection.execute(
            update(tables.certificate).where(tables.certificate.c.id == 1).values(nobodys)
        )
    by_type = made.reports.issued(SYSTEM, year(ReportBy.TYPE))
    assert by_type.rows == (("Gateway 200", 4, 7), ("Without a device", 0, 1))
    by_owner = made.reports.issued(SYSTEM, year(ReportBy.ORGANIZATION))
    assert by_owner.rows[1] == ("Whole workspace", 0, 1)
    assert str(by_owner.rows[0][0]).endswith(" / North plant")


@pytest.mark.req("SYS-03")
def test_expiring(made: Workspace, clock: FakeClock) -> None:
    table = tables.certificate
    with made.store.database.write() as connection:
        for id_, days in ((1, 3), (2, 3), (3, 10), (4, 31), (5, -1)):
            end = clock.now() + timedelta(days=days)
            connection.execute(update(table).where(table.c.id == id_).values(not_after=end))
        connection.execute(update(table).where(table.c.id == 2).values(status="revoked"))
    report = made.reports.expiring(SYSTEM, 30)
    assert report.rows == (("2026-W13", "Gateway 200", 1), ("2026-W14", "Gateway 200", 1))
    assert report.totals == ("Total", "", 2)
    assert made.reports.expiring(SYSTEM, 32).totals == ("Total", "", 3)


@pytest.mark.req("SYS-03")
@pytest.mark.parametrize("days", [-1, 36_526, 2**31 - 1])
def test_nobody_looks_further_than_a_century(demo: Workspace, days: int) -> None:
    with pytest.raises(InvalidInputError) as refused:
        demo.reports.expiring(SYSTEM, days)
    assert refused.value.field == "days"


def test_refusals_by_reason(demo: Workspace, clock: FakeClock) -> None:
    device = Actor("GW-9", Channel.EST)
    for reason in ("Wrong password.", "Unknown device.", "Wrong password."):
        demo.audit.record_refusal(device, "est.refuse", "est-server", 1, "North", reason)
    clock.advance(hours=1)
    demo.audit.record_refusal(device, "est.refuse", "est-server", 1, "North", "Late.")
    report = demo.reports.refusals(SYSTEM, NOW, clock.now())
    assert report.rows == (
        ("Wrong password.", "est.refuse", 2),
        ("Unknown device.", "est.refuse", 1),
    )
    assert report.totals == ("Total", "", 3)


@pytest.mark.req("ROLE-09", "RBAC-06")
def test_reports_hold_what_is_in_reach(made: Workspace, clock: FakeClock) -> None:
    other = made.tenants.create_tenant(SYSTEM, "Borealis")
    device = Actor("GW-9", Channel.EST)
    made.audit.record_refusal(device, "est.refuse", "est-server", 1, "North", "Unknown.")
    end = clock.now() + timedelta(days=1)
    paul = person(made, "paul.jensen")
    stranger = replace(paul, tenant_id=other.id)
    for by in ReportBy:
        own = made.reports.issued(paul, year(by))
        assert own == made.reports.issued(SYSTEM, year(by))
        assert own.rows != ()
        assert made.reports.issued(stranger, year(by)).rows == ()
    everything = 10_000
    assert made.reports.expiring(paul, everything).rows != ()
    assert made.reports.expiring(stranger, everything).rows == ()
    assert made.reports.refusals(paul, NOW, end).rows != ()
    assert made.reports.refusals(stranger, NOW, end).rows == ()


@pytest.mark.req("ROLE-05", "ROLE-08")
def test_operators_get_no_reports(demo: Workspace) -> None:
    for name in ("mia.rossi", "nora.lind"):
        actor = person(demo, name)
        with pytest.raises(AccessDeniedError):
            demo.reports.issued(actor, year(ReportBy.DAY))
        with pytest.raises(AccessDeniedError):
            demo.reports.expiring(actor, 30)
        with pytest.raises(AccessDeniedError):
            demo.reports.refusals(actor, NOW, NOW)


def test_a_period_is_found_by_an_index(made: Workspace) -> None:
    statements: list[str] = []

    def noted(_c: object, _k: object, sql: str, *_rest: object) -> None:
        statements.append(sql)

    engine = made.store.database.engine
    event.listen(engine, "before_cursor_execute", noted)
    made.reports.issued(SYSTEM, year(ReportBy.MONTH))
    made.reports.expiring(SYSTEM, 30)
    made.reports.refusals(SYSTEM, NOW, NOW)
    event.remove(engine, "before_cursor_execute", noted)
    counting = [sql for sql in statements if "GROUP BY" in sql]
    plans = []
    with made.store.database.read() as connection:
        for sql in counting:
            values = (NOW.isoformat(),) * sql.count("?")
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)
            plans.append(" ".join(row[3] for row in rows))
    issued, _devices, expiring, refusals = plans
    assert "USING INDEX ix_certificate_issued_at" in issued
    assert "USING INDEX ix_certificate_status_not_after" in expiring
    assert "USING INDEX ix_audit_event_at" in refusals
