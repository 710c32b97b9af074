"""Another customer's ids lead nowhere: 404, and no body, header, feed or error ever shows their canaries (T1, T2)."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import inspect
from werkzeug.routing import Rule

from portal.database import db
from portal.store.ground.base import TenantOwned
from portal.store.ground.tenancy import provider_scope
from tests.web.canaries import BY_PASSWORD, FEES, SAFE, Planted, Restored, address, rows_of, rules, send, tenant_rows

OURS = ("member", "billing", "owner", "no code")
NOT_THEIRS = ("nobody", "no customer", *OURS)
WITHOUT_WORDS = {"ContractServiceRow", "ExclusionCustomerRow", "ReviewedFeedbackRow"}
"""What holds nothing but ids and the name of a published component."""
CACHED = "Wed, 21 Oct 2065 07:28:00 GMT"


def mixed_addresses(planted: Planted, rule: Rule) -> Iterator[str]:
    """Addresses of our own with one id in them that is the other customer's."""
    ours, theirs = planted.globex.arguments, planted.initech.arguments
    for name in rule.arguments & {
        "contract",
        "piece",
        "grant",
        "browser",
        "statement",
        "credit",
        "dispute",
        "subscription",
        "invitation",
        "member",
    }:
        yield address(planted.app, rule, {**ours, name: theirs[name]})


@pytest.mark.parametrize("table", tenant_rows(), ids=lambda row: row.__name__)
def test_every_table_of_a_customer_holds_a_canary_of_each(planted: Planted, table: type[TenantOwned]) -> None:
    columns = [column.key for column in inspect(table).column_attrs]
    for plant_of in (planted.globex, planted.initech):
        with planted.app.app_context(), provider_scope():
            rows = rows_of(db.session(), table, plant_of.customer)
            assert rows, f"plant a row of {table.__name__} in tests/web/canaries.py"
            texts = [str(getattr(row, column)) for row in rows for column in columns]
        words = plant_of.canaries - {str(row.id) for row in rows}
        if table.__name__ not in WITHOUT_WORDS:
            assert any(word in text for word in words for text in texts), table.__name__


@pytest.mark.slow
@pytest.mark.parametrize("who", NOT_THEIRS)
def test_nobody_reads_the_canaries_of_another_customer_anywhere(planted: Planted, who: str) -> None:
    restored, (client, token) = Restored(planted.app), planted.browser(who)
    for rule, method in rules(planted.app):
        for path in (address(planted.app, rule, planted.initech.arguments), *mixed_addresses(planted, rule)):
            answer = send(client, method, path, token)
            shown = {word for word in planted.initech.canaries if word in answer.text and word not in path}
            assert not shown, (who, method, path)
            if method not in SAFE:
                restored.put_back()
                planted.sign_in(client, who)


@pytest.mark.parametrize("who", ["member", "billing", "owner", "support"])
def test_an_id_of_another_customer_is_no_id(planted: Planted, who: str) -> None:
    client, token = planted.browser(who)
    asked = 0
    for rule, method in rules(planted.app):
        if "customer" in rule.arguments:
            for path in (address(planted.app, rule, planted.initech.arguments), *mixed_addresses(planted, rule)):
                status = send(client, method, path, token).status
                ours = str(planted.globex.customer) in path
                asks_everybody = status == 401 and rule.rule == BY_PASSWORD
                assert status == 404 or (ours and status == 403) or asks_everybody, (who, method, path)
                asked += 1
    assert asked >= 10


def test_a_support_grant_opens_one_customer_and_nobody_elses(planted: Planted) -> None:
    client, token = planted.browser("support")
    assert send(client, "GET", f"/c/{planted.globex.customer}", token).status == 200
    answer = send(client, "GET", f"/c/{planted.initech.customer}", token)
    assert answer.status == 404
    assert not any(word in answer.text for word in planted.initech.canaries)


