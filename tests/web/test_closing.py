"""Closed periods in the browser: closed, read, approved, issued, claimed, disputed; by whom it may be, once."""

import csv
import hashlib
import re
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal import clock
from portal.database import db
from portal.store.ground.tenancy import provider_scope
from portal.store.settling.disputes import DisputeRow
from portal.store.settling.ledger import CreditRow
from portal.store.settling.statements import StatementRow
from portal.usecases.closing import closing
from tests import customers
from tests.web.conftest import Browse, World, post, writing
from tests.web.hostile import rows_digest

BEFORE, UNTIL = "2026-07-31 00:00", "2026-11-02 12:00"
DOWN_40_MIN = [
    ("up", BEFORE, "2026-10-10 07:59"),
    ("down", "2026-10-10 08:00", "2026-10-10 08:39"),
    ("up", "2026-10-10 08:40", UNTIL),
]
BRIEF_DAYS, LONG_DAYS = 30, 1_000
"""How long a credit can be claimed: one that is over whenever these tests run, and one that is open until 2029."""


def url(world: World, customer: str, rest: str) -> str:
    return f"/c/{getattr(world.house, customer)}/{rest}"


def rows(world: World) -> dict[str, str]:
    """Every table's content but the sessions, which signing in makes."""
    return {name: text for name, text in rows_digest(world.app).items() if name != "user_session"}


def close(world: World, month: str = "2026-10") -> None:
    with world.app.app_context():
        closing.close(db.session(), month, clock.now())


@pytest.fixture
def closed(world: World) -> World:
    """October, closed: 40 minutes down of API; nobody measured the storage of Globex, so that one waits."""
    with writing(world.app) as session:
        customers.runs(session, 1, DOWN_40_MIN)
    close(world)
    return world


def one(world: World, row: Any) -> Any:
    with world.app.app_context(), provider_scope():
        return db.session().scalars(select(row)).one()


def credit(world: World) -> CreditRow:
    found: CreditRow = one(world, CreditRow)
    return found


def statement(world: World) -> UUID:
    with world.app.app_context(), provider_scope():
        customer = world.house.initech
        question = select(StatementRow.id).where(StatementRow.customer_id == customer)
        return db.session().scalars(question.order_by(StatementRow.revision.desc())).first() or UUID(int=0)


def test_a_month_is_closed_at_the_desk_and_read_by_the_customer(
    client: FlaskClient, world: World, sign_in: Browse
) -> None:
    with writing(world.app) as session:
        customers.runs(session, 1, DOWN_40_MIN)
    sign_in(client, world.people["manager"])
    page = client.get("/staff/closing?month=2026-10").text
    assert "2 periods of October 2026 are over and open, 0 closed." in page
    sure = f"/staff/closing/{world.house.initech_contract}/2026-10-01"
    assert "Enough is known of this period. The next close closes it." in client.get(sure).text
    assert post(client, "/staff/closing", {"month": "2026-10"}).status_code == 303
    page = client.get("/staff/closing?month=2026-10").text
    assert "1 closed now, 1 still open." in page
    assert "1 period of October 2026 is over and open, 1 closed." in page
    assert "It is closed." in client.get(sure).text
    assert 'name="ruling"' not in client.get(sure).text
    for none in (f"{world.house.initech_contract}/2026-10-02", f"{world.house.api}/2026-10-01", f"{world.house.api}/x"):
        assert client.get(f"/staff/closing/{none}").status_code == 404
    assert "initech-platinum,2026-10-01,closed" in client.get("/staff/closing.csv?month=2026-10").text
    sign_in(client, world.people["initech owner"])
    history = client.get(url(world, "initech", "statements")).text
    assert "99.910\xa0%" in history
    found = url(world, "initech", f"statements/{statement(world)}")
    assert "A promise was broken. USD 400.00 is owed." in client.get(found).text
    assert "40 min" in client.get(f"{found}/api/availability").text
    assert '"schema":"sla-working/1"' in client.get(f"{found}/api/availability/working.json").text
    document = client.get(f"{found}/statement.json")
    assert '"schema":"sla-statement/1"' in document.text
    assert hashlib.sha256(document.data).hexdigest() in client.get(found).text
    assert "99.910,breached,400.00,USD" in client.get(f"{found}/statement.csv").text
    table = client.get(url(world, "initech", "ledger.csv")).text
    assert "issued_in_all,reference,by,one_person_did_both\r\n" in table
    assert ",400.00,USD,0.00,,Mara,no\r\n" in table
    assert "Nothing has been issued to you yet." in client.get(url(world, "initech", "ledger")).text


