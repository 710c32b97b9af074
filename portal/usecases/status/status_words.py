"""The sentence at the top of the status page, computed from the states of the services and the open incidents."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from portal.domain.evidence.records import State
from portal.domain.notices.phrases import Listed, Phrase, Sentences, counted, phrase

NAMED_MOST = 3
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400
NOWHERE: Mapping[str, Sequence[str]] = MappingProxyType({})

Said = tuple[str, State | None, int]
"""A service's name, its state (None before the first sample), and since which UTC second."""


def headline(
    services: Sequence[Said],
    open_incidents: int,
    as_of: int,
    *,
    touched: Sequence[str] = (),
    planned: Sequence[str] = (),
    failing: Mapping[str, Sequence[str]] = NOWHERE,
) -> str:
    """Return what a visitor needs to know first, in one to five short sentences.

    `touched` names the services open incidents speak of, `planned` those planned work is under way on, `failing` the
    locations from which a service that is up fails.
    """
    if not services:
        return phrase("There is nothing to measure yet.")
    if all(state is None for _, state, _ in services):
        told = _told(open_incidents, touched, len(services))
        return Sentences.of([*told, phrase("Nothing has been measured yet.")])
    troubles = [*_down(services, as_of), *_slow(services, as_of), *_unknown(services)]
    told = [] if troubles else _told(open_incidents, touched, len(services))
    work = _planned(planned, len(services))
    places = _in_places(failing, len(services))
    working = sum(state is State.UP for _, state, _ in services)
    if not troubles and not places:
        return Sentences.of([*told, *work, _all_well(working == len(services), open_incidents)])
    return Sentences.of([*told, *troubles, *places, *work, *([_rest(services)] if working > len(failing) else [])])


def spoken(seconds: int) -> Phrase:
    """Return a length of time in the words of its largest units: "23 minutes", "2 hours 5 minutes"."""
    if seconds < MINUTE_S:
        return counted("{count} second", "{count} seconds", seconds)
    if seconds < HOUR_S:
        return _minutes(seconds // MINUTE_S)
    if seconds < DAY_S:
        return _pair(_hours(seconds // HOUR_S), _minutes(seconds % HOUR_S // MINUTE_S))
    return _pair(counted("{count} day", "{count} days", seconds // DAY_S), _hours(seconds % DAY_S // HOUR_S))


def _down(services: Sequence[Said], as_of: int) -> list[Phrase]:
    found = [(name, since) for name, state, since in services if state is State.DOWN]
    if len(found) == 1:
        return [phrase("{name} has been down for {length}.", name=found[0][0], length=spoken(as_of - found[0][1]))]
    return [phrase("{names} are down.", names=_names([name for name, _ in found], len(services)))] if found else []


def _slow(services: Sequence[Said], as_of: int) -> list[Phrase]:
    found = [(name, since) for name, state, since in services if state is State.DEGRADED]
    if len(found) == 1:
        return [phrase("{name} has been slow for {length}.", name=found[0][0], length=spoken(as_of - found[0][1]))]
    return [phrase("{names} are slow.", names=_names([name for name, _ in found], len(services)))] if found else []


def _unknown(services: Sequence[Said]) -> list[Phrase]:
    found = [name for name, state, _ in services if state is State.UNKNOWN]
    if not found:
        return []
    if len(found) == len(services):
        return [phrase("We do not know what works right now.")]
    if len(found) == 1:
        return [phrase("We do not know whether {name} works right now.", name=found[0])]
    return [phrase("We do not know whether {names} work right now.", names=_names(found, len(services)))]


def _in_places(failing: Mapping[str, Sequence[str]], of: int) -> list[Phrase]:
    if not failing:
        return []
    if len(failing) == 1:
        ((name, places),) = failing.items()
        return [
            phrase(
                "{name} fails or is slow when asked from {places}, and works from elsewhere.",
                name=name,
                places=Listed.of(places),
            )
        ]
    names = _names(list(failing), of)
    return [phrase("{names} fail or are slow when asked from some places, and work from elsewhere.", names=names)]


def _names(names: Sequence[str], of: int) -> str:
    if len(names) > NAMED_MOST:
        return phrase("{number} of {all} services", number=len(names), all=of)
    return Listed.of(names)


def _told(open_incidents: int, touched: Sequence[str], of: int) -> list[Phrase]:
    if open_incidents == 0:
        return []
    if touched:
        names = _names(touched, of)
        if open_incidents == 1:
            return [phrase("We are working on an incident with {names}.", names=names)]
        return [phrase("We are working on {number} incidents with {names}.", number=open_incidents, names=names)]
    if open_incidents == 1:
        return [phrase("We are working on an incident.")]
    return [phrase("We are working on {number} incidents.", number=open_incidents)]


def _planned(planned: Sequence[str], of: int) -> list[Phrase]:
    return [phrase("Planned work on {names} is under way.", names=_names(planned, of))] if planned else []


def _all_well(all_measured: bool, open_incidents: int) -> Phrase:
    if not all_measured:
        return phrase("Everything we have measured works.")
    if open_incidents == 0:
        return phrase("Everything works.")
    return phrase("Our measurements find nothing wrong right now.")


def _rest(services: Sequence[Said]) -> Phrase:
    if all(state is not None for _, state, _ in services):
        return phrase("Everything else works.")
    return phrase("Everything else we have measured works.")


def _hours(count: int) -> Phrase:
    return counted("{count} hour", "{count} hours", count)


def _minutes(count: int) -> Phrase:
    return counted("{count} minute", "{count} minutes", count)


def _pair(first: Phrase, second: Phrase) -> Phrase:
    return phrase("{long} {short}", long=first, short=second) if second.number else first
