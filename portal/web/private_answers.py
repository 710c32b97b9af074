"""What is told about one customer to a calendar or a feed reader, as far as the person it is told to may see it."""

from uuid import UUID

from flask import Response, current_app, request, url_for

from portal import clock
from portal.database import db
from portal.domain.notices.phrases import phrase
from portal.domain.people.person import Person
from portal.usecases.configuration import provider
from portal.usecases.customer import deadlines, news
from portal.usecases.customer.deadlines import Deadline
from portal.usecases.customer.news import News
from portal.usecases.people import customers
from portal.usecases.people.subscriptions import Kind as Subscribed
from portal.web import calendars, markdown
from portal.web.calendars import Entry
from portal.web.feeds import Feed, Item, Kind, render
from portal.web.formats import word
from portal.web.saying import say

FILES = {"deadlines.ics": Subscribed.CALENDAR, "news.atom": Subscribed.FEED, "news.rss": Subscribed.FEED}
"""What an address of each kind opens, by name."""


def calendar(customer: UUID, reader: Person) -> Response:
    """Return the deadlines of the scope's customer as iCalendar, in the language of the answer."""
    session = db.session()
    site, whose = provider.site(session).name, customers.customer(session, customer).name
    name = say(phrase("{provider}: deadlines of {customer}", provider=site, customer=whose))
    found = deadlines.deadlines(session, customer, reader, clock.now())
    content = calendars.deadlines(name, [_entry(customer, one) for one in found])
    return _private(Response(content, content_type=f"{calendars.MEDIA_TYPE}; charset=utf-8"))


def feed(customer: UUID, reader: Person, kind: Kind) -> Response:
    """Return what happened to the scope's customer as a feed, in the language of the answer."""
    session = db.session()
    site, whose = provider.site(session).name, customers.customer(session, customer).name
    home = full(url_for("customers.overview", customer=customer))
    told = Feed(
        address=f"{home}/news.{'rss' if kind is Kind.RSS else 'atom'}",
        page=home,
        title=say(phrase("{provider}: news for {customer}", provider=site, customer=whose)),
        subtitle=say(phrase("Incidents of your services, statements and credits of {customer}.", customer=whose)),
        author=site,
        items=tuple(_item(customer, one) for one in news.news(session, customer, reader)),
        language=reader.language.value,
    )
    return _private(Response(render(told, kind), content_type=f"{kind.value}; charset=utf-8"))


def full(path: str) -> str:
    """Return the full address of a path, by the setting and never by what a request said."""
    return f"{current_app.extensions['settings'].external_url}{path}"


def _entry(customer: UUID, one: Deadline) -> Entry:
    at = clock.instant(one.until)
    return Entry(f"{one.key}@sla-portal", full(_leads_to(customer, one)), say(one.title), say(one.words), at, at)


def _leads_to(customer: UUID, one: Deadline) -> str:
    if one.statement_id is not None:
        return url_for("statements.show", customer=customer, statement=one.statement_id)
    return url_for("coming.show", customer=customer)


def _item(customer: UUID, one: News) -> Item:
    is_statement = one.kind is news.Kind.STATEMENT
    endpoint = "statements.show" if is_statement else "incidents.show"
    about = {"customer": customer, "statement": one.about} if is_statement else {"incident": one.about}
    address = full(url_for(endpoint, **about))  # type: ignore[arg-type]  # the arguments of a rule
    title = one.title if one.state is None else phrase("{title}: {state}", title=one.title, state=word(one.state))
    return Item(f"urn:sla-portal:{one.key}", address, say(title), str(markdown.render(say(one.body))), one.at)


def _private(response: Response) -> Response:
    """What one address answers is nobody else's to keep; unchanged, it is not sent twice."""
    response.add_etag()
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response
