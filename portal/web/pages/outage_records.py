"""Outages that staff tell of: one person proposes, another accepts."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField

from portal import clock
from portal.database import db
from portal.domain.notices.refusals import Invalid
from portal.domain.people.roles import Permission
from portal.usecases.configuration import provider
from portal.usecases.excluding import outage_records
from portal.usecases.excluding.outage_records import Draft, Told
from portal.web import access

blueprint = Blueprint("outage_records", __name__)
SEVERITIES = (("down", "Down: it did not work"), ("degraded", "Slow: it worked, but slowly"))


class OutageForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """What happened to which service, and how that is known; `words` decide about one that waits."""

    service = StringField("Service")
    start = StringField("From")
    end = StringField("To")
    severity = StringField("How bad", default="down")
    reason = TextAreaField("How this is known")
    words = TextAreaField("Your reason")


@dataclass(frozen=True, slots=True)
class DeskPage:
    """What waits for a second person, and the form; `refused` is the record whose decision could not be taken."""

    waiting: Sequence[Told]
    form: OutageForm
    services: Sequence[tuple[str, str]]
    severities: Sequence[tuple[str, str]]
    refused: UUID | None


@blueprint.get("/staff/outages")
@access.requires(Permission.RECORD_OUTAGES)
def desk() -> ResponseReturnValue:
    """Show what waits for a second person, and the form to tell of an outage."""
    return _desk(OutageForm(), None)


@blueprint.post("/staff/outages")
@access.requires(Permission.RECORD_OUTAGES)
def propose() -> ResponseReturnValue:
    """Tell of an outage."""
    form = OutageForm()
    draft = Draft(
        service=form.service.data or "",
        start=form.start.data or "",
        end=form.end.data or "",
        severity=form.severity.data or "",
        reason=form.reason.data or "",
    )
    try:
        timezone = provider.site(db.session()).timezone
        outage_records.propose(db.session(), access.reader(), draft, timezone, clock.now())
    except Invalid as refusal:
        return _refused(form, refusal, None)
    flash("It is noted. It counts once somebody else accepts it.")
    return redirect(url_for("outage_records.desk"), 303)


@blueprint.post("/staff/outages/<uuid:record>/accept")
@access.requires(Permission.RECORD_OUTAGES)
def accept(record: UUID) -> ResponseReturnValue:
    """Let a told outage count."""
    return _decide(record, is_accepted=True)


@blueprint.post("/staff/outages/<uuid:record>/reject")
@access.requires(Permission.RECORD_OUTAGES)
def reject(record: UUID) -> ResponseReturnValue:
    """Let a told outage not count."""
    return _decide(record, is_accepted=False)


def _decide(record: UUID, *, is_accepted: bool) -> ResponseReturnValue:
    form, one_may = OutageForm(), current_app.extensions["settings"].single_operator
    words, now = form.words.data or "", clock.now()
    try:
        outage_records.decide(
            db.session(), access.reader(), record, words, now, is_accepted=is_accepted, one_may=one_may
        )
    except Invalid as refusal:
        return _refused(form, refusal, record)
    flash("Accepted: it counts now. Closed periods it touches wait for a revision." if is_accepted else "Rejected.")
    return redirect(url_for("outage_records.desk"), 303)


def _refused(form: OutageForm, refusal: Invalid, record: UUID | None) -> ResponseReturnValue:
    form[refusal.field].errors = [refusal.sentence]
    return _desk(form, record), 422


def _desk(form: OutageForm, refused: UUID | None) -> str:
    session = db.session()
    found = outage_records.waiting(session, access.reader())
    page = DeskPage(found, form, outage_records.services(session), SEVERITIES, refused)
    return render_template("outages/desk.html", page=page)
