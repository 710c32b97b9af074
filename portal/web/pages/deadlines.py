"""Deadlines as a list and as a calendar, and private addresses for calendars and feed readers."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import StringField

from portal import clock
from portal.database import db
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Invalid
from portal.domain.people.person import Person
from portal.domain.people.roles import Permission
from portal.usecases.configuration import provider
from portal.usecases.customer import deadlines, news
from portal.usecases.customer.deadlines import Deadline
from portal.usecases.customer.news import News
from portal.usecases.groundwork import scopes
from portal.usecases.people import customers, subscriptions
from portal.usecases.people.subscriptions import Made, Subscription
from portal.web import access, deadline_calendar, languages, markdown
from portal.web.deadline_calendar import Entry
from portal.web.feeds import Feed, Item, Kind, render
from portal.web.formats import word
from portal.web.saying import say

blueprint = Blueprint("deadlines", __name__)
PRIVATE = "/c/<uuid:customer>/private/<token>"
KINDS = (
    (subscriptions.Kind.CALENDAR.value, phrase("A calendar of our deadlines")),
    (subscriptions.Kind.FEED.value, phrase("A feed of our incidents, statements and credits")),
)


class SubscribeForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """What an address opens, and what its maker calls it."""

    kind = StringField(phrase("What"), default=KINDS[0][0])
    name = StringField(phrase("Where will you use it?"))


@dataclass(frozen=True, slots=True)
class DeadlinesPage:
    """What may still be done until a date, the next first."""

    customer: customers.Customer
    deadlines: Sequence[Deadline]


@dataclass(frozen=True, slots=True)
class SubscriptionsPage:
    """The reader's private addresses and the form to make one; `made` are the addresses of the one just made."""

    customer: customers.Customer
    subscriptions: Sequence[Subscription]
    form: SubscribeForm
    kinds: Sequence[tuple[str, str]]
    made: Sequence[str]


@blueprint.get("/c/<uuid:customer>/deadlines")
@access.requires(Permission.SEE_CUSTOMER)
def show(customer: UUID) -> ResponseReturnValue:
    """Show what may still be done until a date."""
    session = db.session()
    found = deadlines.deadlines(session, customer, access.reader(), clock.now())
    page = DeadlinesPage(customers.customer(session, customer), found)
    return render_template("deadlines/list.html", page=page)


@blueprint.get("/c/<uuid:customer>/deadlines.ics")
@access.requires(Permission.SEE_CUSTOMER)
def calendar(customer: UUID) -> ResponseReturnValue:
    """Hand out the deadlines as a calendar to keep."""
    return _calendar(customer, access.reader())


@blueprint.get("/c/<uuid:customer>/subscriptions")
@access.requires(Permission.SUBSCRIBE)
def list_all(customer: UUID) -> ResponseReturnValue:
    """Show the reader's private addresses."""
    return _subscriptions(customer, SubscribeForm())


@blueprint.post("/c/<uuid:customer>/subscriptions")
@access.requires(Permission.SUBSCRIBE)
def make(customer: UUID) -> ResponseReturnValue:
    """Make a private address and show it, this once."""
    form = SubscribeForm()
    kind, name = form.kind.data or "", form.name.data or ""
    try:
        made = subscriptions.make(db.session(), customer, access.reader(), kind, name, clock.now())
    except Invalid as refusal:
        form[refusal.field].errors = [refusal.sentence]
        return _subscriptions(customer, form), 422
    return _subscriptions(customer, SubscribeForm(formdata=None), _addresses(customer, made))


@blueprint.post("/c/<uuid:customer>/subscriptions/<uuid:subscription>/revoke")
@access.requires(Permission.SUBSCRIBE)
def revoke(customer: UUID, subscription: UUID) -> ResponseReturnValue:
    """Revoke a private address."""
    subscriptions.revoke(db.session(), access.reader(), subscription, clock.now())
    flash(say(phrase("That address opens nothing any more.")))
    return redirect(url_for("deadlines.list_all", customer=customer), 303)


@blueprint.get(f"{PRIVATE}/deadlines.ics")
@access.public
def private_calendar(customer: UUID, token: str) -> ResponseReturnValue:
    """Answer the deadlines to a calendar that has the secret."""
    with scopes.customer(customer):
        reader = subscriptions.reader_behind(db.session(), customer, token, subscriptions.Kind.CALENDAR)
        with languages.spoken(reader.language):
            return _calendar(customer, reader)


