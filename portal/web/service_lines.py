"""Services as the public pages show them: one line each, with its bars, under the group they stand in."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from flask import request, url_for

from portal.domain.evidence.records import State
from portal.domain.people.languages import Language
from portal.usecases.status.lately import DAYS_SHOWN
from portal.usecases.status.public_status import WORST_FIRST, ServiceStatus
from portal.web import bars, languages

COLLAPSED_ABOVE = 50
"""More services than these, and groups are collapsed (decision D15)."""
NO_GROUP = "-"


@dataclass(frozen=True, slots=True)
class Row:
    """All that the row of a service says: equal rows are rendered once (portal/web/fragments.py).

    `is_failing`: from some places, while it is up; `is_planned`: planned work is under way. `address` is the path of
    its page; each of its days stands below it (portal/web/pages/services.py).
    """

    name: str
    address: str
    state: State | None
    since: int
    is_failing: bool
    is_planned: bool
    percent: str | None
    days: bars.Drawing


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One service and its row."""

    now: ServiceStatus
    row: Row


@dataclass(frozen=True, slots=True)
class Group:
    """Services shown together: how many are in which state; collapsed, some with their bars and the others in brief."""

    name: str
    key: str
    lines: Sequence[ServiceLine]
    brief: Sequence[ServiceStatus]
    size: int
    counts: Sequence[tuple[State | None, int]]

    @property
    def is_open(self) -> bool:
        """Whether something in it is not simply up."""
        return bool(self.lines) or not all(one.is_calm for one in self.brief)


@dataclass(frozen=True, slots=True)
class Scale:
    """The axis below bars: their measures, and where months begin."""

    ticks: tuple[bars.Tick, ...]
    days: int
    width: int = bars.WIDTH
    height: int = bars.HEIGHT


@lru_cache(maxsize=4_096)
def _address(_language: Language, _root: str, key: str) -> str:
    return url_for("services.show", service=key)


def line(service: ServiceStatus, planned: Collection[UUID]) -> ServiceLine:
    """Return one service drawn."""
    row = Row(
        name=service.service.name,
        address=_address(languages.current(), request.script_root, service.service.key),
        state=service.state,
        since=service.since,
        is_failing=service.state is State.UP and bool(service.failing),
        is_planned=service.service.id in planned,
        percent=service.percent,
        days=bars.Drawing.of(service.days),
    )
    return ServiceLine(service, row)


def group(name: str, services: Sequence[ServiceStatus], planned: Collection[UUID], *, is_collapsed: bool) -> Group:
    """Return a group drawn: all of its services, or, collapsed, those that came with their days."""
    shown = [one for one in services if one.days or not is_collapsed]
    counts = Counter(one.state for one in services)
    return Group(
        name=name,
        key=name or NO_GROUP,
        lines=tuple(line(one, planned) for one in shown),
        brief=tuple(one for one in services if not one.days) if is_collapsed else (),
        size=len(services),
        counts=tuple((state, counts[state]) for state in WORST_FIRST if counts[state]),
    )


def scale(services: Sequence[ServiceStatus]) -> Scale:
    """Return the axis of these services' bars; without services an empty one."""
    days = services[0].days.span.dates if services else ()
    return Scale(bars.ticks(days), len(days) or DAYS_SHOWN)
