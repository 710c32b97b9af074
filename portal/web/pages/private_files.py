"""What calendars and feed readers fetch without a session: by a secret in the address, or by HTTP Basic (K1)."""

from uuid import UUID

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from portal.database import db
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import NotFound
from portal.usecases.groundwork import scopes
from portal.usecases.people import subscriptions
from portal.usecases.people.subscriptions import Kind
from portal.web import access, feeds, languages, private_answers
from portal.web.private_answers import FILES
from portal.web.saying import say

blueprint = Blueprint("private_files", __name__)
FILE = '<any("deadlines.ics", "news.atom", "news.rss"):file>'
FEEDS = {"news.atom": feeds.Kind.ATOM, "news.rss": feeds.Kind.RSS}
REALM = 'Basic realm="private addresses", charset="UTF-8"'


@blueprint.get(f"/c/<uuid:customer>/private/<token>/{FILE}")
@access.public
def by_address(customer: UUID, token: str, file: str) -> ResponseReturnValue:
    """Answer a file to whoever has the secret in the address."""
    return _answer(customer, token, file)


@blueprint.get(f"/c/<uuid:customer>/private/{FILE}")
@access.public
def by_password(customer: UUID, file: str) -> ResponseReturnValue:
    """Answer a file to whoever gives the secret as the password of HTTP Basic, by any name; else ask for it."""
    given = request.authorization
    try:
        answer = _answer(customer, (given.password if given else None) or "", file)
    except NotFound:
        answer = Response(
            say(phrase("Give the secret of a private address as the password, with any name.")),
            401,
            {"WWW-Authenticate": REALM},
            content_type="text/plain; charset=utf-8",
        )
    answer.vary.add("Authorization")
    return answer


def _answer(customer: UUID, secret: str, file: str) -> Response:
    with scopes.customer(customer):
        reader = subscriptions.reader_behind(db.session(), customer, secret, FILES[file])
        with languages.spoken(reader.language):
            if FILES[file] is Kind.CALENDAR:
                return private_answers.calendar(customer, reader)
            return private_answers.feed(customer, reader, FEEDS[file])