def test_the_overview_shows_each_closed_period_and_leads_to_why_it_paid(
    client: FlaskClient, closed: World, sign_in: Browse
) -> None:
    overview, square = (
        f"/c/{closed.house.initech}",
        r'<a class="square down"\s+href="([^"]+)"><span aria-hidden="true">',
    )
    sign_in(client, closed.people["initech owner"])
    page = client.get(overview).text
    found = re.search(square + "−40\xa0%</span>", page)
    assert found
    assert "API, availability, Oct 26: 99.910\xa0%, breached" in page
    assert "kept 0 of 1" in page
    assert "USD 400.00" in page
    why = client.get(found[1]).text
    assert "credit, 40\xa0% of the fee" in why
    assert "/evidence/api?from=2026-10-10T08:00:00Z&amp;until=2026-10-10T08:40:00Z" in why
    sign_in(client, closed.people["initech member"])
    page = client.get(overview).text
    assert re.search(square + "✕</span>", page)
    assert "400.00" not in page


def test_a_statements_csv_has_a_row_for_each_version_that_judged_its_own_time_and_the_credit_once(
    client: FlaskClient, world: World, sign_in: Browse
) -> None:
    """From 16 October on 95 % are promised; the API is down for 40 minutes before that."""
    changed = {"commitment": {"target_percent": "95"}}
    with writing(world.app) as session:
        customers.runs(session, 1, DOWN_40_MIN)
        agreement = customers.agreement(session, "changing")
        customers.version(session, agreement, customers.terms_document("changing", version_change="split"))
        later = customers.terms_document("changing", 2, "2026-10-16", version_change="split", **changed)
        customers.version(session, agreement, later)
        customers.contract(session, world.house.initech, agreement, "changing-1", {"api": world.house.api})
    with world.app.app_context():
        closing.close(db.session(), "2026-10", clock.now())
    with world.app.app_context(), provider_scope():
        question = select(StatementRow).where(StatementRow.period == "2026-10-01")
        found = next(row for row in db.session().scalars(question) if "changing-1" in row.body)
        address = url(world, "initech", f"statements/{found.id}")
    sign_in(client, world.people["initech owner"])
    rows = list(csv.DictReader(client.get(f"{address}/statement.csv").text.splitlines()))
    assert [(one["terms_version"], one["promised_percent"], one["verdict"]) for one in rows] == [
        ("1", "99.9", "breached"),
        ("2", "95", "kept"),
    ]
    assert rows[0]["end_utc"] == rows[1]["start_utc"]
    assert rows[0]["credit"] == rows[0]["currency"] == ""
    assert (Decimal(rows[1]["credit"]) > 0, rows[1]["currency"]) == (True, "EUR")
    assert not any("/" in value for one in rows for value in one.values())


def test_the_statements_of_any_months_are_listed_as_csv_and_as_json(
    client: FlaskClient, closed: World, sign_in: Browse
) -> None:
    close(closed, "2026-09")
    sign_in(client, closed.people["initech owner"])
    listed = client.get(url(closed, "initech", "statements.json")).get_json()
    assert [(one["period"], one["credit"], one["kept"]) for one in listed["statements"]] == [
        ("2026-10-01", "400.00", False),
        ("2026-09-01", "0.00", True),
    ]
    document = client.get(urlsplit(listed["statements"][0]["address"]).path)
    assert listed["statements"][0]["digest"] == f"sha256:{hashlib.sha256(document.data).hexdigest()}"
    for asked, expected in (
        ("", ["2026-10-01", "2026-09-01"]),
        ("?from=2026-10", ["2026-10-01"]),
        ("?until=2026-09", ["2026-09-01"]),
        ("?from=2026-09&until=2026-10-01", ["2026-10-01", "2026-09-01"]),
        ("?from=2027-01", []),
    ):
        rows = client.get(url(closed, "initech", f"statements.csv{asked}")).text.splitlines()
        found = client.get(url(closed, "initech", f"statements.json{asked}")).get_json()["statements"]
        assert [row["period"] for row in csv.DictReader(rows)] == expected
        assert [one["period"] for one in found] == expected


