"""The published commitments: in words first, every version and what changed, side by side, and what they would pay."""

import json

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.store.promises.agreements import AgreementRow
from portal.store.settling.track_records import save_records
from tests import customers
from tests.web.conftest import World, writing

MAINTENANCE = {"notice_seconds": 172_800, "cap_seconds": 14_400, "cap_per": "period", "cap_counts": "window"}
ANSWERS = {
    "id": "answers",
    "component": "support",
    "target_percent": "95",
    "methodology": {"type": "response_time", "target_seconds": 3600, "calendar": None},
    "credit_schedule": {"type": "breach_count", "tiers": [{"at_least": 1, "percent": "5"}]},
}


def publish(world: World, number: int, effective_from: str, slug: str = "gold", **changes: object) -> None:
    with writing(world.app) as session:
        found = session.scalars(select(AgreementRow.id).where(AgreementRow.slug == slug)).one()
        customers.version(session, found, customers.terms_document(slug, number, effective_from, **changes))


def test_the_catalogue_tells_every_promise_in_short(world: World, client: FlaskClient) -> None:
    page = client.get("/commitments").text
    for words in (
        "Gold",
        "Platinum",
        "<b>99.9\xa0%</b>",
        "each calendar month",
        "Counted as down: every second of every outage.",
        "Not counted: nothing.",
        "You get 10\xa0% of the month&#39;s fee below 99.9\xa0%, 25\xa0% below 99\xa0%.",
    ):
        assert words in page


def test_an_agreement_is_told_in_words_before_its_rules_and_its_example(world: World, client: FlaskClient) -> None:
    page = client.get("/commitments/gold").text
    places = [
        page.index(words)
        for words in (
            "You get 10\xa0% of the month&#39;s fee below 99.9\xa0%",
            "A location sees an outage after 2 failed measurements in a row",
            "When more than 5\xa0% of the time is not known",
            "An example: the service is completely down once, for 1 hour",
            "EUR 100.00",
            "Periods begin and end at midnight in the time zone UTC",
            "What others publish",
            "sha256:",
        )
    ]
    assert places == sorted(places)


def test_only_checked_models_are_named_beside_an_agreement(world: World, client: FlaskClient) -> None:
    page = client.get("/commitments/gold").text
    assert "HostingKing" in page
    assert "UpCloud" not in page
    method = {"type": "mean_error_rate", "slot_seconds": 300, "empty": "skip"}
    publish(world, 2, "2026-02-01", commitment={"methodology": method})
    page = client.get("/commitments/gold").text
    assert "A published agreement, not yet checked against its text" in page
    assert "AWS" not in page


def test_the_version_in_force_is_shown_and_the_next_one_can_be_read(world: World, client: FlaskClient) -> None:
    publish(world, 2, "2199-01-01", commitment={"target_percent": "99.99"})
    assert "99.99\xa0%" not in client.get("/commitments/gold").text.split("What others publish")[0]
    later = client.get("/commitments/gold/versions/2").text
    assert "99.99\xa0%" in later
    assert "Not in force now" in later
    assert "until 1 January 2199" in client.get("/commitments/gold/versions/1").text


def test_a_version_that_has_begun_takes_the_place_of_the_one_before(world: World, client: FlaskClient) -> None:
    publish(world, 2, "2026-02-01", commitment={"target_percent": "99.99"})
    assert "promises 99.99 %" in " ".join(client.get("/commitments/gold").text.split())


def test_what_is_not_counted_names_notice_and_limit(world: World, client: FlaskClient) -> None:
    types = {"scheduled_maintenance": MAINTENANCE, "force_majeure": {}}
    publish(world, 2, "2026-02-01", commitment={"exclusions_policy": {"mode": "remove", "types": types}})
    page = client.get("/commitments/gold").text
    words = "force majeure; scheduled maintenance announced at least 48 hours ahead, at most 4 hours a month."
    assert f"Not counted: {words}" in page


def test_what_changed_is_told_before_and_after_with_what_it_means(world: World, client: FlaskClient) -> None:
    publish(world, 2, "2026-02-01", commitment={"target_percent": "99.99"}, money_rounding="half_even")
    assert "/commitments/gold/changes/1/2" in client.get("/commitments/gold").text
    page = client.get("/commitments/gold/changes/1/2").text
    for words in (
        "2 things changed from version 1 to version 2.",
        "We promise 99.9\xa0% in every period.",
        "We promise 99.99\xa0% in every period.",
        "Better for you",
        "Worse for you",
    ):
        assert words in page
    assert "Nothing changed for you" in client.get("/commitments/gold/changes/1/1").text


def test_two_agreements_stand_side_by_side(world: World, client: FlaskClient) -> None:
    page = client.get("/commitments/compare?a=gold&b=platinum").text
    promised = ("Gold beside Platinum", "99.9\xa0% (api)", "100\xa0% (api)")
    for words in (*promised, "Down for 1 hour", "EUR 100.00", "EUR 600.00"):
        assert words in page


