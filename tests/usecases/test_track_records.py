"""The track record: what closed periods attained over all customers, kept beside the statements, naming nobody."""

import json
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.database import begin, commit, reading, transaction
from portal.domain.ledger.credit_life import CreditNote
from portal.domain.people.roles import StaffRole
from portal.domain.statements.track_record import ClosedAccount, read_record, record_document, record_of
from portal.store.evidence.runs import RunRow
from portal.store.ground.tenancy import provider_scope
from portal.store.promises.agreements import AgreementRow
from portal.usecases.closing import closing
from portal.usecases.publishing.practice import practice_of
from portal.usecases.publishing.track_records import TrackRecord, keep_track_records, track_record
from portal.usecases.settling import crediting, ledger
from tests import customers
from tests.customers import BERLIN, House, utc

NOW = utc("2026-11-03 12:00:00")
DOWN_40_MIN = [
    ("up", "2026-09-29 00:00", "2026-10-10 07:59"),
    ("down", "2026-10-10 08:00", "2026-10-10 08:39"),
    ("up", "2026-10-10 08:40", "2026-11-02 12:00"),
]
DOWN_A_DAY = [
    ("up", "2026-09-29 00:00", "2026-10-10 07:59"),
    ("down", "2026-10-10 08:00", "2026-10-11 07:59"),
    ("up", "2026-10-11 08:00", "2026-11-02 12:00"),
]
CALM = [("up", "2026-09-29 00:00", "2026-11-02 12:00")]


@pytest.fixture
def house(session: Session) -> House:
    """October can be closed: Globex has gold, Initech platinum, and the API was down for 40 minutes."""
    begin(session, write=True)
    house = customers.build(session)
    customers.runs(session, 1, DOWN_40_MIN, "generated")
    customers.runs(session, 2, CALM)
    commit(session)
    return house


def more_gold(session: Session, house: House, *names: str) -> None:
    """Further customers with gold for the API, in the time zone of the first."""
    with provider_scope(), transaction(session):
        gold = session.scalars(select(AgreementRow.id).where(AgreementRow.slug == "gold")).one()
        for name in names:
            customer = customers.customer(session, name, name.title(), BERLIN)
            customers.contract(session, customer, gold, f"{name}-gold", {"api": house.api}, timezone=BERLIN)


def recorded(session: Session, slug: str) -> TrackRecord:
    with reading(session):
        return track_record(session, slug)


def test_the_record_tells_of_at_least_three_customers_and_of_none_of_them(session: Session, house: House) -> None:
    more_gold(session, house, "hooli", "umbra")
    closing.close(session, "2026-10", NOW)
    assert keep_track_records(session) == 1
    found = recorded(session, "gold")
    (line,) = found.lines
    assert (found.is_together, found.is_generated) == (False, True)
    assert (line.period, line.kept, line.judged, line.undecided) == ("2026-10-01", 4, 4, 0)
    assert (line.lowest, line.half, line.highest) == ("99.910 %", "99.910 %", "100.000 %")
    assert line.credits == ("0.00 % owed, 0.00 % paid (EUR)",)
    assert not [name for name in ("Globex", "Hooli", "Umbra", "globex") if name in repr(found)]


def test_a_group_of_two_is_not_shown_alone_nor_together_with_too_few(session: Session, house: House) -> None:
    closing.close(session, "2026-10", NOW)
    keep_track_records(session)
    for slug in ("gold", "platinum"):
        assert recorded(session, slug) == TrackRecord(
            (), is_together=True, is_generated=False, periods=0, kept=0, judged=0
        )


def test_small_agreements_stand_together_and_money_of_too_few_is_left_out(session: Session, house: House) -> None:
    more_gold(session, house, "hooli")
    closing.close(session, "2026-10", NOW)
    keep_track_records(session)
    found = recorded(session, "platinum")
    (line,) = found.lines
    assert (found.is_together, line.kept, line.judged) == (True, 3, 4)
    assert line.credits == ()
    assert recorded(session, "gold") == found


def test_what_was_issued_counts_as_paid_and_nothing_is_made_twice(session: Session, house: House) -> None:
    with transaction(session):
        session.execute(delete(RunRow))
        customers.runs(session, 1, DOWN_A_DAY)
        customers.runs(session, 2, CALM)
    more_gold(session, house, "hooli", "umbra")
    closing.close(session, "2026-10", NOW)
    assert (keep_track_records(session), keep_track_records(session)) == (1, 0)
    assert recorded(session, "gold").lines[0].credits == ("18.75 % owed, 0.00 % paid (EUR)",)
    with provider_scope(), transaction(session):
        fay = customers.user(session, "fay@provider.example", "Fay", {}, StaffRole.FINANCE)
        for one in ledger.credits_of(session):
            if one.currency == "EUR":
                crediting.approve(session, house.manager, one.id, NOW)
                note = CreditNote("G-1", one.amount_minor, one.currency)
                crediting.issue(session, fay, one.id, note, NOW, single_operator=False)
    assert keep_track_records(session) == 1
    assert recorded(session, "gold").lines[0].credits == ("18.75 % owed, 18.75 % paid (EUR)",)


def test_the_lowest_figures_of_closed_periods_are_what_a_promise_is_held_against(
    session: Session, house: House
) -> None:
    closing.close(session, "2026-10", NOW)
    keep_track_records(session)
    with provider_scope(), reading(session):
        practice = practice_of(session, "gold", NOW)
    assert practice.attained == {"availability": 100 - Fraction(2400 * 100, 745 * 3600)}
    assert (practice.interval_s, practice.components) == ({"api": 60}, {"api"})


def body(met: bool | None, attained: str | None, *exclusions: tuple[str, int], credit: str = "0.00") -> dict[str, Any]:
    part = {
        "attained": None if attained is None else {"exact": attained, "display": attained},
        "status": "met",
        "exclusions": [{"id": name, "counted_seconds": seconds} for name, seconds in exclusions],
    }
    return {
        "commitments": [{"commitment": "availability", "met": met, "governing": 0, "parts": [part]}],
        "exclusions": [{"id": name, "type": "maintenance"} for name, _ in exclusions],
        "evidence": {"provenance": ["measured"]},
        "credit": {"currency": "EUR", "total_fee_exact": "100", "amount_text": credit},
    }


def test_a_record_counts_each_entry_once_and_reads_back_as_it_was_written() -> None:
    bodies = [
        body(True, "99.99999", ("a", 60), ("b", 40)),
        body(False, "10/3", ("a", 50), credit="5.00"),
        body(None, None, ("c", 0)),
    ]
    made = record_of([ClosedAccount(str(n), one, Fraction(n)) for n, one in enumerate(bodies)])
    assert (made.customers, made.kept, made.missed, made.undecided) == (3, 1, 1, 1)
    assert made.attained == ((Fraction("3.333"), 1), (Fraction("99.999"), 1))
    assert made.lowest == {"availability": Fraction(10, 3)}
    assert [(one.type, one.entries, one.longest_seconds) for one in made.exclusions] == [("maintenance", 2, 100)]
    assert [(one.fee, one.owed, one.paid) for one in made.money] == [(300, 5, 3)]
    assert read_record(json.loads(json.dumps(record_document(made)))) == made
