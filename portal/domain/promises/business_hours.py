"""The business hours of one or several sites, as terms write them (semantics.md R42)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from portal.domain.documents.reading import Reader
from portal.domain.documents.scalars import read_date
from portal.domain.quantities.zones import read_zone

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00", re.ASCII)


@dataclass(frozen=True, slots=True)
class Site:
    """One place that works: its zone, its shifts as minutes of the local day for Monday to Sunday, its holidays."""

    timezone: str
    hours: tuple[tuple[tuple[int, int], ...], ...]
    holidays: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """The sites whose open hours add up; a holiday closes them only where all are on holiday."""

    sites: tuple[Site, ...]


def read_business_hours(reader: Reader) -> BusinessHours:
    """One site `{timezone, hours, holidays}` or several `{sites: [...]}`."""
    if reader.has("sites"):
        sites = tuple(_read_site(site) for site in reader.children("sites", 1, 20))
        reader.finish()
        return BusinessHours(sites)
    return BusinessHours((_read_site(reader),))


def business_hours_document(hours: BusinessHours) -> dict[str, object]:
    """The document of business hours, every key written out."""
    sites = [_site_document(site) for site in hours.sites]
    return sites[0] if len(sites) == 1 else {"sites": sites}


def _read_site(reader: Reader) -> Site:
    zone = reader.read("timezone", read_zone, "UTC")
    week = reader.child("hours")
    hours = tuple(_read_day(week, day) for day in WEEKDAYS)
    week.finish()
    if not any(hours) and reader.clean:
        reader.refuse("hours", "This must open on at least one day of the week.")
    holidays = reader.listed("holidays", read_date, 0, 5000)
    if len(set(holidays)) != len(holidays):
        reader.refuse("holidays", "A date may stand here only once.")
    reader.finish()
    return Site(zone, hours, tuple(sorted(holidays)))


def _read_day(week: Reader, day: str) -> tuple[tuple[int, int], ...]:
    shifts = sorted(week.listed(day, _read_shift, 0, 24))
    if any(before[1] > after[0] for before, after in pairwise(shifts)):
        week.refuse(day, "Two shifts of this day overlap.")
    return tuple(shifts)


def _read_shift(value: object) -> tuple[int, int]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError('must be a pair of local times, like ["09:00", "17:00"].')
    opens, closes = map(_read_clock, value)
    if opens >= closes:
        raise ValueError("must open before it closes; a night shift is written as two days.")
    return opens, closes


def _read_clock(value: object) -> int:
    if not isinstance(value, str) or not _CLOCK.fullmatch(value):
        raise ValueError("must be a local time from 00:00 to 24:00.")
    hours, minutes = value.split(":")
    return int(hours) * 60 + int(minutes)


def _site_document(site: Site) -> dict[str, object]:
    return {
        "timezone": site.timezone,
        "hours": {day: _shifts_document(shifts) for day, shifts in zip(WEEKDAYS, site.hours, strict=True)},
        "holidays": [day.isoformat() for day in site.holidays],
    }


def _shifts_document(shifts: Iterable[tuple[int, int]]) -> list[list[str]]:
    return [[f"{minute // 60:02}:{minute % 60:02}" for minute in shift] for shift in shifts]
