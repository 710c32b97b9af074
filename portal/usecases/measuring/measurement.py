"""From due slot to stored run: leading, claiming slots before they are sent, storing what came of them.

One worker leads. It claims every slot up to now, or a second ahead, in one fenced write before it sends any (decisions
D5, D6): slots follow from the schedules, so a frontier says it all. A claimed slot is never sent again; without a
result it stays without a sample, which reads as unknown(probe_gap). All times are UTC: `now_ms` in milliseconds, slots
in seconds.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.domain.evidence.chunk import BadChunk
from portal.domain.evidence.measurements import Sample
from portal.domain.evidence.records import Run
from portal.domain.evidence.runs import DAY_SECONDS, grow, replace_day
from portal.domain.quantities.slots import Schedule
from portal.store.evidence import evidence, evidence_days, runs, summaries
from portal.store.evidence.evidence import EVERY_LOCATION, Gap
from portal.store.evidence.runs import Pair
from portal.store.ground import leases, public_changes
from portal.store.ground.leases import Fenced, Lease
from portal.store.measuring import schedules
from portal.store.measuring.schedules import Edition
from portal.usecases.measuring.public_rules import PUBLIC_RULES

__all__ = [
    "Claim",
    "Edition",
    "Fenced",
    "Gap",
    "Leadership",
    "Timetable",
    "claim",
    "lead",
    "record",
    "resign",
    "timetable",
]

LEASE = "measurement"
SETTLING_S = 600
"""A sample stored this long after its slot may belong to a day that is summed up already."""
PAUSE_S = 5
"""A frontier left this far behind means that nobody measured for a while: a gap is written down."""
SETTLED = max(PUBLIC_RULES.confirm_failures, PUBLIC_RULES.confirm_successes)
"""A run of so many samples has said on public pages what it has to say."""
STEP_S = 2
"""A frontier this far ahead of now means that the clock was set back (trust.md E8)."""


@dataclass(frozen=True, slots=True)
class Leadership:
    """The right to claim and to record until fenced; `last_runs` follows what this leadership has stored."""

    lease: Lease
    lease_ms: int
    last_runs: dict[Pair, Run]


@dataclass(frozen=True, slots=True)
class Claim:
    """The slots s with after < s <= until are ours to send; `edition` names the schedules that say which they are.

    `rewound` says that the frontier was set back with the clock.
    """

    after: int
    until: int
    edition: Edition
    rewound: bool


@dataclass(frozen=True, slots=True)
class Timetable:
    """All schedules that govern slots from now on, by probe, and each location's allow list of networks."""

    edition: Edition
    schedules: Mapping[int, tuple[Schedule, ...]]
    allow: Mapping[int, tuple[str, ...]]


def lead(session: Session, holder: str, now_ms: int, lease_ms: int) -> Leadership | None:
    """Begin to lead if nobody else does; None while somebody does. `holder` is unique to the process."""
    with reading(session):
        free = leases.is_free(leases.ends_at_ms(session, LEASE), now_ms)
    if not free:
        return None
    with transaction(session):
        lease = leases.take(session, LEASE, holder, now_ms, now_ms + lease_ms)
        if lease is None:
            return None
        return Leadership(lease, lease_ms, runs.last_runs(session))


def timetable(session: Session, since: int) -> Timetable:
    """Return the schedules that govern slots from the second `since` on."""
    with reading(session):
        edition = schedules.edition(session)
        return Timetable(edition, schedules.schedules_in_force(session, since), dict(edition.locations))


def claim(
    session: Session,
    leadership: Leadership,
    now_ms: int,
    samples: Iterable[Sample] = (),
    *,
    stepped: bool = False,
    ahead_s: int = 0,
) -> Claim:
    """Claim all slots up to now, renew the lease and store samples, in one write; raise Fenced when another leads.

    `ahead_s` seconds more are claimed: what is claimed before it is due can start when it is due.
    A frontier left behind is written down as one gap: clock_step when the caller saw the clock step, else probe_gap.
    When the clock was set back the frontier follows it, so that measuring goes on; the time lived twice is written
    down as well, and a slot that has its sample keeps it.
    """
    target = now_ms // 1000 + ahead_s
    with transaction(session):
        after = leases.claimed_until(session, leadership.lease)
        until = max(target, after) if after - target <= STEP_S else target
        if gap := _gap(after, until, stepped):
            _save_gap(session, gap)
        leases.move(session, leadership.lease, until, now_ms + leadership.lease_ms)
        edition = schedules.edition(session)
        last = _store(session, leadership, samples)
    leadership.last_runs.update(last)
    return Claim(min(after, until), until, edition, rewound=until < after)


def _gap(after: int, until: int, stepped: bool) -> Gap | None:
    if until < after:
        return Gap(EVERY_LOCATION, until + 1, after + 1, "clock_step")
    if until - after > PAUSE_S or (stepped and until > after):
        return Gap(EVERY_LOCATION, after + 1, until, "clock_step" if stepped else "probe_gap")
    return None


