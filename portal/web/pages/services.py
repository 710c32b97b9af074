"""A service in public: its last 90 days, each with its working; a group of services, fifty at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from portal import clock
from portal.database import db
from portal.domain.notices.refusals import NotFound
from portal.usecases.configuration import provider
from portal.usecases.status import service_days
from portal.usecases.status.last_days import Day
from portal.usecases.status.service_days import DayWorking
from portal.web import access, bars, service_lines
from portal.web.prepared.declared import prepared
from portal.web.service_lines import NO_GROUP, Scale, ServiceLine
from portal.web.strips import Strip, strip

blueprint = Blueprint("services", __name__)
PAGE = 50
UNMEASURED = "none"


@dataclass(frozen=True, slots=True)
class ShownDay:
    """One day in the table of a service: its look as a word, and its seconds."""

    day: Day
    look: str


@dataclass(frozen=True, slots=True)
class ServicePage:
    """One service, drawn, and each of its days, newest first; those before it was first measured by their ends."""

    line: ServiceLine
    scale: Scale
    days: Sequence[ShownDay]
    unmeasured: tuple[date, date] | None


@dataclass(frozen=True, slots=True)
class GroupPage:
    """Services of one group, and the key to go on from."""

    name: str
    key: str
    lines: Sequence[ServiceLine]
    scale: Scale
    after: str


@dataclass(frozen=True, slots=True)
class DayPage:
    """The working of one day, and the day drawn from midnight to midnight."""

    working: DayWorking
    strip: Strip


@blueprint.get("/services/<service>")
@access.public
@prepared()
def show(service: str) -> ResponseReturnValue:
    """Show one service now and each of its last 90 days."""
    found = service_days.service_now(db.session(), service, _timezone(), clock.now())
    days = [ShownDay(day, bars.look_of(day.seconds)) for day in reversed(found.days)]
    measured = [one for one in days if one.look != UNMEASURED]
    before = [one.day.day for one in days if one.look == UNMEASURED]
    unmeasured = (before[-1], before[0]) if before else None
    page = ServicePage(service_lines.line(found, ()), service_lines.scale([found]), measured, unmeasured)
    return render_template("services/service.html", page=page)


@blueprint.get("/services/<service>/days/<day>")
@access.public
@prepared()
def day(service: str, day: str) -> ResponseReturnValue:
    """Show what was measured of a service on one local day, and why it is shown as it is."""
    working = service_days.day_working(db.session(), service, _day(day), _timezone(), clock.now())
    return render_template("services/day.html", page=DayPage(working, strip(working)))


@blueprint.get("/groups/<group>")
@access.public
@prepared(reads_query=True)
def show_group(group: str) -> ResponseReturnValue:
    """Show the services of one group with their last 90 days, fifty at a time."""
    wanted = "" if group == NO_GROUP else group
    after = request.args.get("after", "")
    found, further = service_days.group_now(db.session(), wanted, after, PAGE, _timezone(), clock.now())
    lines = tuple(service_lines.line(one, ()) for one in found)
    page = GroupPage(wanted, group, lines, service_lines.scale(found), further)
    return render_template("services/group.html", page=page)


def _timezone() -> str:
    return provider.site(db.session()).timezone


def _day(text: str) -> date:
    """A date as addresses write it; nothing else is a page."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise NotFound("There is no such day.") from None
    if found.isoformat() != text:
        raise NotFound("There is no such day.")
    return found