def test_promises_only_one_of_two_agreements_makes_stand_beside_nothing(world: World, client: FlaskClient) -> None:
    with writing(world.app) as session:
        found = customers.agreement(session, "support")
        customers.version(session, found, customers.terms_document("support") | {"commitments": [ANSWERS]})
    page = client.get("/commitments/compare?a=gold&b=support").text
    assert "Support answers: promised" in page
    assert "<p>–</p>" in page


def test_promises_about_the_same_component_stand_beside_each_other_whatever_they_are_called(
    world: World, client: FlaskClient
) -> None:
    always = customers.terms_document("always")
    always["commitments"][0]["id"] = "always-there"
    with writing(world.app) as session:
        customers.version(session, customers.agreement(session, "always"), always)
    page = " ".join(client.get("/commitments/compare?a=gold&b=always").text.split())
    assert "Api availability / Api always there: promised" in page
    assert "Api availability: promised" not in page
    assert "<p>–</p>" not in page


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("hours=3&minutes=0&fee=1000&currency=EUR", ("Down for 3 hours: EUR 100.00.", "10\xa0% of the fee")),
        ("hours=10&fee=2000.00&currency=usd", ("Down for 10 hours: USD 500.00.",)),
        ("minutes=1&fee=1000&currency=EUR", ("Down for 1 minute: EUR 0.00.", "nothing is owed: the promise is kept")),
    ],
)
def test_the_calculator_shows_the_working_of_its_answer(
    world: World, client: FlaskClient, asked: str, told: tuple[str, ...]
) -> None:
    answer = client.get(f"/commitments/gold/calculator?{asked}")
    assert answer.status_code == 200
    for words in told:
        assert words in answer.text


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("hours=x&fee=1", "Give a whole number from 0 to 9,000."),
        ("hours=1.5&fee=1", "Give a whole number from 0 to 9,000."),
        ("hours=-1&fee=1", "Give a whole number from 0 to 9,000."),
        ("hours=1&minutes=60&fee=1", "Give a whole number from 0 to 59."),
        ("hours=0&minutes=0&fee=1", "Give how long the service was down, at least one minute."),
        ("hours=1", "Give the monthly fee as an amount, like 1000 or 1000.00."),
        ("hours=1&fee=1%2C5", "Give the monthly fee as an amount, like 1000 or 1000.00."),
        ("hours=1&fee=1e9", "Give the monthly fee as an amount, like 1000 or 1000.00."),
        ("hours=1&fee=1.000", "This can be read in two ways."),
        ("hours=1&fee=0", "Give a monthly fee above 0 and up to 1,000,000,000,000."),
        ("hours=1&fee=9999999999999", "Give a monthly fee above 0 and up to 1,000,000,000,000."),
        ("hours=1&fee=5&currency=QQQ", "Give a currency as three letters, like EUR or USD."),
        ("hours=2000&fee=5", "the service cannot be down for longer."),
        ("hours=%00&fee=5", "Give a whole number from 0 to 9,000."),
    ],
)
def test_what_cannot_be_worked_out_is_a_sentence_and_keeps_what_was_typed(
    world: World, client: FlaskClient, asked: str, sentence: str
) -> None:
    answer = client.get(f"/commitments/gold/calculator?{asked}")
    assert answer.status_code == 422
    assert sentence in answer.text
    typed = asked.split("&")[0].split("=")[1]
    assert f'value="{typed}"' in answer.text or "%" in typed


@pytest.mark.parametrize(
    ("language", "fee", "told"),
    [
        ("", "1,000.00", "EUR 100.00"),
        ("", "1,000", "EUR 100.00"),
        ("/de", "1000,00", "100,00 EUR"),
        ("/de", "1.000,00", "100,00 EUR"),
        ("/de", "1.000.000", "100.000,00 EUR"),
        ("/de", "1000.00", "100,00 EUR"),
        ("/ja", "1,000.00", "EUR 100.00"),
    ],
)
def test_a_fee_is_taken_as_the_language_of_the_page_writes_it(
    world: World, client: FlaskClient, language: str, fee: str, told: str
) -> None:
    answer = client.get(f"{language}/commitments/gold/calculator", query_string={"hours": "3", "fee": fee})
    assert (answer.status_code, told in answer.text) == (200, True)


@pytest.mark.parametrize(("language", "fee"), [("", "1.000"), ("/de", "1.000"), ("/de", "1,000"), ("/ja", "12.500")])
def test_a_fee_that_is_a_thousand_to_some_and_one_to_others_is_refused(
    world: World, client: FlaskClient, language: str, fee: str
) -> None:
    answer = client.get(f"{language}/commitments/gold/calculator", query_string={"hours": "3", "fee": fee})
    assert (answer.status_code, f'value="{fee}"' in answer.text) == (422, True)


@pytest.mark.parametrize("fee", ["1,000.00", "1.00.000", "1000,", "1e3", "-1", "١٠٠", "1 000"])
def test_a_fee_in_other_signs_than_those_of_the_page_is_refused(world: World, client: FlaskClient, fee: str) -> None:
    answer = client.get("/de/commitments/gold/calculator", query_string={"hours": "3", "fee": fee})
    assert (answer.status_code, "etwa 1000 oder 1000,00" in answer.text) == (422, True)


