"""Revisions: what came to light after a close makes a new statement beside the old one, with its reason (R46).

The old one stays as it is. What changes in the ledger is what the policy of the terms says.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal import clock
from portal.database import reading, transaction
from portal.domain.ledger.corrections import Booked, Correction, correction
from portal.domain.notices.refusals import Conflict, NotFound
from portal.domain.people.person import Person
from portal.domain.promises.restatement import window_open
from portal.domain.quantities.currencies import minor_digits
from portal.domain.quantities.exact import decimal_text
from portal.domain.statements.body import Judgement
from portal.domain.statements.judging import settling_terms
from portal.store.ground.base import new_id
from portal.store.settling import statements as store
from portal.store.settling.claims import claim_of_period
from portal.store.settling.statements import FoundChange, FoundChangeRow, PeriodKey, StatementRow
from portal.store.settling.workings import save_workings
from portal.usecases.closing.statement_writing import Envelope, Written, add_statement, owed, written
from portal.usecases.groundwork import audit, scopes
from portal.usecases.groundwork.audit import Deed, Thing
from portal.usecases.groundwork.texts import clean_line
from portal.usecases.judging.closable import key_of, month, read_month
from portal.usecases.judging.deleted_evidence import EvidenceDeleted
from portal.usecases.judging.judgements import Job, Judge, refuse_lost, unruled
from portal.usecases.settling import crediting, ledger
from portal.usecases.settling.crediting import Owed
from portal.usecases.settling.statements import NO_SUCH, Heading, headings

REASON_LENGTH_MAX = 500
BATCH = 50
COUNTED = (ledger.State.ACCRUED, ledger.State.APPROVED, ledger.State.ISSUED)
Document = Mapping[str, Any]
log = structlog.get_logger()


class NotJudged(Conflict):
    """A closed period cannot be judged again: its statement stays as it is."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was: its name in words, and how it was and is."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a new revision of a statement would say otherwise, and what it would change in the ledger."""

    heading: Heading
    differences: Sequence[Difference]
    credit_before: str
    credit_after: str
    currency: str
    policy: str
    ledger_delta_minor: int
    ledger_delta: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """A statement that would be another now, and when that was found."""

    statement_id: UUID
    heading: Heading
    found_at: datetime


@dataclass(frozen=True, slots=True)
class _Rejudged:
    """A statement judged again, with its workings and what the ledger would have to book."""

    row: StatementRow
    job: Job
    judgement: Judgement
    written: Written
    workings: Mapping[str, bytes]
    correction: Correction[UUID]
    booked_minor: int
    is_voided: bool

    @property
    def has_changed(self) -> bool:
        """Whether there is something to revise: other words, or a credit that was taken back and is owed still (E4)."""
        return self.written.digest != self.row.digest or (self.is_voided and self.correction.changes)


def proposal(session: Session, statement_id: UUID, now: datetime) -> Proposal | None:
    """Return what a new revision of the latest statement of a period would be; None when there is none to be made:
    it would be the same, or the period cannot be judged again.

    Raises NotFound for an unknown statement, Conflict for one that has been revised already.
    """
    try:
        again = _rejudged(session, statement_id, now)
    except NotJudged as refusal:
        log.warning("no proposal", statement=str(statement_id), why=refusal.sentence)
        return None
    if not again.has_changed:
        return None
    heading = next(one for one in headings(session, again.row.contract_id) if one.id == statement_id)
    digits = minor_digits(again.row.currency)
    delta = again.correction.final_minor - again.booked_minor
    return Proposal(
        heading=heading,
        differences=tuple(differences(json.loads(again.row.body), json.loads(again.written.text))),
        credit_before=decimal_text(again.row.credit_minor, digits),
        credit_after=decimal_text(again.written.amount_minor, digits),
        currency=again.row.currency,
        policy=settling_terms(again.judgement.versions).restatement.policy,
        ledger_delta_minor=delta,
        ledger_delta=decimal_text(delta, digits),
    )


def proposals(session: Session) -> Sequence[Proposed]:
    """Return the statements of the scope that the last look found to be other now, the latest period first."""
    found = store.found_changes(session)
    return [
        Proposed(heading.id, heading, found[heading.id].found_at)
        for heading in headings(session)
        if heading.id in found and found[heading.id].digest != heading.digest
    ]


def revise(session: Session, person: Person, statement_id: UUID, reason: str, now: datetime) -> UUID:
    """Write the next revision of a statement with a reason, and book what the terms' policy says; return its id.

    Raises NotFound, Invalid without a reason, Conflict when nothing would change or somebody was quicker.
    """
    reason = clean_line("reason", reason, REASON_LENGTH_MAX)
    again = _rejudged(session, statement_id, now)
    if not again.has_changed:
        raise Conflict("Nothing has changed since this statement was made. There is nothing to revise.")
    undecided = unruled(again.judgement)
    if undecided is not None:
        raise Conflict(f"{undecided} Until then the statement stays as it is.")
    number = again.row.revision + 1
    save_workings(session, again.workings)
    try:
        new = add_statement(
            session, again.job.stored, again.judgement, again.written, Envelope(number, now, person.id, reason)
        )
        session.flush()
    except IntegrityError:
        raise Conflict("Somebody else revised this statement at the same time. Look at it again.") from None
    why = f"Replaced by revision {number}."
    for one in again.correction.withdrawn:
        crediting.withdraw(session, one, why, now, person.id)
    amount = again.correction.accrued_minor
    booked = owed(again.job.stored, new, again.row.period, number, again.written, amount)
    crediting.accrue(session, [_claimable(session, booked, again.row, now)], now, person.id)
    thing = Thing("statement", new, again.row.customer_id)
    before = {"revision": again.row.revision, "credit": again.row.credit_minor}
    after = {"revision": number, "credit": again.written.amount_minor, "booked": amount, "reason": reason}
    audit.note(session, person.id, Deed.REVISED_STATEMENT, thing, now, before=before, after=after)
    return new


def _claimable(session: Session, booked: Owed, row: StatementRow, now: datetime) -> Owed:
    """A credit that a revision brings: whoever had no time to claim it gets as long from now as from the period's end.

    What was claimed once, whatever became of that, is not claimed twice: staff decide about the rest.
    """
    if not booked.claim_required or booked.claim_until is None:
        return booked
    if claim_of_period(session, row.contract_id, row.period) is not None:
        return replace(booked, claim_required=False, claim_until=None)
    return replace(booked, claim_until=max(booked.claim_until, clock.seconds(now) + booked.claim_until - row.ends_at))


def look_again(
    session: Session, period: str, now: datetime, customer: str | None = None, ended_after: int | None = None
) -> int:
    """Judge every closed period of a month again and note which would be other now; return how many are.

    With `ended_after`, only those that ended later than that UTC second. Those that cannot be judged are logged. Runs
    transactions of its own; a statement about which nothing new is found is left without a note.
    """
    with scopes.provider():
        with reading(session):
            found, known = month(session, read_month(period), customer), store.found_changes(session)
        late = [job for job in found.jobs if ended_after is None or job.closing.period.end > ended_after]
        jobs = [job for job in late if found.is_closed(job)]
        judge, changed = Judge(session), 0
        for first in range(0, len(jobs), BATCH):
            with reading(session):
                again = list(_digests(session, judge, jobs[first : first + BATCH]))
            judge.take_workings()
            other = [(job, digest) for job, digest in again if digest != found.closed[key_of(job)].digest]
            changed += len(other)
            notes = list(_new_findings(again, found.closed, known, now))
            if notes:
                with transaction(session):
                    session.add_all(notes)
        return changed


def _digests(session: Session, judge: Judge, jobs: Sequence[Job]) -> Iterator[tuple[Job, str]]:
    """The digests of closed periods judged again, but for those that cannot be: the log names them."""
    for job in jobs:
        try:
            yield job, written(judged_again(session, judge, job)).digest
        except NotJudged as refusal:
            contract, period = job.stored.contract.id, job.closing.key
            log.warning("period not judged again", contract=contract, period=period, why=refusal.sentence)


def _new_findings(
    again: Sequence[tuple[Job, str]],
    closed: Mapping[PeriodKey, store.Latest],
    known: Mapping[UUID, FoundChange],
    now: datetime,
) -> Iterator[FoundChangeRow]:
    for job, digest in again:
        latest = closed[key_of(job)]
        last = known.get(latest.id)
        if digest != (latest.digest if last is None else last.digest):
            yield FoundChangeRow(
                customer_id=job.stored.customer_id,
                id=new_id(),
                statement_id=latest.id,
                number=1 if last is None else last.number + 1,
                digest=digest,
                found_at=now,
            )


def differences(before: Document, after: Document) -> Iterator[Difference]:
    """What two bodies of one period say differently, in words people know: figures, evidence, exclusions, credit."""
    old, new = _figures(before), _figures(after)
    for what in dict.fromkeys([*old, *new]):
        if old.get(what) != new.get(what):
            yield Difference(what, old.get(what, "not there"), new.get(what, "not there"))


def _figures(body: Document) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for line in body["commitments"]:
        name = f"{line['commitment']} of {line['service']}"
        found[f"{name}: verdict"] = line["status"]
        for part in line["parts"]:
            shown = part["attained"]
            found[f"{name}: attained"] = "nothing" if shown is None else f"{shown['display']} %"
        found[f"{name}: credit"] = line["credit_exact"] or "none"
    for one in body["evidence"]["services"]:
        found[f"samples of {one['service']}"] = one["samples"]
        found[f"records of {one['service']}"] = one["told"]
    for one in body["exclusions"]:
        found[f"exclusion {one['id']}"] = f"{one['type']}, {one['status']}"
    found["credit"] = f"{body['credit']['amount_text']} {body['credit']['currency']}"
    return found


def _rejudged(session: Session, statement_id: UUID, now: datetime) -> _Rejudged:
    row = store.statement_by_id(session, statement_id)
    if row is None:
        raise NotFound(NO_SUCH)
    first = store.revisions_of(session, PeriodKey(row.contract_id, row.period))
    if first[-1].row.revision != row.revision:
        raise Conflict("This statement has been revised already. Look at its latest revision.")
    found = month(session, date.fromisoformat(row.period).replace(day=1))
    job = next((one for one in found.jobs if key_of(one) == PeriodKey(row.contract_id, row.period)), None)
    if job is None:
        raise NotJudged("The contract does not have this period any more. It cannot be judged again.")
    judge = Judge(session)
    judgement = judged_again(session, judge, job)
    if judgement.line.currency != row.currency:
        raise NotJudged(f"This statement is in {row.currency}, and its contract is not any more. It stays as it is.")
    one = written(judgement)
    terms = settling_terms(judgement.versions)
    is_same = one.digest == row.digest
    still_open = is_same or window_open(terms.restatement, clock.seconds(first[0].row.closed_at), clock.seconds(now))
    booked = _booked(session, row)
    fixed = correction(terms.restatement, booked, one.amount_minor, still_open)
    standing = sum(credit.amount_minor for credit in booked if credit.state in COUNTED)
    is_voided = any(credit.state is ledger.State.VOIDED for credit in booked)
    return _Rejudged(row, job, judgement, one, judge.take_workings(), fixed, standing, is_voided)


def judged_again(session: Session, judge: Judge, job: Job) -> Judgement:
    """A closed period judged again; raises NotJudged with a sentence where its evidence is not whole any more."""
    try:
        refuse_lost(session, job)
        return judge.judgement(job)
    except EvidenceDeleted as refusal:
        raise NotJudged(refusal.sentence) from None
    except ValueError as problem:
        raise NotJudged(f"It cannot be judged again: {problem}.") from None


def _booked(session: Session, row: StatementRow) -> Sequence[Booked[UUID]]:
    views = ledger.credits_of(session, contract_id=row.contract_id)
    return [Booked(one.id, one.state, one.amount_minor) for one in views if one.period == row.period]
