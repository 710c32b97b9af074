"""Whether the evidence fits together: every chunk as it was sealed, every slot once, every run what the samples say.

A slot without a sample is no fault, it is unknown (decision D6): within a gap that was written down, or without a
word. A sample that was there and is gone is found all the same, because its run still counts it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from portal.database import reading
from portal.domain.evidence.chunk import BadChunk, DayKey, Record
from portal.domain.evidence.records import Run
from portal.domain.evidence.runs import first_difference
from portal.domain.evidence.seal_chain import ChainedSeal, broken
from portal.domain.quantities.slots import Schedule, interval_at, slots_between
from portal.store.evidence import chunks, day_seals, deletions, evidence, evidence_days, runs, summaries
from portal.store.evidence.evidence import EVERY_LOCATION, Gap
from portal.store.evidence.runs import Pair
from portal.store.measuring import measured, schedules

FAR_FUTURE = 2**40
SECONDS = ("up_s", "degraded_s", "down_s", "unknown_s", "excluded_s")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not fit: on which day of a probe at a location, at which slot if that is known, and what."""

    key: DayKey
    slot: int | None
    what: str

    @property
    def sentence(self) -> str:
        """The fault in one sentence that names where it is."""
        if self.slot is None:
            return self.what
        at = datetime.fromtimestamp(self.slot, UTC).isoformat().replace("+00:00", "Z")
        return f"{self.key.name}, slot {at}: {self.what}"


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at of one probe at one location, and what does not fit there.

    `missing` slots were due and have no sample, `explained` of them lie in a gap that was written down.
    """

    pair: Pair
    days: int
    samples: int
    missing: int
    explained: int
    faults: Sequence[Fault]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the samples of a probe at a location are compared with."""

    versions: Sequence[Schedule]
    gaps: Sequence[Gap]
    until: int


def pairs(session: Session) -> Sequence[Pair]:
    """Return every probe and location with evidence."""
    with reading(session):
        return sorted({*evidence_days.pairs_with_evidence(session), *day_seals.sealed_pairs(session)})


def check(session: Session, pair: Pair) -> Checked:
    """Look at all evidence of a probe at a location; costs by its samples."""
    with reading(session):
        days = evidence_days.days_with_evidence(session, pair)
        last = runs.last_run(session, pair)
        known = _Known(
            schedules.schedules_of_probes(session, [pair[0]]).get(pair[0], ()),
            _gaps(session, pair, days),
            last.last + 1 if last else 0,
        )
        deleted = deletions.deletions_between(session, [pair[0]], days.start, days.stop)
        found = [_check_day(session, key, known) for day in days if (key := DayKey(*pair, day)) not in deleted]
        faults = [fault for one in found for fault in one.faults]
        faults += _left_over(session, pair, deleted)
        named = {fault.key for fault in faults}
        faults += [fault for fault in _faults_of_seals(session, pair) if fault.key not in named]
    return Checked(
        pair,
        len(found),
        sum(one.samples for one in found),
        sum(one.missing for one in found),
        sum(one.explained for one in found),
        faults,
    )


def unbalanced_days(session: Session) -> Sequence[str]:
    """Return a sentence for each local day of a service whose seconds, as summed up, are not the day's length."""
    with reading(session):
        services = {one.id: one for one in measured.services(session)}
        days = summaries.days_between(session, services, 0, FAR_FUTURE)
    return [
        f"Service {services[one].key}: the day from second {row['start']} to {row['end']} adds up to {found} seconds."
        for one, rows in days.items()
        for row in rows
        if (found := sum(row[name] for name in SECONDS)) != row["end"] - row["start"]
    ]


def _gaps(session: Session, pair: Pair, days: range) -> Sequence[Gap]:
    if not days:
        return ()
    found = evidence.gaps_between(session, DayKey(*pair, days[0]).start, DayKey(*pair, days[-1]).end)
    return [gap for gap in found if gap.location in (EVERY_LOCATION, pair[1])]


def _left_over(session: Session, pair: Pair, deleted: Iterable[DayKey]) -> Iterator[Fault]:
    for key in sorted(one for one in deleted if (one.probe, one.location) == pair):
        if chunks.chunks_of_day(session, key) or evidence_days.hot_records(session, pair, key.start, key.end):
            yield Fault(key, None, f"{key.name} was deleted by a record, and samples of it are there.")


