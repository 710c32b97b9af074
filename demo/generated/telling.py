"""Telling what a configured provider went through: day by day, through the door of every measured sample.

Where it was is known from the runs that are stored: called again after an interruption it goes on, and sends the last
two days once more, which changes nothing where they are complete.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy.orm import Session

from demo.generated.episodes import DAY_S, EVERYWHERE, LATE, Chance, Episode, clock_steps, episodes_of
from demo.generated.samples import late_slots, samples_of_day
from portal.domain.evidence.measurements import Sample
from portal.domain.notices.refusals import Conflict
from portal.domain.quantities.slots import Schedule, slots_between
from portal.usecases.configuration.names import probe_numbers
from portal.usecases.measuring import measurement
from portal.usecases.measuring.measurement import Gap, Leadership

BATCH = 50_000
HOLDER = "generator"


@dataclass(frozen=True, slots=True)
class _Told:
    """One probe at one location: its schedules, and all it goes through."""

    number: int
    location: int
    schedules: tuple[Schedule, ...]
    episodes: tuple[Episode, ...]


def generate(
    session: Session,
    chance: Chance,
    start: int,
    end: int,
    told: Sequence[Episode] = (),
    progress: Callable[[int], object] = lambda _stored: None,
) -> int:
    """Record what the configured probes go through in [start, end), UTC seconds; return how many samples were sent.

    `told` are episodes beside those of chance, by a probe's name in the configuration. Only probes whose schedules
    govern that time are told of: configure the provider as of a moment before `start`. `progress` is called with the
    samples of each write. Raises Conflict when a worker measures already.
    """
    leadership = measurement.lead(session, HOLDER, end * 1000, 0)
    if leadership is None:
        raise Conflict("A worker is measuring already; the past is told before the first start.")
    steps = clock_steps(chance, start, end)
    pairs = _pairs(session, chance, (start, end), (*told, *steps))
    gaps = [Gap(EVERYWHERE, one.start, one.end, "clock_step") for one in steps]
    measurement.record(session, leadership, (), gaps)
    waiting, sent = _all_samples(chance.seed, pairs, _resumed(leadership, pairs, start), (start, end)), 0
    while batch := list(islice(waiting, BATCH)):
        measurement.record(session, leadership, batch)
        sent += len(batch)
        progress(len(batch))
    measurement.resign(session, leadership)
    return sent


def _pairs(session: Session, chance: Chance, window: tuple[int, int], told: Sequence[Episode]) -> list[_Told]:
    schedules = measurement.timetable(session, window[0]).schedules
    return [
        _Told(number, location, schedules[number], _episodes(chance, name, schedules[number], window, told))
        for name, number in sorted(probe_numbers(session).items())
        if number in schedules
        for location in sorted({place for schedule in schedules[number] for place in schedule.locations})
        if slots_between(schedules[number], location, *window)
    ]


def _episodes(
    chance: Chance, name: str, schedules: Sequence[Schedule], window: tuple[int, int], told: Sequence[Episode]
) -> tuple[Episode, ...]:
    places = {place for schedule in schedules for place in schedule.locations}
    drawn = episodes_of(chance, name, places, *window)
    return (*drawn, *(one for one in told if one.probe in ("", name)))


def _resumed(leadership: Leadership, pairs: Sequence[_Told], start: int) -> int:
    """Return the day to go on from: late samples of the day before the last one may be missing as well."""
    last: Mapping[tuple[int, int], int] = {pair: run.last for pair, run in leadership.last_runs.items()}
    reached = min((last.get((pair.number, pair.location), start) for pair in pairs), default=start)
    return max(start // DAY_S, reached // DAY_S - 1)


def _all_samples(seed: int, pairs: Sequence[_Told], first_day: int, window: tuple[int, int]) -> Iterator[Sample]:
    """Yield the samples of every day, with those of the day before that come late; after the last one its late ones."""
    for day in range(first_day, -(-window[1] // DAY_S) + 1):
        for pair in pairs:
            yield from _of_day(seed, pair, day, window, is_late=False)
            yield from _of_day(seed, pair, day - 1, window, is_late=True)


def _of_day(seed: int, pair: _Told, day: int, window: tuple[int, int], *, is_late: bool) -> Iterator[Sample]:
    start, end = max(window[0], day * DAY_S), min(window[1], (day + 1) * DAY_S)
    late = late_slots(pair.location, pair.episodes, start, end)
    if is_late and not late:
        return
    slots = slots_between(pair.schedules, pair.location, start, end)
    own = [one for one in pair.episodes if one.kind != LATE and one.start < end and one.end > start]
    for sample in samples_of_day(seed, pair.number, pair.location, slots, own):
        if any(sample.slot in seconds for seconds in late) is is_late:
            yield sample
