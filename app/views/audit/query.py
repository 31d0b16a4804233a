"""Which events the Audit log page shows."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from app.models.domain.audit import AuditEvent
from app.models.services.audit.log import AuditFilter


@dataclass(frozen=True)
class AuditRow:
    """An event in the list."""

    event: AuditEvent

    @property
    def id(self) -> int:
        """The number of the event."""
        return self.event.number


@dataclass(frozen=True)
class AuditQuery:
    """What is asked for; the newest event always comes first, whatever `sort` says.

    `of_object` is the kind and id of the one object whose events are wanted. `days` are the
    first and the last day.
    """

    text: str = ""
    action: str = ""
    channel: str = ""
    outcome: str = ""
    days: tuple[date, date] | None = None
    of_object: tuple[str, int] | None = None
    sort: str = "at"
    descending: bool = False

    def filter(self, zone: tzinfo | None = None) -> AuditFilter:
        """The same for the service; days are those of `zone`, or of this computer."""
        kind, id_ = self.of_object or ("", None)
        since = until = None
        if self.days is not None:
            since = _midnight(self.days[0], zone)
            until = _midnight(self.days[1] + timedelta(days=1), zone)
        return AuditFilter(
            action=self.action,
            object_kind=kind,
            object_id=id_,
            text=self.text,
            channel=self.channel,
            outcome=self.outcome,
            since=since,
            until=until,
        )


def _midnight(day: date, zone: tzinfo | None) -> datetime:
    naive = datetime.combine(day, time())
    return naive.astimezone() if zone is None else naive.replace(tzinfo=zone)