def test_who_may_not_see_money_reads_the_statement_without_any(
    client: FlaskClient, closed: World, sign_in: Browse
) -> None:
    sign_in(client, closed.people["initech member"])
    found = url(closed, "initech", f"statements/{statement(closed)}")
    for path in ("", "/statement.csv", "/api/availability", "/api/availability/working.json"):
        answer = client.get(found + path)
        assert answer.status_code == 200
        assert "400.00" not in answer.text
        assert "40000" not in answer.text
    for path in (
        "statements.csv",
        "statements.json",
        "ledger",
        "ledger.csv",
        "claims",
        "disputes",
        f"statements/{statement(closed)}/statement.json",
    ):
        assert client.get(url(closed, "initech", path)).status_code == 403


def test_another_customers_statement_is_no_statement(client: FlaskClient, closed: World, sign_in: Browse) -> None:
    sign_in(client, closed.people["globex owner"])
    key = statement(closed)
    before = rows(closed)
    for rest in (f"statements/{key}", f"statements/{key}/statement.json", f"statements/{key}/api/availability"):
        assert client.get(url(closed, "globex", rest)).status_code == 404
        assert client.get(url(closed, "initech", rest)).status_code == 404
    answer = post(client, url(closed, "globex", f"statements/{key}/disputes"), {"words": "It is ours."})
    assert answer.status_code == 404
    answer = post(client, url(closed, "globex", f"credits/{credit(closed).id}/claim"), {"words": ""})
    assert answer.status_code == 404
    assert rows(closed) == before


def test_one_approves_another_issues_once_and_for_the_exact_amount(
    client: FlaskClient, closed: World, sign_in: Browse
) -> None:
    path = f"/staff/credits/{credit(closed).id}"
    note: dict[str, object] = {"reference": "CN-2026-031", "amount": "400.00", "currency": "USD"}
    sign_in(client, closed.people["finance"])
    assert post(client, f"{path}/approve", {}).status_code == 303
    before = rows(closed)
    refused: list[tuple[int, str, str, dict[str, object]]] = [
        (403, "You approved this credit yourself", "issue", note),
        (422, "It cannot be issued in EUR", "issue", note | {"currency": "EUR"}),
        (422, "not the amount of this credit", "issue", note | {"amount": "399.99"}),
        (422, "as it stands on the document", "issue", note | {"amount": "a lot"}),
        (422, "", "issue", note | {"reference": ""}),
        (409, "never issued", "void", {"reason": "A mistake."}),
    ]
    for status, words, deed, form in refused:
        sign_in(client, closed.people["finance" if status == 403 else "administrator"])
        answer = post(client, f"{path}/{deed}", form)
        assert (answer.status_code, words in answer.text) == (status, True), words
        assert rows(closed) == before
    assert post(client, f"{path}/issue", note).status_code == 303
    before = rows(closed)
    again = post(client, f"{path}/issue", note)
    assert (again.status_code, "It is not issued twice" in again.text) == (409, True)
    assert rows(closed) == before
    assert "CN-2026-031" in client.get("/staff/credits?show=all").text
    assert "CN-2026-031" not in client.get("/staff/credits").text
    assert post(client, f"{path}/void", {"reason": ""}).text.count("Book it back") == 1
    sign_in(client, closed.people["initech owner"])
    ledger = client.get(url(closed, "initech", "ledger")).text
    assert "USD 400.00 issued to you." in ledger
    assert "CN-2026-031" in ledger


def test_a_period_nobody_knows_enough_of_is_closed_as_a_named_person_decides(
    client: FlaskClient, closed: World, sign_in: Browse
) -> None:
    sign_in(client, closed.people["manager"])
    path = f"/staff/closing/{closed.house.globex_contract}/2026-10-01"
    assert "Too little is known of availability of storage" in client.get(path).text
    assert post(client, path, {"ruling": "as measured", "reason": ""}).status_code == 422
    assert post(client, path, {"ruling": "as I like", "reason": "Because"}).status_code == 422
    assert post(client, path, {"ruling": "as measured", "reason": "The storage was in use."}).status_code == 303
    assert post(client, "/staff/closing", {"month": "2026-10"}).status_code == 303
    sign_in(client, closed.people["globex owner"])
    assert "GLOBEX-GOLD-2026-10" in client.get(url(closed, "globex", "statements")).text