def test_the_calculator_asks_before_it_answers_and_hostile_text_stays_text(world: World, client: FlaskClient) -> None:
    assert "What would Gold pay?" in client.get("/commitments/gold/calculator").text
    answer = client.get("/commitments/gold/calculator?hours=%3Cscript%3E&fee=1")
    assert "<script>" not in answer.text


def test_a_promise_that_is_not_about_downtime_says_so_in_the_calculator(world: World, client: FlaskClient) -> None:
    plain = customers.terms_document("gold")["commitments"][0]
    publish(world, 2, "2026-02-01", commitments=[plain, ANSWERS])
    answer = client.get("/commitments/gold/calculator?hours=3&fee=1000&currency=EUR").text
    assert "This promise is not about downtime." in answer
    assert "the highest credit of each component is paid" in answer


def test_the_currency_the_terms_name_is_not_asked_for(world: World, client: FlaskClient) -> None:
    schedule = {"type": "tiers", "tiers": customers.TIERS, "cap_amount": "50.00 USD"}
    publish(world, 2, "2026-02-01", commitment={"credit_schedule": schedule})
    assert 'name="currency"' not in client.get("/commitments/gold/calculator").text
    assert "USD 50.00." in client.get("/commitments/gold/calculator?hours=3&fee=1000&currency=EUR").text


@pytest.mark.parametrize(
    "path",
    [
        "/commitments/none",
        "/commitments/none/calculator",
        "/commitments/gold/versions/9",
        "/commitments/gold/versions/x",
        "/commitments/gold/changes/1/9",
        "/commitments/compare",
        "/commitments/compare?a=gold&b=none",
    ],
)
def test_what_was_never_published_is_not_found(world: World, client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_words_of_people_are_text(world: World, client: FlaskClient) -> None:
    publish(world, 2, "2026-02-01", commitment={"measured": "<script>alert(1)</script>"})
    for path in ("/commitments/gold", "/commitments/gold/changes/1/2"):
        page = client.get(path).text
        assert "<script>" not in page
        assert "&lt;script&gt;" in page


ATTAINED = {
    "customers": 3,
    "kept": 5,
    "missed": 1,
    "undecided": 0,
    "attained": [["99.5", 1], ["99.95", 2], ["100", 3]],
    "lowest": {"availability": "99.5"},
    "money": [["EUR", 3, "3000", "100", "50"], ["USD", 2, "1000", "1000", "1000"]],
    "exclusions": [["scheduled_maintenance", 2, 5400]],
    "is_generated": True,
}


def record(world: World, slug: str, *periods: str, **changes: object) -> None:
    with writing(world.app) as session:
        for period in periods:
            save_records(session, period, "1.0", {slug: json.dumps(ATTAINED | changes)})


def test_the_track_record_says_what_became_of_the_promise(world: World, client: FlaskClient) -> None:
    assert "No record can be shown yet" in client.get("/commitments/gold").text
    record(world, "gold", *(f"2026-{month:02}-01" for month in range(1, 7)))
    record(world, "gold", "2026-07-01", customers=2)
    record(world, "gold", *(f"2025-{month:02}-01" for month in range(1, 13)))
    page = " ".join(client.get("/commitments/gold").text.split())
    for words in (
        "<b>55 of 66</b> commitments in 11 closed periods",
        "The evidence of these periods was generated, not measured.",
        '<td class="n">99.500 %</td> <td class="n">99.950 %</td>',
        "3.33 % owed, 1.66 % paid (EUR)",
        "scheduled maintenance: 2 entries, at most 1 h 30 min",
        "Fewer than 3 customers, so it is not shown.",
        '<svg class="spreads"',
    ):
        assert words in page, words
    assert "USD)" not in page
    assert "1 July 2025" not in page


def test_agreements_with_few_customers_are_told_of_together(world: World, client: FlaskClient) -> None:
    record(world, "gold", "2026-05-01", customers=2)
    assert "No record can be shown yet" in client.get("/commitments/gold").text
    record(world, "", "2026-05-01", is_generated=False)
    page = " ".join(client.get("/commitments/gold").text.split())
    assert "Agreements of that size, taken together, kept <b>5 of 6</b> commitments in the last closed period." in page
    assert "generated" not in page


def test_any_two_versions_can_be_chosen_to_be_compared(world: World, client: FlaskClient) -> None:
    for number, begins in ((2, "2026-02-01"), (3, "2026-03-01")):
        publish(world, number, begins)
    page = client.get("/commitments/gold").text
    assert "What changed from version" in page
    chosen = client.get("/commitments/gold/changes?before=1&after=3")
    assert (chosen.status_code, chosen.location) == (303, "/commitments/gold/changes/1/3")
    for query in ("", "?before=1", "?before=x&after=2", "?before=-1&after=2"):
        assert client.get(f"/commitments/gold/changes{query}").status_code == 404


def test_the_catalogue_sets_agreements_side_by_side_in_short(client: FlaskClient) -> None:
    page = " ".join(client.get("/commitments").text.split())
    for words in ("Side by side", "99.9 % (api availability)", "100 % (api availability)", "EUR 1,000.00"):
        assert words in page