@pytest.mark.parametrize("path", ["feedback", "support"])
def test_a_list_does_not_go_on_after_another_customers_row(planted: Planted, path: str) -> None:
    client, token = planted.browser("owner")
    for name in ("piece", "grant", "contract"):
        asked = f"/c/{planted.globex.customer}/{path}?after={planted.initech.arguments[name]}"
        answer = send(client, "GET", asked, token)
        assert answer.status == 200
        assert not any(word in answer.text for word in planted.initech.canaries if word not in asked)


def test_nobody_writes_about_another_customers_contract(planted: Planted) -> None:
    client, token = planted.browser("owner")
    theirs = f"commitment:{planted.initech.arguments['contract']}/api/availability"
    for subject in (theirs, theirs.replace(":", "/"), str(planted.initech.arguments["contract"])):
        form = {"csrf_token": token, "subject": subject, "rating": "1", "words": "Ours now"}
        answer = client.post(f"/c/{planted.globex.customer}/feedback", data=form)
        assert answer.status_code == 422
    with planted.app.app_context(), provider_scope():
        about = [row.about_id for row in rows_of(db.session(), feedback_row(), planted.globex.customer)]  # type: ignore[attr-defined]
    assert about == ["api"]


def feedback_row() -> type:
    return next(row for row in tenant_rows() if row.__tablename__ == "feedback")  # type: ignore[attr-defined]


@pytest.mark.slow
@pytest.mark.parametrize("who", ["nobody", "stranger", "no customer", "no code", "manager"])
def test_unchanged_is_never_said_before_access_is_checked(planted: Planted, who: str) -> None:
    ours, our_token = planted.browser("owner")
    client, token = planted.browser(who)
    for rule, method in rules(planted.app):
        if "customer" in rule.arguments and method == "GET":
            path = address(planted.app, rule, planted.globex.arguments)
            tag = send(ours, method, path, our_token).answer.headers.get("ETag", '"known"')
            for headers in ({"If-None-Match": tag}, {"If-None-Match": "*"}, {"If-Modified-Since": CACHED}):
                plain, asked = send(client, method, path, token), send(client, method, path, token, headers)
                assert asked.status == plain.status in (303, 401, 404), (who, path, headers)
                assert len(asked.text) == len(plain.text) or who == "nobody"


def test_a_page_of_ones_own_is_sent_whole_whatever_the_browser_says_it_has(planted: Planted) -> None:
    for who in ("member", "owner"):
        client, token = planted.browser(who)
        for headers in ({"If-None-Match": "*"}, {"If-Modified-Since": CACHED}):
            answer = send(client, "GET", f"/c/{planted.globex.customer}", token, headers)
            assert answer.status == 200
            assert answer.answer.headers["Cache-Control"] == "private, no-store"
            assert "Cookie" in answer.answer.headers.get("Vary", "")


def test_the_same_address_shows_a_member_no_money_and_an_owner_theirs(planted: Planted) -> None:
    rule = next(rule for rule, _ in rules(planted.app) if rule.endpoint == "customers.working_document")
    path = address(planted.app, rule, planted.globex.arguments)
    seen = {who: send(planted.browser(who)[0], "GET", path, "").text for who in ("member", "owner")}
    assert FEES["globex"].replace(".", "") in seen["owner"]
    assert FEES["globex"].replace(".", "") not in seen["member"]


def test_an_error_names_no_row(planted: Planted) -> None:
    client, token = planted.browser("owner")
    for path in (f"/c/{planted.initech.customer}", f"/c/{UUID(int=7)}", "/c/not-an-id", "/c/"):
        answer = send(client, "GET", path, token)
        assert answer.status == 404
        assert "Initech" not in answer.text


def test_both_customers_may_use_the_same_names(planted: Planted) -> None:
    with planted.app.app_context(), provider_scope():
        table = next(row for row in tenant_rows() if row.__name__ == "ContractRow")
        first, second = (rows_of(db.session(), table, one.customer) for one in (planted.globex, planted.initech))
    assert {row.customer_id for row in first}.isdisjoint({row.customer_id for row in second})