def _faults_of_seals(session: Session, pair: Pair) -> Iterator[Fault]:
    """Compare the chunks, and the deletion records of chunks that are gone, with the chain of seals."""
    seals = day_seals.seals_of(session, pair)
    for one in broken(seals):
        yield Fault(one.key, None, f"Seal {one.number} of {_place(pair)} does not follow from those before it.")
    sealed = {(one.key.day, one.sequence): one.digest for one in seals}
    stored = {(one.key.day, one.sequence): one for one in chunks.seals_of_pair(session, pair)}
    for place, chunk in stored.items():
        if place not in sealed:
            yield Fault(chunk.key, None, f"{chunks.name_of(chunk)} is there, and no seal of it.")
        elif sealed[place] != chunk.digest:
            yield Fault(
                chunk.key, None, f"{chunks.name_of(chunk)} is not what was sealed: its seal has another digest."
            )
    yield from _faults_of_deleted(session, pair, {one for one in seals if (one.key.day, one.sequence) not in stored})


def _faults_of_deleted(session: Session, pair: Pair, gone: Set[ChainedSeal]) -> Iterator[Fault]:
    """Compare what was sealed and is not there with the records of what was deleted."""
    deleted = {one.key: one.chunks for one in deletions.deletions_of_pair(session, pair)}
    sealed: dict[DayKey, list[str]] = defaultdict(list)
    for seal in sorted(gone, key=lambda one: one.number):
        sealed[seal.key].append(seal.digest.hex())
    for key in sorted({*deleted, *sealed}):
        if key not in deleted:
            yield Fault(key, None, f"{key.name} was sealed, and not all of it is there.")
        elif list(deleted[key]) != sealed[key]:
            yield Fault(key, None, f"The record of the deletion of {key.name} names other chunks than were sealed.")


def _place(pair: Pair) -> str:
    return f"probe {pair[0]} at location {pair[1]}"


def _check_day(session: Session, key: DayKey, known: _Known) -> Checked:
    pair = (key.probe, key.location)
    stored = chunks.chunks_of_day(session, key)
    faults = list(_faults_of_sequence(key, stored))
    pieces = [evidence_days.hot_records(session, pair, key.start, key.end)]
    for chunk in stored:
        try:
            pieces.append(chunks.opened(chunk))
        except BadChunk as problem:
            faults.append(Fault(key, None, str(problem)))
    taken = sorted(record[0] for records in pieces for record in records)
    if not faults:
        faults.extend(_faults_of_slots(key, taken, known.versions))
        faults.extend(_faults_of_runs(session, key, pieces, known.versions))
    missing, explained = _missing(key, taken, known)
    return Checked(pair, 1, len(taken), missing, explained, faults)


def _faults_of_sequence(key: DayKey, stored: Sequence[chunks.Chunk]) -> Iterator[Fault]:
    for number, chunk in enumerate(stored):
        if chunk.seal.sequence != number:
            yield Fault(key, None, f"Chunk {number} of {key.name} is missing: chunk {chunk.seal.sequence} follows.")
            return


def _faults_of_slots(key: DayKey, taken: Sequence[int], versions: Sequence[Schedule]) -> Iterator[Fault]:
    before = None
    due = {slot for slots in slots_between(versions, key.location, key.start, key.end) for slot in slots}
    for slot in taken:
        if slot == before:
            yield Fault(key, slot, "there are two samples of this slot.")
        elif slot not in due and interval_at(versions, slot):
            yield Fault(key, slot, "there is a sample, and no schedule of the probe has this slot.")
        before = slot


def _faults_of_runs(
    session: Session, key: DayKey, pieces: Sequence[Sequence[Record]], versions: Sequence[Schedule]
) -> Iterator[Fault]:
    pair = (key.probe, key.location)
    stored = runs.runs_between(session, pair, key.start, key.end)
    unscheduled_s = next((run.interval_s for run in stored), 0)
    samples = [
        evidence_days.sample_of(pair, record, interval_at(versions, record[0]) or unscheduled_s)
        for records in pieces
        for record in records
    ]
    slot = first_difference(stored, key.start, key.end, samples)
    if slot is not None:
        yield Fault(key, slot, _difference(slot, stored, {sample.slot for sample in samples}))


def _difference(slot: int, stored: Sequence[Run], taken: set[int]) -> str:
    told = any(run.first <= slot <= run.last and (slot - run.first) % run.interval_s == 0 for run in stored)
    if told and slot not in taken:
        return "a run counts a sample here, and there is none."
    if slot in taken and not told:
        return "there is a sample, and no run counts it."
    return "the runs say something else than the samples."


def _missing(key: DayKey, taken: Sequence[int], known: _Known) -> tuple[int, int]:
    """Count the slots of the day that were due so far and have no sample, and those of them in a gap."""
    there = set(taken)
    end = min(key.end, known.until)
    due = (slot for slots in slots_between(known.versions, key.location, key.start, end) for slot in slots)
    missing = [slot for slot in due if slot not in there]
    explained = sum(any(gap.first <= slot < gap.until for gap in known.gaps) for slot in missing)
    return len(missing), explained
