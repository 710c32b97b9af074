"""The register of exclusions: asked for and decided by staff, read by the customers it is for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectMultipleField, StringField, TextAreaField

from portal import clock
from portal.database import db
from portal.domain.notices.refusals import Invalid
from portal.domain.people.roles import Permission
from portal.usecases.configuration import provider
from portal.usecases.excluding import exclusion_decisions
from portal.usecases.excluding.exclusion_decisions import Choices, Draft
from portal.usecases.excluding.exclusion_effects import Effect, effects, window_of
from portal.usecases.judging import exclusion_register
from portal.usecases.judging.exclusion_register import Entries, Entry, KeptEffect
from portal.usecases.people import customers
from portal.web import access, formats, spreadsheets
from portal.web.prepared.declared import prepared

blueprint = Blueprint("exclusions", __name__)
HIGHEST_ID = (1 << 128) - 1
Pairs = Sequence[tuple[str, str]]
HEADER = (
    "entry", "kind", "from_utc", "to_utc", "announced_utc", "entered_utc", "services", "customers", "locations",
    "reason", "evidence", "standing", "decided_utc", "words",
)  # fmt: skip


class RequestForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """What should not count, for whom, and why."""

    type = StringField("Kind")
    services = SelectMultipleField("Services", validate_choice=False)
    start = StringField("From")
    end = StringField("To")
    announced_at = StringField("Announced at")
    customers = SelectMultipleField("Customers", validate_choice=False)
    locations = SelectMultipleField("Locations", validate_choice=False)
    reason = TextAreaField("Reason")
    evidence_link = StringField("Link to the evidence")
    is_public = BooleanField("Everybody may read it, not only those it is for")


class DecisionForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """Why it was decided so."""

    words = TextAreaField("Your reason")


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """A page of the register, for staff or for everybody."""

    entries: Entries
    timezone: str


@dataclass(frozen=True, slots=True)
class RequestPage:
    """The form to ask, and what may be chosen in it."""

    form: RequestForm
    types: Pairs
    services: Pairs
    customers: Pairs
    locations: Pairs


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One entry, what it does (or would do) to every figure, and the form to decide; `is_own` when the reader asked."""

    entry: Entry
    effects: Sequence[Effect | KeptEffect]
    form: DecisionForm
    is_own: bool


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """The register as one customer reads it, with what each entry did to their figures."""

    customer: customers.Customer
    lines: Sequence[tuple[Entry, Sequence[KeptEffect]]]
    after: UUID | None


@blueprint.get("/exclusions")
@access.public
@prepared(reads_query=True)
def show_public() -> ResponseReturnValue:
    """Show anybody the entries everybody may read."""
    found = exclusion_register.public_entries(db.session(), _after())
    page = RegisterPage(found, provider.site(db.session()).timezone)
    return render_template("exclusions/public.html", page=page)


@blueprint.get("/staff/exclusions")
@access.requires(Permission.SEE_REGISTER)
def desk() -> ResponseReturnValue:
    """Show the register to staff."""
    page = RegisterPage(exclusion_register.entries(db.session(), _after()), provider.site(db.session()).timezone)
    return render_template("exclusions/desk.html", page=page)


@blueprint.get("/staff/exclusions.csv")
@access.requires(Permission.SEE_REGISTER)
def desk_csv() -> ResponseReturnValue:
    """Hand the whole register out."""
    return spreadsheets.answer("exclusions", HEADER, _rows(exclusion_register.all_entries(db.session())))


@blueprint.get("/staff/exclusions/new")
@access.requires(Permission.REQUEST_EXCLUSIONS)
def begin() -> ResponseReturnValue:
    """Show the form to ask that time does not count."""
    return _request_page(RequestForm(data={"services": [], "customers": [], "locations": []}))


@blueprint.post("/staff/exclusions")
@access.requires(Permission.REQUEST_EXCLUSIONS)
def ask() -> ResponseReturnValue:
    """Ask that time does not count."""
    form, now = RequestForm(), clock.now()
    try:
        timezone = provider.site(db.session()).timezone
        asked = exclusion_decisions.read_draft(db.session(), _draft(form), timezone, now)
    except Invalid as refusal:
        form[refusal.field].errors = [refusal.sentence]
        return _request_page(form), 422
    exclusion = exclusion_decisions.request(db.session(), access.reader(), asked, now)
    flash("It is in the register. Somebody else has to approve it before it counts.")
    return redirect(url_for("exclusions.show", exclusion=exclusion), 303)


@blueprint.get("/staff/exclusions/<uuid:exclusion>")
@access.requires(Permission.SEE_REGISTER)
def show(exclusion: UUID) -> ResponseReturnValue:
    """Show one entry with its effect on every figure it touches, and the forms to decide."""
    return _entry_page(exclusion, DecisionForm())


@blueprint.post("/staff/exclusions/<uuid:exclusion>/approve")
@access.requires(Permission.APPROVE_EXCLUSIONS)
def approve(exclusion: UUID) -> ResponseReturnValue:
    """Let it not count."""
    form, one_may = DecisionForm(), current_app.extensions["settings"].single_operator
    try:
        words = form.words.data or ""
        exclusion_decisions.approve(db.session(), access.reader(), exclusion, words, clock.now(), one_may=one_may)
    except Invalid as refusal:
        return _refused(exclusion, form, refusal)
    flash("Approved. It does not count from now on.")
    return redirect(url_for("exclusions.show", exclusion=exclusion), 303)


