"""Calendars (RFC 5545): planned work, an event a work, and deadlines, an event an instant with a reminder before it.

The same events are the same bytes. An event's id stays; that of a work says with a growing number that it was changed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event

from portal.web.feeds import cleaned

MEDIA_TYPE = "text/calendar"
ASK_AGAIN = timedelta(minutes=30)
REMIND_BEFORE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Planned:
    """A work: a constant id (a URN), the number of its latest word from 0, and whether it is called off."""

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


@dataclass(frozen=True, slots=True)
class Entry:
    """A deadline: a constant id, where it leads, what it says, and since when it is known."""

    id: str
    address: str
    title: str
    words: str
    at: datetime
    known_since: datetime


def planned_work(name: str, works: Sequence[Planned]) -> bytes:
    """Return planned work as a calendar of this name, which readers ask for anew every half an hour."""
    calendar = _calendar("planned work", name)
    calendar.add("refresh-interval", ASK_AGAIN, parameters={"value": "DURATION"})
    return _written(calendar, map(_work, works))


def deadlines(name: str, entries: Sequence[Entry]) -> bytes:
    """Return deadlines as a calendar of this name, each with a reminder two days ahead."""
    return _written(_calendar("deadlines", name), map(_deadline, entries))


def _calendar(what: str, name: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", f"-//sla-portal//{what}//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", cleaned(name))
    return calendar


def _written(calendar: Calendar, events: Iterable[Event]) -> bytes:
    for event in events:
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def _event(id_: str, told_at: datetime, title: str, words: str, address: str) -> Event:
    event = Event()
    event.add("uid", id_)
    event.add("dtstamp", told_at)
    event.add("summary", cleaned(title))
    event.add("description", cleaned(words))
    event.add("url", address)
    event.add("transp", "TRANSPARENT")
    return event


def _work(one: Planned) -> Event:
    event = _event(one.id, one.told_at, one.title, one.words, one.address)
    event.add("sequence", one.number)
    event.add("status", "CANCELLED" if one.is_cancelled else "CONFIRMED")
    event.add("created", one.first_told_at)
    event.add("last-modified", one.told_at)
    event.add("dtstart", one.start)
    event.add("dtend", one.end)
    return event


def _deadline(one: Entry) -> Event:
    event = _event(one.id, one.known_since, one.title, f"{one.words}\n{one.address}", one.address)
    event.add("dtstart", one.at)
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", cleaned(one.title))
    alarm.add("trigger", -REMIND_BEFORE)
    event.add_component(alarm)
    return event
