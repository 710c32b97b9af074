"""Planned work as a calendar: an event a work, whose id stays and whose number grows with every word about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from portal.web.feeds import cleaned

MEDIA_TYPE = "text/calendar"
MADE_BY = "-//sla-portal//planned work//EN"
ASK_AGAIN = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Planned:
    """One event: a constant id (a URN), the number of its latest word from 0, and whether it is called off."""

    id: str
    number: int
    is_cancelled: bool
    start: datetime
    end: datetime
    title: str
    words: str
    address: str
    told_at: datetime
    first_told_at: datetime


def render(name: str, events: Sequence[Planned]) -> bytes:
    """Return the calendar (RFC 5545), the same bytes for the same events."""
    calendar = Calendar()
    calendar.add("prodid", MADE_BY)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", cleaned(name))
    calendar.add("refresh-interval", ASK_AGAIN, parameters={"value": "DURATION"})
    for one in events:
        calendar.add_component(_event(one))
    content: bytes = calendar.to_ical()
    return content


def _event(one: Planned) -> Event:
    event = Event()
    event.add("uid", one.id)
    event.add("sequence", one.number)
    event.add("status", "CANCELLED" if one.is_cancelled else "CONFIRMED")
    event.add("dtstamp", one.told_at)
    event.add("created", one.first_told_at)
    event.add("last-modified", one.told_at)
    event.add("dtstart", one.start)
    event.add("dtend", one.end)
    event.add("summary", cleaned(one.title))
    event.add("description", cleaned(one.words))
    event.add("url", one.address)
    event.add("transp", "TRANSPARENT")
    return event
