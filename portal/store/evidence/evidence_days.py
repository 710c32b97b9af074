"""Samples wherever they lie: rows of open days and chunks of sealed ones, read as one, and what they are known by.

The evidence digest of decision D10 is the same before and after sealing, because the digest of a day is that of all its
samples' canonical bytes, in whatever pieces they are stored.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, bindparam, delete, func, select, true
from sqlalchemy.orm import Session

from portal.domain.evidence.chunk import DAY_S, FIELDS, BadChunk, DayKey, Record, digest, encode, merge
from portal.domain.evidence.measurements import Sample
from portal.domain.quantities.slots import Schedule, interval_at
from portal.store.evidence.chunks import ChunkRow, Seal, chunks_between, chunks_of_day, opened, seals_between
from portal.store.evidence.deletions import DayDeletion, deletions_between
from portal.store.evidence.evidence import SampleRow
from portal.store.evidence.runs import PROVENANCES, STATES, Pair, RunRow
from portal.store.measuring.schedules import schedules_of_probes
from portal.store.measuring.services import LocationRow, ProbeRow, ServiceRow

_RECORD = tuple(getattr(SampleRow, field) for field in FIELDS)
_HOT = (
    select(*_RECORD)
    .where(SampleRow.probe == bindparam("of_probe"), SampleRow.location == bindparam("at_location"))
    .where(SampleRow.slot >= bindparam("start"), SampleRow.slot < bindparam("end"))
    .order_by(SampleRow.slot)
)
"""Built once: a close asks it for each day that is not sealed."""


def records_of_day(session: Session, key: DayKey) -> list[Record]:
    """Return all samples of a day in order, sealed or not; of two at one slot the one that came first."""
    sealed = [opened(chunk) for chunk in chunks_of_day(session, key)]
    return merge(*sealed, hot_records(session, (key.probe, key.location), key.start, key.end))


def records_between(session: Session, pair: Pair, start: int, end: int) -> Iterator[list[Record]]:
    """Yield the samples of a probe at a location with slots in [start, end), a list for each UTC day that has any."""
    sealed: dict[int, list[list[Record]]] = defaultdict(list)
    for chunk in chunks_between(session, pair, start // DAY_S, -(-end // DAY_S)):
        sealed[chunk.seal.key.day].append(opened(chunk))
    hot: dict[int, list[Record]] = defaultdict(list)
    for record in hot_records(session, pair, start, end):
        hot[record[0] // DAY_S].append(record)
    for day in sorted({*sealed, *hot}):
        found = merge(*sealed.pop(day, ()), hot.pop(day, ()))
        within = [record for record in found if start <= record[0] < end]
        if within:
            yield within


def hot_records(session: Session, pair: Pair, start: int, end: int) -> list[Record]:
    """Return the samples of a probe at a location with slots in [start, end) that are not sealed, in order."""
    window = {"of_probe": pair[0], "at_location": pair[1], "start": start, "end": end}
    return [tuple(row) for row in session.execute(_HOT, window)]


def hot_days(session: Session, probes: Collection[int], start: int, end: int) -> Set[DayKey]:
    """Return the days of these probes with samples in [start, end) that are not sealed; costs by their number."""
    day = (SampleRow.slot // DAY_S).label("day")
    question = select(SampleRow.probe, SampleRow.location, day).where(
        SampleRow.probe.in_(probes), SampleRow.slot >= start, SampleRow.slot < end
    )
    return {DayKey(*row) for row in session.execute(question.distinct())}


def unsealed_days(session: Session, until: int, most: int | None = None) -> Sequence[DayKey]:
    """Return up to `most` days that begin before the second `until` and have samples not sealed, one of each pair.

    It is the first such day of each probe and location: that is one look into the key for each, however much is stored.
    """
    first = (
        select(func.min(SampleRow.slot))
        .where(SampleRow.probe == ProbeRow.number, SampleRow.location == LocationRow.number)
        .correlate(ProbeRow, LocationRow)
        .scalar_subquery()
        .label("first")
    )
    pairs = select(ProbeRow.number.label("probe"), LocationRow.number.label("location"), first)
    found = pairs.select_from(ProbeRow).join(LocationRow, true()).subquery()
    question = select(found).where(found.c.first < until).order_by(found.c.probe, found.c.location).limit(most)
    return [DayKey(probe, location, slot // DAY_S) for probe, location, slot in session.execute(question)]


def unsealed_day_after(session: Session, key: DayKey, until: int) -> DayKey | None:
    """Return the next day of this pair that begins before the second `until` and has samples not sealed."""
    mine = (SampleRow.probe == key.probe, SampleRow.location == key.location)
    slot = session.scalar(select(func.min(SampleRow.slot)).where(*mine, SampleRow.slot >= key.end))
    return DayKey(key.probe, key.location, slot // DAY_S) if slot is not None and slot < until else None


def delete_hot(session: Session, key: DayKey) -> int:
    """Delete a day's samples that are not sealed, and return how many there were."""
    mine = (SampleRow.probe == key.probe, SampleRow.location == key.location)
    gone = delete(SampleRow).where(*mine, SampleRow.slot >= key.start, SampleRow.slot < key.end)
    result = cast("CursorResult[Any]", session.execute(gone, execution_options={"synchronize_session": False}))
    return result.rowcount


