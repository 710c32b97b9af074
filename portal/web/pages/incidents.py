"""Incidents: read by anybody, told by responders."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, StringField, TextAreaField

from portal import clock
from portal.database import db
from portal.domain.notices.incidents import Impact, Incident, Status
from portal.domain.notices.refusals import Invalid
from portal.domain.people.roles import Permission
from portal.domain.quantities import zones
from portal.usecases.configuration import provider
from portal.usecases.status import incidents
from portal.web import access
from portal.web.prepared.declared import prepared

blueprint = Blueprint("incidents", __name__)
Choices = tuple[tuple[str, str], ...]
Pairs = Sequence[tuple[str, str]]
STATUSES: Choices = tuple((status.value, status.capitalize()) for status in Status if status is not Status.POSTMORTEM)
IMPACTS: Choices = (
    (Impact.NONE.value, "None: nothing is gone"),
    (Impact.MINOR.value, "Minor: some of it is slow or fails"),
    (Impact.MAJOR.value, "Major: much of it fails"),
    (Impact.CRITICAL.value, "Critical: all of it is gone"),
)
FIRST_WORDS = "We are looking into it."


class UpdateForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """One update: how far the work is, and words."""

    status = StringField("How far are we")
    body = TextAreaField("What to tell")


class IncidentForm(UpdateForm):
    """A new incident with its first update."""

    title = StringField("What is wrong")
    services = SelectMultipleField("Affects", validate_choice=False)
    impact = StringField("How much")


@dataclass(frozen=True, slots=True)
class IncidentPage:
    """One incident as anybody reads it, its seconds, and the days of its services by name and address."""

    incident: Incident
    lasted_s: int | None
    services: Pairs


@dataclass(frozen=True, slots=True)
class TellPage:
    """A form to tell something, what may be chosen in it, and the incident it is about when there is one already."""

    form: FlaskForm
    incident: Incident | None = None
    services: Choices = ()
    statuses: Choices = STATUSES
    impacts: Choices = IMPACTS


@blueprint.get("/incidents/<uuid:incident>")
@access.public
@prepared()
def show(incident: UUID) -> ResponseReturnValue:
    """Show one incident with all its updates."""
    found = incidents.incident(db.session(), incident)
    ended = found.resolved_at
    page = IncidentPage(
        incident=found,
        lasted_s=None if ended is None else clock.seconds(ended) - clock.seconds(found.created_at),
        services=_days_of(found),
    )
    return render_template("incidents/incident.html", page=page)


@blueprint.get("/staff/incidents/new")
@access.requires(Permission.TELL_INCIDENTS)
def begin() -> ResponseReturnValue:
    """Show the form for a new incident, filled in as far as can be guessed."""
    return _new(IncidentForm(data=_first_guess(request.args.get("service", ""))))


@blueprint.post("/staff/incidents")
@access.requires(Permission.TELL_INCIDENTS)
def post() -> ResponseReturnValue:
    """Tell a new incident."""
    form = IncidentForm()
    draft = incidents.Draft(
        title=form.title.data or "",
        impact=form.impact.data or "",
        services=form.services.data or (),
        status=form.status.data or "",
        body=form.body.data or "",
    )
    try:
        incident_id = incidents.post(db.session(), access.reader(), draft, clock.now())
    except Invalid as refusal:
        _put_beside(form, refusal)
        return _new(form), 422
    return redirect(url_for("incidents.tell", incident=incident_id), 303)


@blueprint.get("/staff/incidents/<uuid:incident>")
@access.requires(Permission.TELL_INCIDENTS)
def tell(incident: UUID) -> ResponseReturnValue:
    """Show an incident to its responder, with the form for the next update."""
    found = incidents.incident(db.session(), incident)
    status = found.status if found.is_open else Status.POSTMORTEM
    return _next(UpdateForm(data={"status": status.value}), found)


@blueprint.post("/staff/incidents/<uuid:incident>/updates")
@access.requires(Permission.TELL_INCIDENTS)
def update(incident: UUID) -> ResponseReturnValue:
    """Tell what is new about an incident."""
    form = UpdateForm()
    status, body = form.status.data or "", form.body.data or ""
    try:
        incidents.update(db.session(), access.reader(), incident, status, body, clock.now())
    except Invalid as refusal:
        _put_beside(form, refusal)
        return _next(form, incidents.incident(db.session(), incident)), 422
    return redirect(url_for("incidents.tell", incident=incident), 303)


def _days_of(incident: Incident) -> Pairs:
    """The services it touches, each with the address of the day it was told."""
    day = zones.local_date(clock.seconds(incident.created_at), provider.site(db.session()).timezone)
    keys = incidents.service_keys(db.session())
    return [
        (one.name, url_for("services.day", service=keys[one.id], day=day))
        for one in incident.services
        if one.id in keys
    ]


def _first_guess(service_id: str) -> dict[str, Any]:
    guess: dict[str, Any] = {"impact": Impact.MAJOR.value, "body": FIRST_WORDS, "services": []}
    for service in incidents.services(db.session()):
        if str(service.id) == service_id:
            guess |= {"title": f"{service.name} is down", "services": [service_id]}
    return guess


def _put_beside(form: FlaskForm, refusal: Invalid) -> None:
    form[refusal.field].errors = [refusal.sentence]


def _new(form: IncidentForm) -> str:
    services = tuple((str(service.id), service.name) for service in incidents.services(db.session()))
    return render_template("incidents/new.html", page=TellPage(form, services=services))


def _next(form: UpdateForm, incident: Incident) -> str:
    return render_template("incidents/tell.html", page=TellPage(form, incident))
