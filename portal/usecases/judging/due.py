"""When what is computed of promises is due again, and of which service it is computed together."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from portal.store.settling.figures import LatestRuns
from portal.usecases.judging.promises import Promise

SETTLING_S = 60
"""How long something that happened keeps things due: a sample is stored some seconds after its slot."""
Made = tuple[str, int]
"""Of which period something was computed last, by its key, and as of which UTC second."""


@dataclass(frozen=True, slots=True)
class Pace:
    """After how many seconds something is computed again in any case, and how many lie between at least."""

    refresh_s: int
    least_s: int


def is_due(period: str, made: Made | None, latest: LatestRuns | None, as_of: int, pace: Pace) -> bool:
    """Whether what was made of a period is due at a UTC second: it is old, or its service is not up or just changed."""
    if made is None or made[0] != period or as_of - made[1] >= pace.refresh_s:
        return True
    if latest is None or as_of - made[1] < pace.least_s:
        return False
    return not latest.all_up or latest.began + SETTLING_S > made[1]


def by_service(due: Iterable[Promise]) -> Collection[Sequence[Promise]]:
    """Return these promises, those of one service together: its evidence is read once for all of them."""
    found: dict[UUID, list[Promise]] = defaultdict(list)
    for one in due:
        found[one.service.id].append(one)
    return found.values()