def samples_between(
    session: Session, pair: Pair, window: tuple[int, int], schedules: Sequence[Schedule], unscheduled_s: int
) -> tuple[Sample, ...]:
    """Return the samples of a probe at a location with slots in the half-open window, in order.

    Their interval is that of the probe's `schedules`, or `unscheduled_s` where none governs (imported evidence).
    """
    return tuple(
        sample_of(pair, record, interval_at(schedules, record[0]) or unscheduled_s)
        for records in records_between(session, pair, *window)
        for record in records
    )


def samples_of_service(session: Session, service_id: UUID, start: int, end: int) -> Iterator[Sample]:
    """Yield every sample of a service's probes with slots in [start, end), by slot, then probe and location.

    One UTC day is held at a time. Raises BadChunk when a sealed day is not what was sealed.
    """
    probes = _probes(session, [service_id])
    schedules = schedules_of_probes(session, probes)
    pairs = [(probe, location) for probe in probes for location in _locations(session, schedules.get(probe, ()))]
    for day in range(start // DAY_S, -(-end // DAY_S)):
        first, until = max(start, day * DAY_S), min(end, (day + 1) * DAY_S)
        found = [
            sample
            for pair in pairs
            for sample in samples_between(session, pair, (first, until), schedules.get(pair[0], ()), 0)
        ]
        yield from sorted(found, key=lambda sample: (sample.slot, sample.probe, sample.location))


def sample_of(pair: Pair, record: Record, interval_s: int) -> Sample:
    """Return the sample that a record stands for."""
    slot, state, *rest, provenance = record
    values: tuple[Any, ...] = (*pair, slot, interval_s, STATES[state], *rest, PROVENANCES[provenance])
    return Sample(*values)


def slots_taken(session: Session, pair: Pair, slots: Collection[int]) -> set[int]:
    """Return those of the slots that have a sample, or had one that was deleted because its time was over.

    An altered chunk tells nothing: samples of its day are taken in, and wait to be sealed until it is mended.
    """
    days = sorted({slot // DAY_S for slot in slots})
    if not days:
        return set()
    gone = deletions_between(session, [pair[0]], days[0], days[-1] + 1)
    taken = {slot for slot in slots if DayKey(*pair, slot // DAY_S) in gone}
    for day in days:
        for chunk in chunks_of_day(session, DayKey(*pair, day)):
            with suppress(BadChunk):
                taken.update(record[0] for record in opened(chunk))
    question = select(SampleRow.slot).where(SampleRow.probe == pair[0], SampleRow.location == pair[1])
    taken.update(session.scalars(question.where(SampleRow.slot.in_(list(slots)))))
    return taken.intersection(slots)


def evidence_digest(session: Session, service_ids: Collection[UUID], start: int, end: int) -> str:
    """Return the digest of all samples of these services on the UTC days that [start, end) reaches into, as hex.

    It is the SHA-256 of one line `probe location 2026-11-22 digest` for each day of a probe at a location that has
    samples, sorted by these numbers and the day, each ended by a newline (decision D10).
    """
    lines = (
        f"{key.probe} {key.location} {key.date} {found.hex()}\n"
        for key, found in sorted(day_digests(session, _probes(session, service_ids), start, end).items())
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def day_digests(session: Session, probes: Collection[int], start: int, end: int) -> Mapping[DayKey, bytes]:
    """Return the digest of each probe's and location's day that has samples and that [start, end) reaches into.

    A day sealed in one piece is not opened; one that was deleted keeps the digest its record holds.
    """
    days = (start // DAY_S, -(-end // DAY_S))
    sealed: dict[DayKey, list[Seal]] = defaultdict(list)
    for seal in seals_between(session, probes, *days):
        sealed[seal.key].append(seal)
    hot = hot_days(session, probes, days[0] * DAY_S, days[1] * DAY_S)
    found = {key: _day_digest(session, key, sealed.get(key, ()), key in hot) for key in {*sealed, *hot}}
    return {**_digests(deletions_between(session, probes, *days)), **found}


def _day_digest(session: Session, key: DayKey, seals: Sequence[Seal], is_hot: bool) -> bytes:
    if len(seals) == 1 and not is_hot:
        return seals[0].digest
    if not seals:
        return digest(encode(key, hot_records(session, (key.probe, key.location), key.start, key.end)))
    return digest(encode(key, records_of_day(session, key)))


def _digests(deletions: Mapping[DayKey, DayDeletion]) -> dict[DayKey, bytes]:
    return {key: deletion.digest for key, deletion in deletions.items()}


def _probes(session: Session, service_ids: Collection[UUID]) -> Sequence[int]:
    of_services = select(ProbeRow.number).where(ProbeRow.service_id.in_(service_ids))
    return session.scalars(of_services.order_by(ProbeRow.number)).all()


def _locations(session: Session, schedules: Iterable[Schedule]) -> Sequence[int]:
    """Return the locations a probe ever ran from; without a schedule its evidence may come from any."""
    places = session.scalars(select(LocationRow.number).order_by(LocationRow.number)).all()
    scheduled = {location for schedule in schedules for location in schedule.locations}
    return [place for place in places if place in scheduled] if scheduled else places


def pairs_with_evidence(session: Session) -> Sequence[Pair]:
    """Return every probe and location that has runs, chunks or samples, sorted; costs by what is stored."""
    found: set[Pair] = set()
    for row in (RunRow, ChunkRow, SampleRow):
        found.update(
            (probe, location) for probe, location in session.execute(select(row.probe, row.location).distinct())
        )
    return sorted(found)


def days_with_evidence(session: Session, pair: Pair) -> range:
    """Return the UTC days from the first to the last of which a probe at a location has runs, chunks or samples."""
    seconds = ((RunRow, RunRow.first, RunRow.last), (SampleRow, SampleRow.slot, SampleRow.slot))
    ends = [_ends(session, pair, *of_row) for of_row in seconds]
    days = [at // DAY_S for found in ends for at in found if at is not None]
    days += [day for day in _ends(session, pair, ChunkRow, ChunkRow.day, ChunkRow.day) if day is not None]
    return range(min(days), max(days) + 1) if days else range(0)


def _ends(session: Session, pair: Pair, row: Any, first: Any, last: Any) -> Sequence[int | None]:
    question = select(func.min(first), func.max(last)).where(row.probe == pair[0], row.location == pair[1])
    return tuple(session.execute(question).one())


def probes_of_service(session: Session, key: str) -> Sequence[int]:
    """Return the numbers of the probes of the service of this key."""
    return session.scalars(
        select(ProbeRow.number).join(ServiceRow, ServiceRow.id == ProbeRow.service_id).where(ServiceRow.key == key)
    ).all()


def services_of_probes(session: Session) -> Mapping[int, UUID]:
    """Return the service of each probe by the probe's number."""
    return dict(session.execute(select(ProbeRow.number, ProbeRow.service_id)).all())
