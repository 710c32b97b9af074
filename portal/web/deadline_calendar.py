"""Deadlines as a calendar: an event an instant, with a reminder two days ahead; equal bytes for equal content."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event

from portal.web.feeds import cleaned

MEDIA_TYPE = "text/calendar"
REMIND_BEFORE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Entry:
    """One instant in a calendar: a constant id, where it leads, what it says, and since when it is known."""

    id: str
    address: str
    title: str
    words: str
    at: datetime
    known_since: datetime


def render(name: str, entries: Sequence[Entry]) -> bytes:
    """Return a calendar as iCalendar (RFC 5545)."""
    calendar = Calendar()
    calendar.add("prodid", "-//sla-portal//deadlines//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", cleaned(name))
    for one in entries:
        calendar.add_component(_event(one))
    content: bytes = calendar.to_ical()
    return content


def _event(one: Entry) -> Event:
    event = Event()
    event.add("uid", one.id)
    event.add("dtstamp", one.known_since)
    event.add("dtstart", one.at)
    event.add("summary", cleaned(one.title))
    event.add("description", cleaned(f"{one.words}\n{one.address}"))
    event.add("url", one.address)
    event.add("transp", "TRANSPARENT")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", cleaned(one.title))
    alarm.add("trigger", -REMIND_BEFORE)
    event.add_component(alarm)
    return event