def test_a_dispute_is_a_thread_with_an_outcome_and_nothing_follows_it(
    client: FlaskClient, closed: World, sign_in: Browse
) -> None:
    sign_in(client, closed.people["initech owner"])
    found = url(closed, "initech", f"statements/{statement(closed)}")
    assert post(client, f"{found}/disputes", {"words": " "}).status_code == 422
    assert post(client, f"{found}/disputes", {"words": "It was down on <b>Monday</b> too."}).status_code == 303
    assert post(client, f"{found}/disputes", {"words": "And on Tuesday."}).status_code == 409
    key = one(closed, DisputeRow).id
    sign_in(client, closed.people["manager"])
    page = client.get(f"/staff/disputes/{key}").text
    assert "It was down on &lt;b&gt;Monday&lt;/b&gt; too." in page
    assert post(client, f"/staff/disputes/{key}/messages", {"words": "When?"}).status_code == 303
    assert post(client, f"/staff/disputes/{key}/accept", {"words": "We saw it too."}).status_code == 303
    assert "record the downtime as an outage" in client.get(f"/staff/disputes/{key}").text
    assert "accepted" in client.get("/staff/disputes.csv").text
    before = rows(closed)
    sign_in(client, closed.people["initech owner"])
    thread = url(closed, "initech", f"disputes/{key}")
    assert "The dispute is accepted." in client.get(thread).text
    assert "Accepted" in client.get(url(closed, "initech", "disputes")).text
    for path in (f"{thread}/messages", f"{thread}/withdraw"):
        assert post(client, path, {"words": "One more thing."}).status_code == 409
    assert rows(closed) == before


def test_an_accepted_outage_record_by_two_persons_makes_a_revision(
    client: FlaskClient, closed: World, sign_in: Browse
) -> None:
    form: dict[str, object] = {
        "service": "api",
        "start": "2026-10-12T10:00",
        "end": "2026-10-12T10:10",
        "severity": "down",
        "reason": "An accepted dispute.",
    }
    sign_in(client, closed.people["responder"])
    assert post(client, "/staff/outages", form | {"end": "2026-10-12T09:00"}).status_code == 422
    assert post(client, "/staff/outages", form | {"end": "2099-10-12T09:00"}).status_code == 422
    assert post(client, "/staff/outages", form).status_code == 303
    key = client.get("/staff/outages").text.split("/staff/outages/")[1].split("/")[0]
    before = rows(closed)
    own = post(client, f"/staff/outages/{key}/accept", {"words": ""})
    assert (own.status_code, "Somebody else has to approve it" in own.text) == (403, True)
    assert rows(closed) == before
    sign_in(client, closed.people["manager"])
    assert post(client, f"/staff/outages/{key}/accept", {"words": ""}).status_code == 303
    assert post(client, f"/staff/outages/{key}/accept", {"words": ""}).status_code == 409
    path = f"/staff/statements/{statement(closed)}"
    page = client.get(path).text
    assert "A new revision of this statement would differ." in page
    assert post(client, f"{path}/revise", {"reason": ""}).status_code == 422
    assert post(client, f"{path}/revise", {"reason": "A dispute was accepted."}).status_code == 303
    sign_in(client, closed.people["initech owner"])
    page = client.get(url(closed, "initech", f"statements/{statement(closed)}")).text
    assert "USD 500.00 is owed" in page
    assert "revision 1" in page


def test_a_month_that_is_none_or_lies_out_of_all_time_is_refused_in_a_sentence(
    client: FlaskClient, world: World, sign_in: Browse
) -> None:
    sign_in(client, world.people["manager"])
    for month in ("9999-12", "2999-13", "3000-01", "1969-12", "0001-01", "2026-1", "October"):
        for answer in (client.get(f"/staff/closing?month={month}"), post(client, "/staff/closing", {"month": month})):
            assert (answer.status_code, "is no month" in answer.text) == (422, True), month
        assert client.get(f"/staff/closing.csv?month={month}").status_code == 404
        period = f"/staff/closing/{world.house.initech_contract}/{month}-01"
        assert post(client, period, {"ruling": "as measured", "reason": "Because."}).status_code == 404
    for month in ("1970-01", "2999-12"):
        assert client.get(f"/staff/closing?month={month}").status_code == 200


