"""The whole story of the demo's past."""

from demo.history import Past
from demo.told import closing, disputes, exclusions, feedback, incidents, maintenance, money
from demo.told.moments import Moment

ROOMS = (incidents, maintenance, exclusions, closing, money, disputes, feedback)


def story(past: Past) -> list[Moment]:
    """Return everything that was said and done."""
    return [moment for room in ROOMS for moment in room.moments(past)]
