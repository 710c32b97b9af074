"""Deadlines as a list and a calendar; private addresses show what their maker may see, until they are revoked (K1)."""

import html
import re
from urllib.parse import urlsplit

import feedparser
import pytest
from flask.testing import FlaskClient
from icalendar import Calendar
from lxml.html import document_fromstring
from sqlalchemy import delete, select

from portal import clock
from portal.database import db
from portal.domain.people.languages import Language
from portal.store.people import people
from portal.store.people.people import MembershipRow
from portal.store.people.subscriptions import SubscriptionRow
from portal.usecases.closing import closing
from tests import customers
from tests.web.conftest import Browse, World, post, writing
from tests.web.test_closing import DOWN_40_MIN, one, url

ADDRESS = re.compile(r"http://[^<\s]+/private/[^</\s]+/[^<\s]+")


@pytest.fixture
def due(world: World) -> World:
    """Initech may claim a credit, dispute a statement and answer a coming version."""
    with writing(world.app) as session:
        agreement = customers.agreement(session, "claiming")
        told = {
            "claim": {"required": True, "deadline": {"type": "days_after_period_end", "days": 1000}},
            "restatement": {"policy": "frozen", "dispute_days": 3000},
            "commitment": customers.PER_MINUTE,
        }
        customers.version(session, agreement, customers.terms_document("claiming", **told))
        later = {**told, "commitment": {**customers.PER_MINUTE, "target_percent": "99"}}
        customers.version(session, agreement, customers.terms_document("claiming", 2, "2199-01-01", **later))
        customers.contract(session, world.house.initech, agreement, "initech-claiming", {"api": world.house.api})
        customers.runs(session, 1, DOWN_40_MIN)
    with world.app.app_context():
        closing.close(db.session(), "2026-10", clock.now())
    return world


def events(answer: bytes) -> list[str]:
    calendar = Calendar.from_ical(answer)
    assert all(event["DTSTART"].dt.utcoffset().total_seconds() == 0 for event in calendar.walk("VEVENT"))
    return [str(event["SUMMARY"]).split(" ")[0] for event in calendar.walk("VEVENT")]


def made(client: FlaskClient, world: World, kind: str) -> list[str]:
    answer = post(client, url(world, "initech", "subscriptions"), {"kind": kind, "name": "My <phone>"})
    assert "My &lt;phone&gt;" in answer.text
    return [urlsplit(html.unescape(found)).path for found in ADDRESS.findall(answer.text)]


def test_deadlines_stand_in_the_list_and_in_the_calendar_as_far_as_the_reader_may_see_them(
    client: FlaskClient, due: World, sign_in: Browse
) -> None:
    sign_in(client, due.people["initech owner"])
    page = client.get(url(due, "initech", "deadlines")).text
    for words in ("Claim EUR ", "Dispute INITECH-CLAIMING-2026-10", "Answer version 2 of ", "not answered yet"):
        assert words in page
    calendar = client.get(url(due, "initech", "deadlines.ics"))
    assert calendar.mimetype == "text/calendar"
    assert sorted(events(calendar.data)) == ["Answer", "Claim", "Dispute"]
    assert client.get(url(due, "initech", "deadlines.ics")).data == calendar.data
    sign_in(client, due.people["initech member"])
    assert events(client.get(url(due, "initech", "deadlines.ics")).data) == ["Answer"]
    assert "EUR" not in client.get(url(due, "initech", "deadlines")).text


