"""Planned work on object storage: announced in time, told when it ended, and approved; once only after the close."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from demo.history import DAY_S, HOUR_S, Past
from demo.told.closing import closes_at
from demo.told.moments import PROVIDER_ZONE, Moment, Stage
from portal.usecases.closing import revisions
from portal.usecases.excluding import exclusion_decisions, maintenance
from portal.usecases.excluding.maintenance import Draft
from portal.usecases.groundwork.local_times import local_input
from portal.usecases.settling import statements

TYPE = "scheduled_maintenance"
NOTICE_S = 3 * DAY_S
CONTRACT = "globex-gold"
LATE = 9
COMING_IN_S, TAKES_S = 6 * DAY_S, 2 * HOUR_S
BODY = "We replace {what}. For a part of this time requests may fail. Nothing is lost, and nothing is to be done."


@dataclass(frozen=True, slots=True)
class Work:
    """One planned work: [start, end) in UTC seconds, when it ended, and when its exclusion was approved."""

    title: str
    what: str
    start: int
    end: int
    ended_at: int
    approved_at: int


def works(past: Past) -> tuple[Work, ...]:
    """Return the works of the past; the second was approved when its month was closed already."""
    first, second = past.at(4, 18, 1), past.at(LATE, 15, 2)
    in_time, too_late = first + 9 * HOUR_S, closes_at(past, LATE) + 2 * DAY_S
    return (
        Work("New disks for object storage", "its disks", first, first + TAKES_S, first + TAKES_S - 900, in_time),
        Work("New switches for object storage", "switches", second, second + TAKES_S, second + TAKES_S - 60, too_late),
    )


def moments(past: Past) -> Iterator[Moment]:
    """Yield what was said about each work, the revision that the late approval brought, and work that is to come."""
    for work in works(past):
        yield Moment(work.start - NOTICE_S, partial(_announce, work=work))
        yield Moment(work.ended_at, partial(_end, title=work.title))
        yield Moment(work.approved_at, partial(_approve, title=work.title))
    yield Moment(works(past)[1].approved_at + HOUR_S, partial(_revise, period=past.month(LATE).isoformat()))
    begins = (past.live_from + COMING_IN_S) // DAY_S * DAY_S + HOUR_S
    coming = Work("New version of the storage index", "the index", begins, begins + TAKES_S, 0, 0)
    yield Moment(past.live_from - DAY_S, partial(_announce, work=coming))


def _announce(stage: Stage, work: Work) -> None:
    start, end = (local_input(one, PROVIDER_ZONE) for one in (work.start, work.end))
    draft = Draft(work.title, TYPE, start, end, stage.service_ids(["storage"]), BODY.format(what=work.what))
    plan = maintenance.read_plan(stage.session, draft, PROVIDER_ZONE, stage.now)
    stage.kept[work.title] = maintenance.announce(stage.session, stage.people["rosa"], plan, stage.now)


def _end(stage: Stage, title: str) -> None:
    maintenance.end(stage.session, stage.people["rosa"], stage.kept[title], "The work is done.", stage.now)


def _approve(stage: Stage, title: str) -> None:
    for one in maintenance.entries_of(stage.session, stage.kept[title]):
        if one.standing == "pending":
            words = "It was announced in time."
            exclusion_decisions.approve(stage.session, stage.people["max"], one.id, words, stage.now, one_may=False)


def _revise(stage: Stage, period: str) -> None:
    reason = "The work on object storage had been announced in time. Its exclusion was approved only after the close."
    for one in statements.headings(stage.session):
        if (one.contract, one.period) == (CONTRACT, period):
            revisions.revise(stage.session, stage.people["max"], one.id, reason, stage.now)
