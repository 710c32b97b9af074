"""Contracts: what a customer bought, the fee in force, and what is refused."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from portal.domain.documents.reading import InvalidDocument
from portal.domain.promises.contract import agreement_problems, contract_document, parse_contract
from portal.domain.promises.terms import parse_terms
from portal.domain.quantities.currencies import MINOR_DIGITS, minor_digits
from portal.domain.quantities.zones import parse_instant
from tests.domain.agreements import availability, globex_contract, gold_terms, promising


def problems_of(document: object) -> dict[str, str]:
    with pytest.raises(InvalidDocument) as refused:
        parse_contract(document)
    return {problem.path: problem.sentence for problem in refused.value.problems}


def with_fees(*fees: dict[str, Any]) -> dict[str, Any]:
    return globex_contract(services=[{"service": "api-eu", "component": "api", "monthly_fee": list(fees)}])


def test_a_contract_reads_back_unchanged() -> None:
    contract = parse_contract(globex_contract(until="2027-01-01", timezone="Asia/Tokyo", money_rounding="up"))
    assert parse_contract(contract_document(contract)) == contract


@pytest.mark.parametrize(
    ("day", "fee"),
    [("2025-12-31", None), ("2026-01-01", 400), ("2026-06-30", 400), ("2026-07-01", 450), ("2030-01-01", 450)],
)
def test_the_fee_in_force_is_the_last_one_begun(day: str, fee: int | None) -> None:
    service = parse_contract(globex_contract()).service("api-eu")
    assert service.fee_at(date.fromisoformat(day)) == fee


def test_a_line_takes_zone_rounding_and_proration_from_the_contract_before_the_agreement() -> None:
    terms = parse_terms(gold_terms(fee_proration="days", money_rounding="half_even", display_decimals=2))
    silent = parse_contract(globex_contract()).line("api-eu", terms, date(2026, 7, 1))
    loud = parse_contract(globex_contract(timezone="Asia/Tokyo", money_rounding="up")).line(
        "api-eu", terms, date(2026, 1, 1)
    )
    assert (silent.timezone, silent.money_rounding, silent.fee_proration) == ("Europe/Paris", "half_even", "days")
    assert (loud.timezone, loud.money_rounding, loud.fee_proration) == ("Asia/Tokyo", "up", "days")
    assert (silent.monthly_fee, loud.monthly_fee) == (Fraction(450), Fraction(400))
    assert (silent.minor_digits, silent.display_decimals) == (2, 2)
    assert silent.service_start == parse_instant("2025-12-31T23:00:00Z")
    assert silent.service_end is None


def test_a_period_begun_before_the_contract_takes_its_first_fee() -> None:
    terms = parse_terms(gold_terms())
    assert parse_contract(globex_contract()).line("api-eu", terms, date(2025, 12, 31)).monthly_fee == 400


def test_a_component_that_the_agreement_lacks_is_named() -> None:
    terms = parse_terms(gold_terms(commitments=[availability(component="database")]))
    (problem,) = agreement_problems(parse_contract(globex_contract()), terms)
    assert problem.path == "services[0].component"
    assert "api" in problem.sentence


def test_amounts_of_another_currency_do_not_fit() -> None:
    terms = parse_terms(promising(credit_schedule={"type": "none", "cap_amount": "5 USD"}))
    (problem,) = agreement_problems(parse_contract(globex_contract()), terms)
    assert problem.path == "currency"
    assert agreement_problems(parse_contract(globex_contract(currency="USD")), terms) == ()


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (globex_contract(currency="EURO"), "currency"),
        (globex_contract(currency="eur"), "currency"),
        (globex_contract(timezone="Berlin"), "timezone"),
        (globex_contract(until="2026-01-01"), "until"),
        (globex_contract(fee_proration="hours"), "fee_proration"),
        (globex_contract(money_rounding="down"), "money_rounding"),
        (globex_contract(discount="10"), "discount"),
        (globex_contract(services=[]), "services"),
        (globex_contract(services=globex_contract()["services"] * 2), "services[1].service"),
        (globex_contract(customer=""), "customer"),
        (with_fees(), "services[0].monthly_fee"),
        (with_fees({"from": "2026-01-01", "amount": 400}), "services[0].monthly_fee[0].amount"),
        (with_fees({"from": "2026-01-01", "amount": "-1"}), "services[0].monthly_fee[0].amount"),
        (with_fees({"from": "2026-01-01", "amount": "1/3"}), "services[0].monthly_fee[0].amount"),
        (with_fees({"from": "2026-02-01", "amount": "400"}), "services[0].monthly_fee[0].from"),
        (
            with_fees({"from": "2026-01-01", "amount": "4"}, {"from": "2026-01-01", "amount": "5"}),
            "services[0].monthly_fee[1].from",
        ),
    ],
)
def test_a_contract_that_cannot_be_meant_is_refused_with_path_and_sentence(document: object, path: str) -> None:
    told = problems_of(document)
    assert list(told) == [path]
    assert told[path].endswith(".")


@pytest.mark.parametrize(("currency", "digits"), [("EUR", 2), ("JPY", 0), ("KRW", 0), ("TND", 3), ("CLF", 4)])
def test_minor_units_are_those_of_iso_4217(currency: str, digits: int) -> None:
    assert minor_digits(currency) == digits


def test_every_currency_code_is_three_capital_letters() -> None:
    assert len(MINOR_DIGITS) > 150
    assert all(code.isalpha() and code.isupper() and len(code) == 3 for code in MINOR_DIGITS)
    with pytest.raises(ValueError, match="ISO 4217"):
        minor_digits("ZZZ")


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        ({"from": "2025-12-31"}, "does not begin before its contract"),
        ({"from": "2026-03-01", "until": "2026-03-01"}, "ends after it begins"),
        ({"from": "2026-03-01"}, None),
        ({"from": "2026-03-01", "until": "2026-04-01"}, None),
    ],
)
def test_a_service_may_be_covered_for_a_part_of_the_contract(dates: dict[str, str], words: str | None) -> None:
    document = {
        "schema": "sla-contract/1",
        "id": "acme-1",
        "customer": "acme",
        "agreement": "gold",
        "currency": "EUR",
        "from": "2026-01-01",
        "services": [
            {"service": "api", "component": "api", "monthly_fee": [{"from": "2026-01-01", "amount": "1.00"}], **dates}
        ],
    }
    if words is not None:
        with pytest.raises(InvalidDocument, match=words):
            parse_contract(document)
        return
    contract = parse_contract(document)
    assert contract_document(parse_contract(contract_document(contract))) == contract_document(contract)
    first, until = contract.dates_of("api")
    assert (first.isoformat(), until and until.isoformat()) == (dates["from"], dates.get("until"))
