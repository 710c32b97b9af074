"""Proving statements: each is as its digest says, its workings are there, and judged again it says the same."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.database import reading
from portal.store.settling import statements as store
from portal.store.settling import workings as workings_store
from portal.store.settling.statements import NamedStatement, PeriodKey
from portal.usecases.closing import papers
from portal.usecases.closing.revisions import NotJudged, judged_again
from portal.usecases.closing.statement_writing import digest_of, written
from portal.usecases.groundwork import scopes
from portal.usecases.judging.closable import key_of, month, read_month
from portal.usecases.judging.judgements import Job, Judge

Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Proof:
    """How much was looked at; `faults` are what is not as it was stored, `changed` what would be other now."""

    statements: int
    workings: int
    faults: Sequence[str]
    changed: Sequence[str]


def verify(session: Session, told: Told | None = None) -> Proof:
    """Prove every statement of the scope of the provider, in reading transactions of its own."""
    with scopes.provider():
        with reading(session):
            found = list(store.statements(session))
            faults = [sentence for one in found for sentence in _faults(one)]
            kept = workings_store.digests(session)
            named = {digest for one in found for digest in _workings_of(one)}
            faults += [f"The working {digest} is not stored." for digest in sorted(named - set(kept))]
            faults += [
                f"The working {digest} is not what it was stored as."
                for digest in kept
                if digest_of(workings_store.working(session, digest) or b"") != digest
            ]
            faults += papers.faults(session)
            latest = {_key(one): (one.row.digest, _name(one)) for one in reversed(found)}
        changed = list(_changed(session, latest, told))
    return Proof(len(found), len(kept), faults, changed)


def _changed(session: Session, latest: dict[PeriodKey, tuple[str, str]], told: Told | None) -> Iterator[str]:
    """The latest statements that would be other now, month by month so that what they share is measured once."""
    months = sorted({key.period[:7] for key in latest})
    done = 0
    for first in months:
        with reading(session):
            jobs = {key_of(job): job for job in month(session, read_month(first)).jobs}
            yield from _changed_in(session, jobs, {key: one for key, one in latest.items() if key.period[:7] == first})
        done += sum(key.period[:7] == first for key in latest)
        if told is not None:
            told(done, len(latest))


def _changed_in(
    session: Session, jobs: Mapping[PeriodKey, Job], latest: Mapping[PeriodKey, tuple[str, str]]
) -> Iterator[str]:
    """Those of one month; one that cannot be judged again is said so and not passed over."""
    judge = Judge(session)
    for key in [*jobs, *(latest.keys() - jobs.keys())]:
        if key not in latest:
            continue
        digest, name = latest[key]
        if key not in jobs:
            yield f"{name} cannot be judged again: its contract does not have this period any more."
            continue
        try:
            if written(judged_again(session, judge, jobs[key])).digest != digest:
                yield f"{name} would be other now. See: sla-portal statements check {key.period[:7]}"
        except NotJudged as refusal:
            yield f"{name} cannot be compared. {refusal.sentence}"
        judge.take_workings()


def _faults(one: NamedStatement) -> Iterator[str]:
    if digest_of(one.row.body.encode()) != one.row.digest:
        yield f"{_name(one)} is not what was stored: its body does not have its digest."


def _workings_of(one: NamedStatement) -> Iterator[str]:
    for line in json.loads(one.row.body)["commitments"]:
        yield from (part["working"] for part in line["parts"])


def _key(one: NamedStatement) -> PeriodKey:
    return PeriodKey(one.row.contract_id, one.row.period)


def _name(one: NamedStatement) -> str:
    return f"The statement of {one.contract} for {one.row.period}, revision {one.row.revision},"