@blueprint.post("/staff/exclusions/<uuid:exclusion>/reject")
@access.requires(Permission.APPROVE_EXCLUSIONS)
def reject(exclusion: UUID) -> ResponseReturnValue:
    """Let it count as any other time."""
    form = DecisionForm()
    try:
        exclusion_decisions.reject(db.session(), access.reader(), exclusion, form.words.data or "", clock.now())
    except Invalid as refusal:
        return _refused(exclusion, form, refusal)
    flash("Rejected. Whom it was for reads your reason.")
    return redirect(url_for("exclusions.show", exclusion=exclusion), 303)


@blueprint.post("/staff/exclusions/<uuid:exclusion>/withdraw")
@access.requires(Permission.REQUEST_EXCLUSIONS)
def withdraw(exclusion: UUID) -> ResponseReturnValue:
    """Take it back."""
    form = DecisionForm()
    try:
        exclusion_decisions.withdraw(db.session(), access.reader(), exclusion, form.words.data or "", clock.now())
    except Invalid as refusal:
        return _refused(exclusion, form, refusal)
    flash("Withdrawn. Its time counts again.")
    return redirect(url_for("exclusions.show", exclusion=exclusion), 303)


@blueprint.get("/c/<uuid:customer>/exclusions")
@access.requires(Permission.SEE_CUSTOMER)
def of_customer(customer: UUID) -> ResponseReturnValue:
    """Show a customer the register as far as it concerns them."""
    found = exclusion_register.entries(db.session(), _after())
    did = exclusion_register.kept_effects(
        db.session(), found.entries, with_money=access.reader().may(Permission.SEE_MONEY, customer)
    )
    page = CustomerPage(
        customers.customer(db.session(), customer), [(one, did.get(one.id, ())) for one in found.entries], found.after
    )
    return render_template("exclusions/customer.html", page=page)


@blueprint.get("/c/<uuid:customer>/exclusions.csv")
@access.requires(Permission.SEE_CUSTOMER)
def of_customer_csv(customer: UUID) -> ResponseReturnValue:
    """Hand a customer the register as far as it concerns them."""
    return spreadsheets.answer(f"exclusions-{customer}", HEADER, _rows(exclusion_register.all_entries(db.session())))


def _draft(form: RequestForm) -> Draft:
    return Draft(
        type=form.type.data or "",
        start=form.start.data or "",
        end=form.end.data or "",
        announced_at=form.announced_at.data or "",
        reason=form.reason.data or "",
        evidence_link=form.evidence_link.data or "",
        is_public=bool(form.is_public.data),
        services=form.services.data or (),
        customers=form.customers.data or (),
        locations=form.locations.data or (),
    )


def _request_page(form: RequestForm) -> str:
    offered: Choices = exclusion_decisions.choices(db.session())
    page = RequestPage(
        form=form,
        types=[(one, one.replace("_", " ")) for one in offered.types],
        services=_pairs(offered.services),
        customers=_pairs(offered.customers),
        locations=_pairs(offered.locations),
    )
    return render_template("exclusions/new.html", page=page)


def _entry_page(exclusion: UUID, form: DecisionForm) -> str:
    session = db.session()
    found = exclusion_register.entry(session, exclusion)
    did = exclusion_register.kept_effects(session, [found]).get(found.id, ())
    shown = did or effects(session, window_of(found), clock.now())
    return render_template(
        "exclusions/entry.html", page=EntryPage(found, shown, form, found.requested_by == access.reader().id)
    )


def _refused(exclusion: UUID, form: DecisionForm, refusal: Invalid) -> ResponseReturnValue:
    form[refusal.field].errors = [refusal.sentence]
    return _entry_page(exclusion, form), 422


def _rows(found: Iterable[Entry]) -> Iterable[Sequence[spreadsheets.Cell]]:
    for one in found:
        decided = one.decided
        yield (
            str(one.id),
            one.type,
            formats.iso(one.start),
            formats.iso(one.end),
            formats.iso(one.announced_at) if one.announced_at is not None else None,
            formats.iso(one.entered_at),
            _names(one.services),
            "all" if one.customers is None else _names(one.customers),
            _names(one.locations) or "all",
            one.reason,
            one.evidence_link,
            one.standing.value,
            formats.iso(decided.at) if decided else None,
            decided.words if decided else None,
        )


def _names(found: Sequence[exclusion_register.Named]) -> str:
    return ", ".join(one.name for one in found)


def _pairs(found: Sequence[tuple[UUID, str]]) -> Pairs:
    return [(str(key), name) for key, name in found]


def _after() -> UUID | None:
    """The entry a list goes on after; `?at=` begins it with an entry, which is after the next higher id."""
    at, after = request.args.get("at", ""), request.args.get("after", "")
    try:
        return UUID(int=min(UUID(at).int + 1, HIGHEST_ID)) if at else UUID(after) if after else None
    except ValueError:
        return None
