"""Outages that a person of the staff tells of: one proposes, another accepts, and then they count (decision D9)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal import clock
from portal.domain.evidence.records import OutageRecord
from portal.domain.notices.decisions import require_somebody_else
from portal.domain.notices.refusals import Conflict, Invalid, NotFound
from portal.domain.people.person import Person
from portal.store.evidence import records as store
from portal.store.evidence.records import ACCEPTED, REJECTED, Origin, Revision, StoredOutage
from portal.store.measuring import measured
from portal.usecases.excluding.exclusion_decisions import read_window
from portal.usecases.groundwork import audit
from portal.usecases.groundwork.audit import Deed, Thing
from portal.usecases.groundwork.local_times import local_input
from portal.usecases.groundwork.texts import clean_text

SEVERITIES = ("down", "degraded")
REASON_LENGTH_MAX = 2_000
KIND = "outage record"
BY_PERSON = "imported"
"""Where a record comes from that nobody measured: it was told."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody typed who tells of an outage; times are local to the provider."""

    service: str
    start: str
    end: str
    severity: str
    reason: str


@dataclass(frozen=True, slots=True)
class Told:
    """One record that waits for a second person: [start, end) in UTC seconds; `is_own` when the reader told it."""

    id: UUID
    service: str
    start: int
    end: int
    severity: str
    reason: str
    is_own: bool


def services(session: Session) -> Sequence[tuple[str, str]]:
    """Return the key and the name of every service."""
    return [(one.key, one.name) for one in measured.services(session)]


def propose(session: Session, person: Person, draft: Draft, timezone: str, now: datetime) -> None:
    """Tell of an outage, or that it was longer, which counts once somebody else accepts it.

    Raises Invalid naming the field: what is told adds downtime and never takes any away.
    """
    service = next((one for one in measured.services(session) if one.key == draft.service), None)
    if service is None:
        raise Invalid("service", "Choose a service.")
    if draft.severity not in SEVERITIES:
        raise Invalid("severity", "Choose down or slow.")
    start, end = read_window(draft.start, draft.end, timezone, now)
    if end > clock.seconds(now):
        raise Invalid("end", "An outage is told when it is over. Give an end that has passed.")
    reason = clean_text("reason", draft.reason, REASON_LENGTH_MAX)
    record = OutageRecord(start, end, draft.severity)
    before = _revisions(session, service.id, record)
    _require_more(before, record, timezone)
    number = 1 + max((one.revision for one in before), default=0)
    revision = Revision(record, number, store.PROPOSED, reason, recorded_by=person.id)
    _save(session, service.id, revision, now)
    facts = {"service": service.key, "start": start, "end": end, "severity": draft.severity}
    audit.note(session, person.id, Deed.TOLD_OUTAGE, Thing(KIND, f"{service.key} {start}"), now, after=facts)


def waiting(session: Session, person: Person) -> Sequence[Told]:
    """Return the records that wait for a second person, oldest first."""
    names = {one.id: one.name for one in measured.services(session)}
    return [
        Told(
            id=one.id,
            service=names[one.service_id],
            start=one.record.start,
            end=one.record.end,
            severity=one.record.severity,
            reason=one.reason,
            is_own=one.recorded_by == person.id,
        )
        for one in store.waiting(session)
    ]


def decide(
    session: Session, person: Person, record_id: UUID, words: str, now: datetime, *, is_accepted: bool, one_may: bool
) -> None:
    """Accept a told outage, by somebody else than told it, or reject it with a reason.

    Raises NotFound, NotAllowed, Invalid without a reason to reject, Conflict when it is decided already.
    """
    found = _waiting(session, record_id, store.waiting(session))
    told_by = found.recorded_by
    is_one = is_accepted and told_by is not None and require_somebody_else(told_by, person.id, one_may)
    reason = clean_text("words", words, REASON_LENGTH_MAX, may_be_empty=is_accepted) or found.reason
    before = _revisions(session, found.service_id, found.record)
    if is_accepted and _ends(before) >= found.record.end:
        raise Invalid(
            "words", "A file has told since that this outage was as long or longer. Reject what was told here."
        )
    state = ACCEPTED if is_accepted else REJECTED
    revision = Revision(found.record, before[-1].revision + 1, state, reason, told_by, person.id)
    _save(session, found.service_id, revision, now)
    deed = Deed.ACCEPTED_OUTAGE if is_accepted else Deed.REJECTED_OUTAGE
    is_now = {"state": state} | ({"by": "one person alone"} if is_one else {})
    audit.note(session, person.id, deed, Thing(KIND, record_id), now, before={"state": found.state}, after=is_now)


def _waiting(session: Session, record_id: UUID, found: Collection[StoredOutage]) -> StoredOutage:
    for one in found:
        if one.id == record_id:
            return one
    if store.outage(session, record_id) is None:
        raise NotFound("There is no such outage record.")
    raise Conflict("This outage record is decided already. Reload the page.")


def _require_more(before: Sequence[StoredOutage], record: OutageRecord, timezone: str) -> None:
    """Refuse what hides a record that waits, or shortens one that counts; `before` are its revisions, in order."""
    decided = max((one.revision for one in before if one.decided_by), default=0)
    if any(one.state == store.PROPOSED and one.revision > decided for one in before):
        raise Invalid("start", "This outage was told already and waits for a second person.")
    if _ends(before) >= record.end:
        ends = local_input(_ends(before), timezone).replace("T", " ")
        raise Invalid("end", f"An accepted record of this outage ends at {ends}. What is told can only make it longer.")


def _ends(revisions: Sequence[StoredOutage]) -> int:
    """The end of the outage as it counts; 0 where it does not, or was withdrawn."""
    accepted = [one.record for one in revisions if one.state == ACCEPTED]
    return accepted[-1].end if accepted and accepted[-1].end > accepted[-1].start else 0


def _revisions(session: Session, service_id: UUID, record: OutageRecord) -> Sequence[StoredOutage]:
    """The revisions of one outage, in order."""
    found = store.revisions_from(session, service_id, record.start, record.start + 1)
    return [one for one in found if _is_same(one, record)]


def _is_same(one: StoredOutage, record: OutageRecord) -> bool:
    return (one.record.severity, one.record.event) == (record.severity, record.event)


def _save(session: Session, service_id: UUID, revision: Revision, now: datetime) -> None:
    origin = Origin(BY_PERSON, "", clock.seconds(now))
    try:
        with session.begin_nested():
            store.save_outages(session, service_id, [revision], origin)
    except IntegrityError:
        raise Conflict("Somebody else told or decided this a moment ago. Reload the page.") from None