def record(session: Session, leadership: Leadership, samples: Iterable[Sample], gaps: Iterable[Gap] = ()) -> None:
    """Store samples, the runs they make and gaps in one write; raise Fenced, and store nothing, when another leads.

    Samples in the order of their slots cost the same however much is stored; a late one derives its day anew.
    """
    with transaction(session):
        leases.fence(session, leadership.lease)
        for gap in gaps:
            _save_gap(session, gap)
        last = _store(session, leadership, samples)
    leadership.last_runs.update(last)


def _store(session: Session, leadership: Leadership, samples: Iterable[Sample]) -> dict[Pair, Run]:
    """Store samples and runs, and return the last runs as they are once the transaction is through."""
    by_pair = _by_pair(samples)
    _forget_days(session, by_pair)
    grown, late = _grow(leadership.last_runs, by_pair)
    last = dict(grown)
    taken = {pair: evidence_days.slots_taken(session, pair, set(map(_slot, those))) for pair, those in late.items()}
    evidence.insert_samples(session, _untaken(by_pair, taken))
    runs.save_runs(session, grown)
    if any(_may_change_state(leadership.last_runs.get(pair), run) for pair, run in grown):
        public_changes.tell(session)
    for pair, those in late.items():
        days = sorted({sample.slot // DAY_SECONDS for sample in those if sample.slot not in taken[pair]})
        for day in days:
            with suppress(BadChunk):  # an altered day keeps its runs, and its late samples wait as rows
                last[pair] = derive_days(session, pair, [day], those[0].interval_s)
    return last


def _may_change_state(before: Run | None, run: Run) -> bool:
    """Whether pages may show another state because of this run: it is new, or was too short to be believed."""
    return before is None or before.first != run.first or before.count < SETTLED


def _untaken(by_pair: Mapping[Pair, list[Sample]], taken: Mapping[Pair, set[int]]) -> Iterable[Sample]:
    """Leave out samples whose slot has one, sealed ones too; a repeated sample adds nothing (trust.md E1)."""
    return (
        sample
        for pair, samples in by_pair.items()
        for sample in samples
        if pair not in taken or sample.slot not in taken[pair]
    )


def _save_gap(session: Session, gap: Gap) -> None:
    evidence.save_gap(session, gap)
    summaries.forget_days_of_probes(session, None, gap.first, gap.until)


def _forget_days(session: Session, by_pair: Mapping[Pair, Sequence[Sample]]) -> None:
    """Let the days that are over be summed up anew where samples come that long after their slots.

    A sample may bear on the day before and the day after its own: it confirms failures and is held (R22, R23).
    """
    slots = [sample.slot for those in by_pair.values() for sample in those]
    frontier = leases.frontier(session, LEASE) if slots else None
    if frontier is not None and min(slots) < frontier - SETTLING_S:
        probes = {probe for probe, _ in by_pair}
        summaries.forget_days_of_probes(session, probes, min(slots) - DAY_SECONDS, max(slots) + DAY_SECONDS)


def resign(session: Session, leadership: Leadership) -> None:
    """Stop leading, so that the next worker may begin at once; raise Fenced."""
    with transaction(session):
        leases.release(session, leadership.lease)


def _by_pair(samples: Iterable[Sample]) -> dict[Pair, list[Sample]]:
    found: dict[Pair, list[Sample]] = defaultdict(list)
    for sample in samples:
        found[sample.probe, sample.location].append(sample)
    return found


def _grow(
    last_runs: Mapping[Pair, Run], by_pair: Mapping[Pair, list[Sample]]
) -> tuple[list[tuple[Pair, Run]], dict[Pair, list[Sample]]]:
    """Return the runs begun or extended, in order, and the samples that come late."""
    grown: list[tuple[Pair, Run]] = []
    late: dict[Pair, list[Sample]] = {}
    for pair, samples in by_pair.items():
        last = last_runs.get(pair)
        ordered = sorted(samples, key=_slot) if len(samples) > 1 else samples
        begun, too_late = grow(last, ordered)
        grown.extend((pair, run) for run in begun)
        if too_late:
            late[pair] = too_late
    return grown, late


def _slot(sample: Sample) -> int:
    return sample.slot


def derive_days(session: Session, pair: Pair, days: Sequence[int], unscheduled_s: int) -> Run:
    """Derive the runs of UTC days, as numbers, from their samples anew, and return the last run of all.

    Only these days are read; the runs of their neighbours change where they touch (decision D12). `unscheduled_s` is
    the interval of samples that no schedule governs.
    """
    public_changes.tell(session)
    versions = schedules.schedules_of_probes(session, [pair[0]]).get(pair[0], ())
    for day in days:
        start, end = day * DAY_SECONDS, (day + 1) * DAY_SECONDS
        known = runs.runs_between(session, pair, start, end)
        following = runs.run_from(session, pair, end)
        stored = known if following is None else (*known, following)
        samples = evidence_days.samples_between(session, pair, (start, end), versions, unscheduled_s)
        derived = replace_day(stored, start, end, samples)
        runs.delete_runs(session, pair, [run for run in stored if run not in derived])
        runs.save_runs(session, ((pair, run) for run in derived if run not in stored))
    last = runs.last_run(session, pair)
    if last is None:
        raise LookupError(f"Probe {pair[0]} at location {pair[1]} has samples and no run.")
    return last
