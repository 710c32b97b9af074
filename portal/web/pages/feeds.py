"""Feeds of what is told about incidents, and the page that says how to subscribe."""

from dataclasses import dataclass

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from portal import clock
from portal.database import db
from portal.domain.notices.incidents import Status
from portal.usecases.configuration import provider
from portal.usecases.excluding import maintenance
from portal.usecases.excluding.maintenance import Course, Maintenance, Told
from portal.usecases.status import incidents
from portal.web import access, calendars, markdown
from portal.web.calendars import Planned
from portal.web.feeds import NOTHING_TOLD, Feed, Item, Kind, render
from portal.web.formats import local_minute
from portal.web.prepared.declared import prepared

blueprint = Blueprint("feeds", __name__)
ITEMS_MAX = 50
MAX_AGE_S = 30


@dataclass(frozen=True, slots=True)
class FeedsPage:
    """The full addresses of the feeds."""

    rss: str
    atom: str
    json: str
    calendar: str


@blueprint.get("/feeds")
@access.public
@prepared()
def show() -> ResponseReturnValue:
    """Show every way to subscribe."""
    page = FeedsPage(*(_full(url_for(f"feeds.{one}")) for one in ("rss", "atom", "json_feed", "calendar")))
    return render_template("feeds/feeds.html", page=page)


@blueprint.get("/history.rss")
@access.public
@prepared(max_age_s=MAX_AGE_S)
def rss() -> ResponseReturnValue:
    """Answer the newest updates as RSS 2.0."""
    return _answer(Kind.RSS)


@blueprint.get("/history.atom")
@access.public
@prepared(max_age_s=MAX_AGE_S)
def atom() -> ResponseReturnValue:
    """Answer the newest updates as Atom."""
    return _answer(Kind.ATOM)


@blueprint.get("/history.json")
@access.public
@prepared(max_age_s=MAX_AGE_S)
def json_feed() -> ResponseReturnValue:
    """Answer the newest updates as JSON Feed 1.1."""
    return _answer(Kind.JSON)


@blueprint.get("/history.ics")
@access.public
@prepared(max_age_s=MAX_AGE_S)
def calendar() -> ResponseReturnValue:
    """Answer the fifty works announced last as a calendar."""
    works = maintenance.listed(db.session(), None, clock.now()).works
    events = [_event(one) for one in works]
    name = f"{provider.site(db.session()).name}: planned work"
    response = Response(calendars.planned_work(name, events), content_type=f"{calendars.MEDIA_TYPE}; charset=utf-8")
    response.last_modified = max((one.told_at for one in events), default=NOTHING_TOLD)
    return response


def _event(work: Maintenance) -> Planned:
    last = work.words[0]
    touched = ", ".join(service.name for service in work.services)
    return Planned(
        id=work.id.urn,
        number=len(work.words) - 1,
        is_cancelled=work.course is Course.CANCELLED,
        start=clock.instant(work.start),
        end=clock.instant(work.end),
        title=work.title,
        words=f"Touches: {touched}.\n\n{last.body}".strip(),
        address=_full(url_for("maintenance.show", work=work.id)),
        told_at=last.at,
        first_told_at=work.words[-1].at,
    )


def _answer(kind: Kind) -> ResponseReturnValue:
    feed = _feed()
    response = Response(render(feed, kind), content_type=f"{kind.value}; charset=utf-8")
    response.last_modified = feed.updated
    return response


def _feed() -> Feed:
    name = provider.site(db.session()).name
    return Feed(
        address=_full(request.path),
        page=_full(url_for("history.show")),
        title=f"{name}: incident updates",
        subtitle=f"Every update {name} publishes about an incident or planned work, one item each.",
        author=name,
        items=_items(),
    )


def _items() -> tuple[Item, ...]:
    """The newest words about incidents and planned work, mixed by when they were told."""
    told = [_item(one) for one in incidents.told(db.session(), ITEMS_MAX)]
    planned = [_planned(*one) for one in maintenance.told(db.session(), ITEMS_MAX, clock.now())]
    return tuple(sorted([*told, *planned], key=lambda one: one.published_at, reverse=True)[:ITEMS_MAX])


def _planned(work: Maintenance, word: Told) -> Item:
    timezone = provider.site(db.session()).timezone
    window = f"{local_minute(word.start, timezone)} to {local_minute(word.end, timezone)} {timezone}"
    address = url_for("maintenance.show", work=work.id, _anchor=f"word-{word.id}")
    touched = Markup("<p>{}. Touches: {}.</p>\n").format(window, ", ".join(one.name for one in work.services))
    return Item(
        id=word.id.urn,
        address=_full(address),
        title=f"Maintenance {word.kind}: {work.title}",
        html=str(touched + markdown.render(word.body)),
        published_at=word.at,
    )


def _item(told: incidents.Told) -> Item:
    incident, update = told.incident, told.update
    address = url_for("incidents.show", incident=incident.id, _anchor=f"update-{update.id}")
    return Item(
        id=update.id.urn,
        address=_full(address),
        title=f"{_word(update.status)}: {incident.title}",
        html=str(_affects(incident.services) + markdown.render(update.body)),
        published_at=update.published_at,
    )


def _word(status: Status) -> str:
    return "Post-mortem" if status is Status.POSTMORTEM else status.capitalize()


def _affects(services: tuple[incidents.Affected, ...]) -> Markup:
    if not services:
        return Markup("")
    return Markup("<p>Affects: {}.</p>\n").format(escape(", ".join(service.name for service in services)))


def _full(path: str) -> str:
    return f"{current_app.extensions['settings'].external_url}{path}"