def claiming(world: World) -> None:
    with writing(world.app) as session:
        agreement = customers.agreement(session, "claiming")
        for number, since, days in ((1, "2026-01-01", BRIEF_DAYS), (2, "2026-10-01", LONG_DAYS)):
            claim = {"required": True, "deadline": {"type": "days_after_period_end", "days": days}}
            terms = customers.terms_document("claiming", number, since, commitment=customers.PER_MINUTE, claim=claim)
            customers.version(session, agreement, terms)
        customers.contract(session, world.house.initech, agreement, "initech-claiming", {"api": world.house.api})
        story = [
            ("up", BEFORE, "2026-08-10 07:59"),
            ("down", "2026-08-10 08:00", "2026-08-10 08:09"),
            ("up", "2026-08-10 08:10", "2026-10-10 07:59"),
            *DOWN_40_MIN[1:],
        ]
        customers.runs(session, 1, story)


def test_a_credit_on_request_is_claimed_before_its_deadline_and_never_after(
    client: FlaskClient, world: World, sign_in: Browse
) -> None:
    claiming(world)
    close(world, "2026-08")
    close(world, "2026-10")
    with world.app.app_context(), provider_scope():
        found = {row.period: row.id for row in db.session().scalars(select(CreditRow)) if row.claim_required}
    late, open_ = found["2026-08-01"], found["2026-10-01"]
    sign_in(client, world.people["finance"])
    refused = post(client, f"/staff/credits/{open_}/approve", {})
    assert (refused.status_code, "There is no accepted claim for it" in refused.text) == (409, True)
    sign_in(client, world.people["initech owner"])
    page = client.get(url(world, "initech", "claims")).text
    assert "1 credit waits for your claim." in page
    assert "To be claimed before 27 July 2029" in page
    assert "The time to claim it is over." in page
    assert (
        "1 credit waits for your claim. To be claimed before 27 July 2029"
        in client.get(f"/c/{world.house.initech}").text
    )
    before = rows(world)
    answer = post(client, url(world, "initech", f"credits/{late}/claim"), {"words": "Please."})
    assert (answer.status_code, "The time to claim this credit is over" in answer.text) == (409, True)
    assert rows(world) == before
    path = url(world, "initech", f"credits/{open_}/claim")
    assert post(client, path, {"words": "a\0b"}).status_code == 422
    assert post(client, path, {"words": "Please."}).status_code == 303
    assert post(client, path, {"words": "Again."}).status_code == 409
    sign_in(client, world.people["manager"])
    page = client.get("/staff/claims").text
    key = page.split("/staff/claims/")[1].split("/")[0]
    assert post(client, f"/staff/claims/{key}/reject", {"words": ""}).status_code == 422
    assert post(client, f"/staff/claims/{key}/accept", {"words": ""}).status_code == 303
    assert post(client, f"/staff/claims/{key}/reject", {"words": "No."}).status_code == 409
    assert "Please." in client.get("/staff/claims.csv").text
    assert post(client, f"/staff/credits/{open_}/approve", {}).status_code == 303


def test_a_statement_says_at_its_top_what_is_lost_unless_it_is_claimed_and_whether_it_was(
    client: FlaskClient, world: World, sign_in: Browse
) -> None:
    claiming(world)
    close(world, "2026-08")
    close(world, "2026-10")
    with world.app.app_context(), provider_scope():
        found = {row.period: row for row in db.session().scalars(select(CreditRow)) if row.claim_required}
        pages = {key: url(world, "initech", f"statements/{row.statement_id}") for key, row in found.items()}
        path = url(world, "initech", f"credits/{found['2026-10-01'].id}/claim")
    waiting = "You get it only if you claim it before 27 July 2029"
    sign_in(client, world.people["initech member"])
    assert waiting not in client.get(pages["2026-10-01"]).text
    sign_in(client, world.people["initech owner"])
    assert waiting in client.get(pages["2026-10-01"]).text
    assert "The time to claim it is over." in client.get(pages["2026-08-01"]).text
    assert post(client, path, {"words": "Please."}).status_code == 303
    text = client.get(pages["2026-10-01"]).text
    assert (waiting in text, "Claimed " in text) == (False, True)