def test_a_private_address_opens_one_thing_without_a_session_until_it_is_revoked(
    client: FlaskClient, due: World, sign_in: Browse
) -> None:
    sign_in(client, due.people["initech owner"])
    assert post(client, url(due, "initech", "subscriptions"), {"kind": "all", "name": "x"}).status_code == 422
    assert post(client, url(due, "initech", "subscriptions"), {"kind": "feed", "name": " "}).status_code == 422
    (calendar,) = made(client, due, "calendar")
    token = calendar.split("/")[-2]
    stranger = due.app.test_client()
    assert sorted(events(stranger.get(calendar).data)) == ["Answer", "Claim", "Dispute"]
    assert token not in client.get(url(due, "initech", "subscriptions")).text
    assert token not in str(one(due, SubscriptionRow).__dict__)
    for path in (
        calendar.replace(token, token[::-1]),
        calendar.replace("deadlines.ics", "news.atom"),
        calendar.replace(str(due.house.initech), str(due.house.globex)),
    ):
        assert stranger.get(path).status_code == 404
    key = one(due, SubscriptionRow).id
    sign_in(client, due.people["initech member"])
    assert post(client, url(due, "initech", f"subscriptions/{key}/revoke"), {}).status_code == 404
    sign_in(client, due.people["initech owner"])
    assert post(client, url(due, "initech", f"subscriptions/{key}/revoke"), {}).status_code == 303
    assert stranger.get(calendar).status_code == 404


