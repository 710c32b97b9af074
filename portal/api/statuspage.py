"""The public API v2 that status aggregators already read: unauthenticated, compact JSON, readable from any origin."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from flask import Blueprint, Response, current_app
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal import clock
from portal.api import shapes
from portal.api.components import Told, told_services
from portal.api.shapes import Place, Shape
from portal.database import db
from portal.domain.notices.incidents import Incident
from portal.domain.notices.maintenance import Course
from portal.usecases.configuration import provider
from portal.usecases.excluding import maintenance
from portal.usecases.excluding.maintenance import Maintenance
from portal.usecases.status import incidents, public_status

blueprint = Blueprint("statuspage", __name__, url_prefix="/api/v2")
INCIDENTS_MOST = 50


@dataclass(frozen=True)
class _Read:
    """What the bodies are made of, each part read when a body needs it."""

    session: Session
    now: datetime
    place: Place

    @cached_property
    def status(self) -> public_status.Status:
        return public_status.status(self.session, self.place.site.timezone, self.now)

    @cached_property
    def services(self) -> Sequence[Told]:
        return told_services(self.status)

    @cached_property
    def newest(self) -> Sequence[Incident]:
        return incidents.newest(self.session, INCIDENTS_MOST)

    @cached_property
    def works(self) -> Sequence[Maintenance]:
        return maintenance.listed(self.session, None, self.now).works

    def courses(self, *wanted: Course) -> Sequence[Maintenance]:
        return [one for one in self.works if one.course in wanted]

    def page(self, told: Iterable[Incident] = (), works: Iterable[Maintenance] = ()) -> Shape:
        changes = [one.changed_at for one in self.services]
        changes += [shapes.changed_at(one) for one in told] + [one.words[0].at for one in works]
        return shapes.page(self.place, changes)

    def incidents(self, told: Iterable[Incident]) -> list[Shape]:
        return [shapes.incident(self.place, one, self.services) for one in told]

    def maintenance(self, works: Iterable[Maintenance]) -> list[Shape]:
        return [shapes.maintenance(self.place, one, self.services) for one in works]

    def indicator(self) -> Shape:
        names = current_app.extensions["settings"].maintenance_indicator
        return shapes.status(self.services, names_maintenance=names)


@blueprint.get("/summary.json")
def summary() -> ResponseReturnValue:
    """Answer everything that is so now: components, open incidents, coming and current works, the indicator."""

    def body(read: _Read) -> Shape:
        told, works = read.status.open_incidents, read.courses(Course.PLANNED, Course.UNDER_WAY)
        return {
            "page": read.page(told, works),
            "components": shapes.components(read.place, read.services),
            "incidents": read.incidents(told),
            "scheduled_maintenances": read.maintenance(works),
            "status": read.indicator(),
        }

    return _answer(body)


@blueprint.get("/status.json")
def status() -> ResponseReturnValue:
    """Answer the indicator."""
    return _answer(lambda read: {"page": read.page(read.status.open_incidents), "status": read.indicator()})


@blueprint.get("/components.json")
def components() -> ResponseReturnValue:
    """Answer the components."""
    return _answer(lambda read: {"page": read.page(), "components": shapes.components(read.place, read.services)})


@blueprint.get("/incidents.json")
def newest_incidents() -> ResponseReturnValue:
    """Answer the fifty newest incidents."""
    return _answer(lambda read: {"page": read.page(read.newest), "incidents": read.incidents(read.newest)})


@blueprint.get("/incidents/unresolved.json")
def unresolved_incidents() -> ResponseReturnValue:
    """Answer the open incidents."""

    def body(read: _Read) -> Shape:
        told = read.status.open_incidents
        return {"page": read.page(told), "incidents": read.incidents(told)}

    return _answer(body)


@blueprint.get("/scheduled-maintenances.json")
def all_maintenance() -> ResponseReturnValue:
    """Answer the fifty works announced last."""
    return _works(*Course)


@blueprint.get("/scheduled-maintenances/upcoming.json")
def upcoming_maintenance() -> ResponseReturnValue:
    """Answer the works that have not begun."""
    return _works(Course.PLANNED)


@blueprint.get("/scheduled-maintenances/active.json")
def active_maintenance() -> ResponseReturnValue:
    """Answer the works under way."""
    return _works(Course.UNDER_WAY)


def _works(*courses: Course) -> ResponseReturnValue:
    def body(read: _Read) -> Shape:
        works = read.courses(*courses)
        return {"page": read.page((), works), "scheduled_maintenances": read.maintenance(works)}

    return _answer(body)


def _answer(body: Callable[[_Read], Shape]) -> ResponseReturnValue:
    site = provider.site(db.session())
    place = Place(current_app.extensions["settings"].external_url, site)
    text = json.dumps(body(_Read(db.session(), clock.now(), place)), ensure_ascii=False, separators=(",", ":"))
    return for_any_origin(Response(text, content_type="application/json; charset=utf-8"))


def for_any_origin(response: Response) -> Response:
    """Let pages of other sites read an answer: it is public, and no cookie changes it."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
