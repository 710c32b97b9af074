"""A look at a stretch of time, as an address holds it: `?from=2026-11-01T00:00:00Z&until=2026-11-02T00:00:00Z`."""

from flask import request

from portal.domain.quantities.intervals import Interval
from portal.domain.quantities.zones import parse_instant

LENGTH_MAX = len("2026-11-01T00:00:00+00:00")


def asked() -> Interval | None:
    """Return the look the reader asked for; None for none, and for what is none."""
    start, end = _instant(request.args.get("from", "")), _instant(request.args.get("until", ""))
    return Interval(start, end) if start is not None and end is not None and start < end else None


def _instant(text: str) -> int | None:
    if len(text) > LENGTH_MAX:
        return None
    try:
        return parse_instant(text)
    except (ValueError, OverflowError):
        return None
