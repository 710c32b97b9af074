"""What the services of a simulated year go through, beside what chance draws for each of them."""

from collections.abc import Iterator

from demo.generated.episodes import DAY_S, DOWN, EVERYWHERE, GAP, HOUR_S, Chance, Episode, drawing, episodes_of
from demo.generated.year.size import Size

WITHHELD_S = HOUR_S
LONG_GAP_S = 8 * DAY_S
NEAR_S = 40 * 60
"""So near to the 43 minutes of 99.9 % that probes every five minutes cannot tell on which side it is."""


def chance(size: Size) -> Chance:
    """Return how much happens: an outage of each service a month, and a gap of each probe at each location."""
    return Chance(seed=size.seed, outages=1, slow=1, gaps=1, late=0)


def told(size: Size) -> tuple[Episode, ...]:
    """Return what comes by no chance: hours that are told late, a gap too long to judge, an outage near the limit."""
    episodes = [withheld(size, month) for month in range(size.months)]
    middle = size.starts_at(size.months // 2)
    episodes.append(Episode(_service(1, size), EVERYWHERE, GAP, middle + DAY_S, middle + DAY_S + LONG_GAP_S))
    last = size.starts_at(size.months - 1) + 12 * DAY_S
    episodes.append(Episode(_service(2, size), EVERYWHERE, DOWN, last, last + NEAR_S))
    return tuple(episodes)


def withheld(size: Size, month: int) -> Episode:
    """Return the hour of a month whose samples come after the close: one service, every location."""
    draw = drawing(size.seed, "withheld", month)
    start = size.starts_at(month) + draw.randrange(3, 25) * DAY_S
    service = f"service-{draw.randint(1, size.services):04}"
    return Episode(service, EVERYWHERE, GAP, start, start + WITHHELD_S)


def outages_of(size: Size, month: int) -> Iterator[Episode]:
    """Yield the outages of a month that every location sees, in an order that chance draws."""
    start, end = size.starts_at(month) + DAY_S, size.starts_at(month + 1) - 3 * DAY_S
    places = range(1, size.locations + 1)
    found = [
        one
        for number in range(1, size.services + 1)
        for one in episodes_of(chance(size), f"service-{number:04}", places, start, end)
        if one.kind == DOWN and one.location == EVERYWHERE and start <= one.start and one.end <= end
    ]
    drawing(size.seed, "outages", month).shuffle(found)
    yield from found


def _service(number: int, size: Size) -> str:
    return f"service-{min(number, size.services):04}"