@blueprint.get(f"{PRIVATE}/news.rss")
@access.public
def private_rss(customer: UUID, token: str) -> ResponseReturnValue:
    """Answer what happened to a feed reader that has the secret, as RSS 2.0."""
    return _feed(customer, token, Kind.RSS)


@blueprint.get(f"{PRIVATE}/news.atom")
@access.public
def private_atom(customer: UUID, token: str) -> ResponseReturnValue:
    """Answer what happened to a feed reader that has the secret, as Atom."""
    return _feed(customer, token, Kind.ATOM)


def _subscriptions(customer: UUID, form: SubscribeForm, made: Sequence[str] = ()) -> str:
    session = db.session()
    mine = subscriptions.listed(session, access.reader())
    page = SubscriptionsPage(customers.customer(session, customer), mine, form, KINDS, made)
    return render_template("deadlines/subscriptions.html", page=page)


def _addresses(customer: UUID, made: Made) -> Sequence[str]:
    calendar = made.kind is subscriptions.Kind.CALENDAR
    endpoints = ("private_calendar",) if calendar else ("private_atom", "private_rss")
    return [_full(url_for(f"deadlines.{one}", customer=customer, token=made.token)) for one in endpoints]


def _calendar(customer: UUID, reader: Person) -> Response:
    session = db.session()
    site, whose = provider.site(session).name, customers.customer(session, customer).name
    name = say(phrase("{provider}: deadlines of {customer}", provider=site, customer=whose))
    found = deadlines.deadlines(session, customer, reader, clock.now())
    content = deadline_calendar.render(name, [_entry(customer, one) for one in found])
    return _private(Response(content, content_type=f"{deadline_calendar.MEDIA_TYPE}; charset=utf-8"))


def _entry(customer: UUID, one: Deadline) -> Entry:
    at = clock.instant(one.until)
    return Entry(f"{one.key}@sla-portal", _full(_leads_to(customer, one)), say(one.title), say(one.words), at, at)


def _leads_to(customer: UUID, one: Deadline) -> str:
    if one.statement_id is not None:
        return url_for("statements.show", customer=customer, statement=one.statement_id)
    return url_for("coming.show", customer=customer)


def _feed(customer: UUID, token: str, kind: Kind) -> Response:
    session = db.session()
    with scopes.customer(customer):
        reader = subscriptions.reader_behind(session, customer, token, subscriptions.Kind.FEED)
        with languages.spoken(reader.language):
            content = render(_told(customer, reader, kind), kind)
    return _private(Response(content, content_type=f"{kind.value}; charset=utf-8"))


def _told(customer: UUID, reader: Person, kind: Kind) -> Feed:
    session = db.session()
    site, whose = provider.site(session).name, customers.customer(session, customer).name
    home = _full(url_for("customers.overview", customer=customer))
    return Feed(
        address=f"{home}/news.{'rss' if kind is Kind.RSS else 'atom'}",
        page=home,
        title=say(phrase("{provider}: news for {customer}", provider=site, customer=whose)),
        subtitle=say(phrase("Incidents of your services, statements and credits of {customer}.", customer=whose)),
        author=site,
        items=tuple(_item(customer, one) for one in news.news(session, customer, reader)),
        language=reader.language.value,
    )


def _item(customer: UUID, one: News) -> Item:
    is_statement = one.kind is news.Kind.STATEMENT
    endpoint = "statements.show" if is_statement else "incidents.show"
    about = {"customer": customer, "statement": one.about} if is_statement else {"incident": one.about}
    address = _full(url_for(endpoint, **about))  # type: ignore[arg-type]  # the arguments of a rule
    title = one.title if one.state is None else phrase("{title}: {state}", title=one.title, state=word(one.state))
    return Item(f"urn:sla-portal:{one.key}", address, say(title), str(markdown.render(say(one.body))), one.at)


def _private(response: Response) -> Response:
    """What one address answers is nobody else's to keep; unchanged, it is not sent twice."""
    response.add_etag()
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response


def _full(path: str) -> str:
    return f"{current_app.extensions['settings'].external_url}{path}"
