"""Disputes of the past: one that was right and brought a revision, one that was not, and one that is open."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from demo.history import DAY_S, HOUR_S, Past
from demo.told.closing import closes_at
from demo.told.moments import PROVIDER_ZONE, Moment, Stage
from portal.usecases.closing import revisions
from portal.usecases.excluding import outage_records
from portal.usecases.groundwork.local_times import local_input
from portal.usecases.settling import disputes, statements
from portal.usecases.settling.disputes import Outcome

RIGHT = 7


@dataclass(frozen=True, slots=True)
class Thread:
    """One dispute: whose, about which month, what was written by whom after so many hours, and how it ended."""

    contract: str
    month: int
    by: str
    opened: str
    written: tuple[tuple[int, str, str], ...]
    outcome: Outcome | None = None
    hours: int = 0
    reason: str = ""


_TOLD = (
    Thread(
        "globex-gold", RIGHT, "greta",
        "Your statement says that object storage was down for 30 minutes on the 8th. Our own checks failed for 80: "
        "its health page answered again, but every upload was still refused.",
        (
            (6, "max", "Thank you. Can you name a few objects that were refused after those 30 minutes?"),
            (26, "greta", "Three of them: backup/nightly-40.tar, backup/nightly-55.tar and backup/nightly-70.tar."),
        ),
        Outcome.ACCEPTED, 50,
        "You are right. Our logs show every upload refused for 80 minutes. The whole outage is recorded now, "
        "and you get a revised statement.",
    ),
    Thread(
        "umi-silver", 8, "uta",
        "The build runners were slow on most days of this month, not only down on the 23rd.",
        ((20, "max", "We looked at every day. Builds waited two seconds at most but for the 40 minutes on the 23rd."),),
        Outcome.REJECTED, 68,
        "Silver promises that runners take work, and they did. How fast they are is not a part of it. We noted your "
        "wish for the next version.",
    ),
    Thread(
        "initech-platinum", 12, "ian",
        "We saw the first failed request at 19:56 UTC, four minutes before your probe did. Please count those as well.",
        ((30, "max", "Our probe asked at 19:50 and at 20:00. We look for your request in the logs of the API."),),
    ),
)  # fmt: skip


def moments(past: Past) -> Iterator[Moment]:
    """Yield every message, and what an accepted dispute brought: an outage record of two persons, and a revision."""
    for thread in _TOLD:
        opened_at = closes_at(past, thread.month) + 3 * DAY_S
        yield Moment(opened_at, partial(_open, thread=thread, period=past.month(thread.month).isoformat()), thread.by)
        for hours, author, words in thread.written:
            scope = "" if author == "max" else author
            yield Moment(opened_at + hours * HOUR_S, partial(_write, thread=thread, author=author, words=words), scope)
        if thread.outcome:
            yield Moment(opened_at + thread.hours * HOUR_S, partial(_decide, thread=thread))
    accepted_at = closes_at(past, RIGHT) + 3 * DAY_S + 50 * HOUR_S
    yield Moment(accepted_at + 60, partial(_tell_outage, start=past.at(RIGHT, 8, 10)))
    yield Moment(accepted_at + HOUR_S, _accept_outage)
    yield Moment(accepted_at + 2 * HOUR_S, partial(_revise, period=past.month(RIGHT).isoformat()))


def _open(stage: Stage, thread: Thread, period: str) -> None:
    for one in statements.headings(stage.session):
        if (one.contract, one.period) == (thread.contract, period):
            person = stage.people[thread.by]
            stage.kept[thread.opened] = disputes.open_dispute(stage.session, person, one.id, thread.opened, stage.now)


def _write(stage: Stage, thread: Thread, author: str, words: str) -> None:
    is_staff, person = author == "max", stage.people[author]
    disputes.write(stage.session, person, stage.kept[thread.opened], words, stage.now, is_staff=is_staff)


def _decide(stage: Stage, thread: Thread) -> None:
    if thread.outcome:
        dispute = stage.kept[thread.opened]
        disputes.decide(stage.session, stage.people["max"], dispute, thread.outcome, thread.reason, stage.now)


def _tell_outage(stage: Stage, start: int) -> None:
    begins, ends = (local_input(one, PROVIDER_ZONE) for one in (start, start + 80 * 60))
    reason = "Uploads were refused for 80 minutes, as Globex showed in their dispute."
    draft = outage_records.Draft("storage", begins, ends, "down", reason)
    outage_records.propose(stage.session, stage.people["max"], draft, PROVIDER_ZONE, stage.now)


def _accept_outage(stage: Stage) -> None:
    ada = stage.people["ada"]
    for one in outage_records.waiting(stage.session, ada):
        outage_records.decide(stage.session, ada, one.id, "", stage.now, is_accepted=True, one_may=False)


def _revise(stage: Stage, period: str) -> None:
    reason = "Object storage was down for 80 minutes, not for 30: uploads were refused all the time."
    for one in statements.headings(stage.session):
        if (one.contract, one.period) == ("globex-gold", period):
            revisions.revise(stage.session, stage.people["max"], one.id, reason, stage.now)
