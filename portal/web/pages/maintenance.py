"""Planned work: read by anybody, announced, moved, ended and cancelled by staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, StringField, TextAreaField

from portal import clock
from portal.database import db
from portal.domain.documents.canonical import digest
from portal.domain.notices.refusals import Invalid
from portal.domain.people.roles import Permission
from portal.usecases.configuration import provider
from portal.usecases.excluding import exclusion_decisions, maintenance
from portal.usecases.excluding.exclusion_effects import Effect
from portal.usecases.excluding.maintenance import Draft, Maintenance, Plan, Works
from portal.usecases.groundwork.local_times import local_input
from portal.usecases.judging.exclusion_register import Entry
from portal.web import access, formats, spreadsheets
from portal.web.prepared.declared import prepared

blueprint = Blueprint("maintenance", __name__)
Pairs = Sequence[tuple[str, str]]
HEADER = ("maintenance", "title", "kind", "services", "from_utc", "to_utc", "course", "first_told_utc")


class PlanForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """What is planned, when, and what to tell. `looked` names the plan whose effects the person has seen."""

    title = StringField("What is planned")
    type = StringField("Kind")
    services = SelectMultipleField("Touches", validate_choice=False)
    start = StringField("From")
    end = StringField("To")
    body = TextAreaField("What to tell")
    looked = StringField("Looked at")


class ChangeForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """Another window, or the end, and what to tell about it."""

    start = StringField("From")
    end = StringField("To")
    body = TextAreaField("What to tell")


@dataclass(frozen=True, slots=True)
class WorkPage:
    """One planned work as anybody reads it."""

    work: Maintenance


@dataclass(frozen=True, slots=True)
class DeskPage:
    """All planned work."""

    works: Works


@dataclass(frozen=True, slots=True)
class PlanPage:
    """The form, what may be chosen in it, and for whom the window would count or not once a plan can be read."""

    form: PlanForm
    types: Pairs
    services: Pairs
    looked: str
    effects: Sequence[Effect] | None


@dataclass(frozen=True, slots=True)
class ChangePage:
    """One planned work, what it asks for in the register, and the form to change it; `doing` was refused."""

    work: Maintenance
    entries: Sequence[Entry]
    form: ChangeForm
    doing: str


@blueprint.get("/maintenance/<uuid:work>")
@access.public
@prepared()
def show(work: UUID) -> ResponseReturnValue:
    """Show one planned work with every word about it."""
    return render_template("maintenance/maintenance.html", page=WorkPage(_work(work)))


@blueprint.get("/staff/maintenance")
@access.requires(Permission.SEE_REGISTER)
def desk() -> ResponseReturnValue:
    """Show all planned work to staff."""
    page = DeskPage(maintenance.listed(db.session(), _after(), clock.now()))
    return render_template("maintenance/desk.html", page=page)


@blueprint.get("/staff/maintenance.csv")
@access.requires(Permission.SEE_REGISTER)
def desk_csv() -> ResponseReturnValue:
    """Hand the latest planned works out."""
    rows = (
        (
            str(one.id),
            one.title,
            one.type,
            ", ".join(service.name for service in one.services),
            formats.iso(one.start),
            formats.iso(one.end),
            one.course.value,
            formats.iso(one.words[-1].at),
        )
        for one in maintenance.listed(db.session(), _after(), clock.now()).works
    )
    return spreadsheets.answer("maintenance", HEADER, rows)


@blueprint.get("/staff/maintenance/new")
@access.requires(Permission.PLAN_MAINTENANCE)
def begin() -> ResponseReturnValue:
    """Show the form to plan work."""
    return _plan_page(PlanForm(data={"services": []}), None)


@blueprint.post("/staff/maintenance")
@access.requires(Permission.PLAN_MAINTENANCE)
def announce() -> ResponseReturnValue:
    """Show for which contracts the window will not count, and announce it once that has been seen."""
    form, now = PlanForm(), clock.now()
    try:
        plan = maintenance.read_plan(db.session(), _draft(form), provider.site(db.session()).timezone, now)
    except Invalid as refusal:
        form[refusal.field].errors = [refusal.sentence]
        return _plan_page(form, None), 422
    if form.looked.data != _digest(plan):
        return _plan_page(form, plan)
    work = maintenance.announce(db.session(), access.reader(), plan, now)
    flash("It is announced, and in the register it waits for somebody else's approval.")
    return redirect(url_for("maintenance.desk_one", work=work), 303)


@blueprint.get("/staff/maintenance/<uuid:work>")
@access.requires(Permission.SEE_REGISTER)
def desk_one(work: UUID) -> ResponseReturnValue:
    """Show one planned work to staff, with the forms to change it."""
    return _change_page(work, None, "")


@blueprint.post("/staff/maintenance/<uuid:work>/move")
@access.requires(Permission.PLAN_MAINTENANCE)
def move(work: UUID) -> ResponseReturnValue:
    """Give it another window."""
    form = ChangeForm()
    try:
        _moved(work, form)
    except Invalid as refusal:
        return _refused(work, form, refusal, "move")
    flash("It has its new window. What was added is announced as of now.")
    return redirect(url_for("maintenance.desk_one", work=work), 303)


@blueprint.post("/staff/maintenance/<uuid:work>/end")
@access.requires(Permission.PLAN_MAINTENANCE)
def end(work: UUID) -> ResponseReturnValue:
    """End it now."""
    form = ChangeForm()
    try:
        _ended(work, form)
    except Invalid as refusal:
        return _refused(work, form, refusal, "end")
    flash("It is over.")
    return redirect(url_for("maintenance.desk_one", work=work), 303)


@blueprint.post("/staff/maintenance/<uuid:work>/cancel")
@access.requires(Permission.PLAN_MAINTENANCE)
def cancel(work: UUID) -> ResponseReturnValue:
    """Call it off."""
    form = ChangeForm()
    try:
        _cancelled(work, form)
    except Invalid as refusal:
        return _refused(work, form, refusal, "cancel")
    flash("It is called off, and what it asked for is withdrawn.")
    return redirect(url_for("maintenance.desk_one", work=work), 303)


def _work(key: UUID) -> Maintenance:
    return maintenance.maintenance(db.session(), key, clock.now())


def _moved(key: UUID, form: ChangeForm) -> None:
    timezone = provider.site(db.session()).timezone
    window = (form.start.data or "", form.end.data or "")
    maintenance.move(db.session(), access.reader(), key, *window, form.body.data or "", timezone, clock.now())


def _ended(key: UUID, form: ChangeForm) -> None:
    maintenance.end(db.session(), access.reader(), key, form.body.data or "", clock.now())


def _cancelled(key: UUID, form: ChangeForm) -> None:
    maintenance.cancel(db.session(), access.reader(), key, form.body.data or "", clock.now())


def _draft(form: PlanForm) -> Draft:
    return Draft(
        title=form.title.data or "",
        type=form.type.data or "",
        start=form.start.data or "",
        end=form.end.data or "",
        services=form.services.data or (),
        body=form.body.data or "",
    )


def _digest(plan: Plan) -> str:
    """What was looked at: another window, kind or service has other effects, other words have not."""
    services = [str(one) for one in plan.services]
    return digest({"type": plan.type, "start": plan.start, "end": plan.end, "services": services})


def _plan_page(form: PlanForm, plan: Plan | None) -> str:
    offered = exclusion_decisions.choices(db.session())
    page = PlanPage(
        form=form,
        types=[(one, one.replace("_", " ")) for one in offered.types],
        services=[(str(key), name) for key, name in offered.services],
        looked="" if plan is None else _digest(plan),
        effects=None if plan is None else maintenance.foreseen(db.session(), plan, clock.now()),
    )
    return render_template("maintenance/new.html", page=page)


def _change_page(key: UUID, form: ChangeForm | None, doing: str) -> str:
    work, timezone = _work(key), provider.site(db.session()).timezone
    window = {"start": local_input(work.start, timezone), "end": local_input(work.end, timezone)}
    shown = form or ChangeForm(data=window)
    page = ChangePage(work, maintenance.entries_of(db.session(), key), shown, doing)
    return render_template("maintenance/change.html", page=page)


def _refused(key: UUID, form: ChangeForm, refusal: Invalid, doing: str) -> ResponseReturnValue:
    form[refusal.field].errors = [refusal.sentence]
    return _change_page(key, form, doing), 422


def _after() -> UUID | None:
    text = request.args.get("after", "")
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