def test_a_private_feed_tells_what_its_maker_may_see_and_ends_with_their_membership(
    client: FlaskClient, due: World, sign_in: Browse
) -> None:
    sign_in(client, due.people["initech owner"])
    atom, rss = made(client, due, "feed")
    stranger = due.app.test_client()
    answer = stranger.get(atom)
    told = feedparser.parse(answer.data)
    assert not told.bozo
    titles = [entry.title for entry in told.entries]
    assert any(title.startswith("INITECH-CLAIMING-2026-10") for title in titles)
    assert any(title.endswith("is owed") for title in titles)
    assert stranger.get(atom, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert len(feedparser.parse(stranger.get(rss).data).entries) == len(titles)
    assert "private" in answer.headers["Cache-Control"]
    sign_in(client, due.people["initech member"])
    for_member, _ = made(client, due, "feed")
    assert "is owed" not in stranger.get(for_member).text
    with writing(due.app) as session:
        owner = due.people["initech owner"].id
        assert session.scalars(select(MembershipRow.role).where(MembershipRow.user_id == owner)).one() == "owner"
        session.execute(delete(MembershipRow).where(MembershipRow.user_id == owner))
    assert stranger.get(atom).status_code == 404


def test_a_private_address_is_answered_in_the_language_of_its_maker(
    client: FlaskClient, due: World, sign_in: Browse
) -> None:
    owner = due.people["initech owner"]
    sign_in(client, owner)
    (calendar,) = made(client, due, "calendar")
    atom, rss = made(client, due, "feed")
    with writing(due.app) as session:
        people.set_language(session, owner.id, Language.GERMAN)
    stranger = due.app.test_client()
    told = feedparser.parse(stranger.get(atom).data)
    assert told.feed.title == "Northwind Cloud: Neues für Initech"
    assert any(entry.title.endswith("steht Ihnen zu") for entry in told.entries)
    assert "<language>de</language>" in stranger.get(rss).text
    summaries = [str(one["SUMMARY"]) for one in Calendar.from_ical(stranger.get(calendar).data).walk("VEVENT")]
    assert any(one.startswith("Einspruch gegen INITECH-CLAIMING-2026-10") for one in summaries)


def test_the_secret_of_a_private_address_may_come_as_a_password_instead(
    client: FlaskClient, due: World, sign_in: Browse
) -> None:
    sign_in(client, due.people["initech owner"])
    (calendar,) = made(client, due, "calendar")
    token, plain = calendar.split("/")[-2], url(due, "initech", "private/deadlines.ics")
    stranger = due.app.test_client()
    answer = stranger.get(plain, auth=("any name", token))
    assert sorted(events(answer.data)) == ["Answer", "Claim", "Dispute"]
    assert {"Authorization", "private, no-cache"} <= {answer.headers["Vary"], answer.headers["Cache-Control"]}
    refused = [
        stranger.get(plain),
        stranger.get(plain, auth=("any name", token[::-1])),
        stranger.get(plain, headers={"Authorization": f"Bearer {token}"}),
        stranger.get(plain, headers={"Authorization": "Basic %%%"}),
        stranger.get(url(due, "initech", "private/news.rss"), auth=("any name", token)),
        stranger.get(url(due, "globex", "private/deadlines.ics"), auth=("any name", token)),
        client.get(plain),
    ]
    assert {(one.status_code, one.headers["WWW-Authenticate"].split()[0]) for one in refused} == {(401, "Basic")}


def test_the_month_of_a_deadline_links_its_day_to_what_it_is_about_and_to_the_list(
    client: FlaskClient, due: World, sign_in: Browse
) -> None:
    sign_in(client, due.people["initech owner"])
    page = document_fromstring(client.get(url(due, "initech", "deadlines?month=2198-12")).text)
    assert len(page.xpath("//table[@class='calendar']/thead//th[@scope='col']")) == 7
    (day,) = page.xpath("//td[@class='due']")
    assert set(day.xpath(".//time/@datetime")) == {"2198-12-31"}
    assert day.xpath(".//li/a/@href") == [url(due, "initech", "coming")]
    (mark,) = day.xpath("a[contains(@class, 'mark')]/@href")
    assert "Answer version 2 of " in page.get_element_by_id(mark[1:]).text_content()
    assert not page.xpath("//td[@aria-current]")
    turns = page.xpath("//nav[@aria-label='Months']/a/@href")
    assert [one.split("?")[1] for one in turns] == ["month=2198-11#month", "month=2199-01#month"]


def test_an_empty_month_says_so_and_leads_to_the_next_deadline(
    client: FlaskClient, due: World, sign_in: Browse
) -> None:
    sign_in(client, due.people["initech member"])
    page = document_fromstring(client.get(url(due, "initech", "deadlines")).text)
    assert "No deadline falls into this month." in page.text_content()
    (following,) = page.xpath("//a[starts-with(., 'The next one is in')]/@href")
    assert following.endswith("month=2198-12#month")
    assert len(page.xpath("//table[@class='calendar']//td[@aria-current='date']")) == 1


def test_many_deadlines_of_one_day_are_named_as_far_as_they_fit(
    client: FlaskClient, due: World, sign_in: Browse
) -> None:
    with writing(due.app) as session:
        for number in range(4):
            agreement = customers.agreement(session, f"later-{number}")
            customers.version(session, agreement, customers.terms_document(f"later-{number}"))
            customers.version(session, agreement, customers.terms_document(f"later-{number}", 2, "2199-01-01"))
            customers.contract(session, due.house.initech, agreement, f"later-{number}", {"api": due.house.api})
    sign_in(client, due.people["initech owner"])
    page = document_fromstring(client.get(url(due, "initech", "deadlines?month=2198-12")).text)
    links = page.xpath("//td[@class='due']//li/a")
    assert [link.text for link in links][3:] == ["and 2 more"]
    assert page.get_element_by_id(links[3].get("href")[1:]) is not None


@pytest.mark.parametrize(("language", "first", "last"), [("en", "Monday", "Sunday"), ("ja", "日曜日", "土曜日")])
def test_a_week_begins_as_it_does_where_the_language_is_read(
    client: FlaskClient, due: World, sign_in: Browse, language: str, first: str, last: str
) -> None:
    owner = due.people["initech owner"]
    sign_in(client, owner)
    with writing(due.app) as session:
        people.set_language(session, owner.id, Language(language))
    page = document_fromstring(client.get(url(due, "initech", "deadlines")).text)
    names = page.xpath("//table[@class='calendar']//th/span[@class='unseen']/text()")
    assert (names[0], names[-1]) == (first, last)


def test_a_month_that_is_none_is_not_found(client: FlaskClient, due: World, sign_in: Browse) -> None:
    sign_in(client, due.people["initech owner"])
    for month in ("x", "2026-13", "9999-01", "%00", "2026-10-01", "2026-12%0A", "0000-00"):
        assert client.get(url(due, "initech", f"deadlines?month={month}")).status_code == 404, month
    assert client.get(url(due, "initech", "deadlines?month=")).status_code == 200
