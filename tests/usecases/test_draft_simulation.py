"""What twelve closed months would have paid under a draft, by the same evaluation, beside what was owed in fact."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.database import begin, commit, reading, transaction
from portal.domain.notices.refusals import NotFound
from portal.domain.promises.terms import parse_terms
from portal.store.ground.tenancy import provider_scope
from portal.usecases.closing import closing
from portal.usecases.publishing.draft_simulation import simulate
from portal.usecases.publishing.simulated_credit import COLUMNS, Simulation, rows_of
from tests import customers
from tests.customers import House, utc

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NOW = utc("2026-11-05 12:00:00")
MONTHS = ("2026-08", "2026-09", "2026-10")
DOWN_MINUTES = {"2026-08": 20, "2026-09": 60, "2026-10": 30}


@pytest.fixture
def house(session: Session) -> House:
    """Three closed months in which the API was down on the tenth: 20 minutes, an hour, half an hour."""
    begin(session, write=True)
    house = customers.build(session)
    at = "2026-07-25 00:00"
    for month, minutes in DOWN_MINUTES.items():
        story = [("up", at, f"{month}-10 07:59"), ("down", f"{month}-10 08:00", f"{month}-10 08:{minutes - 1:02d}")]
        customers.runs(session, 1, story)
        at = f"{month}-10 {8 + minutes // 60:02d}:{minutes % 60:02d}"
    customers.runs(session, 1, [("up", at, "2026-11-05 11:59")])
    customers.runs(session, 2, [("up", "2026-07-25 00:00", "2026-11-05 11:59")])
    commit(session)
    for month in MONTHS:
        closing.close(session, month, NOW)
    return house


def simulated(session: Session, document: Mapping[str, Any], **asked: Any) -> Simulation:
    with provider_scope(), reading(session):
        return simulate(session, parse_terms(document), NOW, **asked)


def draft(slug: str = "gold", **changes: Any) -> dict[str, Any]:
    return customers.terms_document(slug, 2, "2027-01-01", **changes)


def test_a_draft_that_says_the_same_pays_what_was_owed(session: Session, house: House) -> None:
    for slug, changes in (("gold", {}), ("platinum", {"commitment": customers.PER_MINUTE})):
        found = simulated(session, draft(slug, **changes))
        (total,) = found.totals
        assert (total.simulated, total.difference, found.missing) == (total.owed, "0.00", ())
        assert total.owed == {"gold": "100.00", "platinum": "1100.00"}[slug]
    assert (found.first_month, found.last_month) == ("2025-11", "2026-10")


def test_a_stricter_draft_pays_for_each_period_that_it_breaks(session: Session, house: House) -> None:
    found = simulated(session, draft(commitment={"target_percent": "99.95"} | {"credit_schedule": STEEP}))
    assert [(row[2], str(row[4]), row[5]) for row in rows_of(found)] == [
        ("2026-08-01", "0.00", ""),
        ("2026-09-01", "200.00", "availability of api"),
        ("2026-10-01", "200.00", "availability of api"),
    ]
    assert len(COLUMNS) == len(rows_of(found)[0])
    (line,) = found.lines
    assert (line.customer, line.periods, line.breaches, line.is_more) == ("Globex", 3, 2, True)
    assert (line.owed, line.simulated, line.difference) == ("100.00", "400.00", "+300.00")


STEEP = {"type": "tiers", "tiers": [{"below": "99.95", "percent": "20"}], "requires_breach": True}


def test_quarters_are_judged_only_where_all_of_one_is_closed(session: Session, house: House) -> None:
    found = simulated(session, draft(period={"kind": "calendar_quarter"}))
    assert found.lines == []
    assert found.missing == ("globex-gold: no whole period of this draft is closed in these months.",)


def test_what_has_no_evidence_is_named(session: Session, house: House) -> None:
    answers = {
        "id": "answers",
        "component": "api",
        "target_percent": "95",
        "methodology": {"type": "response_time", "target_seconds": 3600, "calendar": None},
        "credit_schedule": {"type": "none"},
    }
    phone = answers | {"id": "hotline", "component": "phone"}
    document = draft()
    document["commitments"] += [answers, phone]
    assert simulated(session, document).missing == (
        "globex-gold: there is no evidence for answers of api in any of these months.",
        "globex-gold: there is no evidence for answers of storage in any of these months.",
        "Nobody here buys phone: hotline is not simulated.",
    )


def test_a_draft_in_another_currency_or_without_a_component_that_is_bought_names_the_contract(
    session: Session, house: House
) -> None:
    cap = STEEP | {"cap_amount": "100 JPY"}
    found = simulated(session, draft(commitment={"credit_schedule": cap}))
    assert (found.lines, len(found.missing)) == ([], 1)
    assert "amounts in JPY" in found.missing[0]
    found = simulated(session, draft(commitment={"component": "other"}))
    assert "has no component api" in found.missing[0]


def test_an_agreement_nobody_has_cannot_be_simulated(session: Session, house: House) -> None:
    with pytest.raises(NotFound):
        simulated(session, draft("silver"))


def test_many_contracts_come_in_pages(session: Session, house: House) -> None:
    with provider_scope(), transaction(session):
        many = customers.agreement(session, "many")
        customers.version(session, many, customers.terms_document("many"))
        for number in range(5):
            customers.contract(session, house.globex, many, f"many-{number}", {"api": house.api})
    closing.close(session, "2026-09", NOW)
    first = simulated(session, draft("many"), most=3)
    rest = simulated(session, draft("many"), most=3, after=first.after)
    assert [one.contract for one in (*first.lines, *rest.lines)] == [f"many-{number}" for number in range(5)]
    assert (first.contracts, rest.after, [one.simulated for one in rest.totals]) == (5, None, ["200.00"])
