"""The closing desk: it lists without judging, 50 at a time, and closes a piece at a time with a name in the audit."""

import pytest
from sqlalchemy.orm import Session

from portal.database import begin, commit, reading
from portal.domain.notices.refusals import Conflict
from portal.store.ground.tenancy import provider_scope
from portal.usecases.closing import closing_desk
from portal.usecases.closing.closing_desk import Desk, Piece, Stand
from portal.usecases.groundwork import audit
from portal.usecases.settling import crediting, ledger
from tests import customers
from tests.customers import House, utc

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NOW = utc("2026-11-03 12:00:00")
DOWN_40_MIN = [
    ("up", "2026-09-30 00:00", "2026-10-10 07:59"),
    ("down", "2026-10-10 08:00", "2026-10-10 08:39"),
    ("up", "2026-10-10 08:40", "2026-11-02 12:00"),
]
MONTH, CONTRACTS = "2026-10", 58


@pytest.fixture
def house(session: Session) -> House:
    """Sixty contracts, one of them with the storage that nobody measured."""
    begin(session, write=True)
    house = customers.build(session)
    customers.runs(session, 1, DOWN_40_MIN)
    with provider_scope():
        agreement = customers.agreement(session, "many")
        customers.version(session, agreement, customers.terms_document("many", commitment=customers.PER_MINUTE))
        for number in range(CONTRACTS):
            customers.contract(session, house.globex, agreement, f"many-{number:02}", {"api": house.api})
    commit(session)
    return house


def desk(session: Session, after: str = "") -> Desk:
    with provider_scope(), reading(session):
        return closing_desk.desk(session, MONTH, NOW, after)


def test_a_month_is_listed_by_fifty_and_closed_in_pieces_and_so_are_its_credits(session: Session, house: House) -> None:
    first = desk(session)
    assert (first.open, first.closed, len(first.rows), first.after) == (60, 0, 50, "many-47/2026-10-01")
    assert {one.stand for one in first.rows} == {Stand.OPEN}
    rest = desk(session, first.after or "")
    assert ([one.contract for one in rest.rows], rest.after) == ([f"many-{n:02}" for n in range(48, CONTRACTS)], None)
    piece = closing_desk.close_piece(session, house.manager, MONTH, NOW, most=20)
    assert piece == Piece(closed=19, left=41)  # the one that waits for a decision ends first, in Berlin
    closing_desk.close_piece(session, house.manager, MONTH, NOW)
    (left,) = desk(session).rows
    assert (left.contract, left.stand, desk(session).closed) == ("globex-gold", Stand.OPEN, 59)
    assert closing_desk.close_piece(session, house.manager, MONTH, NOW) == Piece(closed=0, left=1)
    with provider_scope(), reading(session):
        found = [one for one in audit.entries(session).entries if one.what == audit.Deed.CLOSED_PERIODS]
        assert ([one.by for one in found], found[0].changes) == (["Mara"] * 3, ("closed: 0", "open: 1"))
        for open_only in (True, False):
            page = ledger.credits_page(session, open_only=open_only)
            older = ledger.credits_page(session, page.after, open_only=open_only)
            assert (len(page.credits), len(older.credits), older.after) == (50, 9, None)
            assert {one.id for one in (*page.credits, *older.credits)} == {one.id for one in ledger.credits_of(session)}
        credit = page.credits[0]
    begin(session, write=True)
    with provider_scope():
        crediting.withdraw(session, credit.id, "Replaced.", NOW, None)
        assert credit.id not in {one.id for one in ledger.credits_page(session, open_only=True).credits}
        assert credit.id in {one.id for one in ledger.credits_page(session).credits}


@ON_SQLITE
def test_a_month_that_goes_on_is_not_closed_and_not_noted(session: Session, house: House) -> None:
    with pytest.raises(Conflict, match="Nothing of 2026-11 can be closed yet"):
        closing_desk.close_piece(session, house.manager, "2026-11", NOW)
    with provider_scope(), reading(session):
        assert audit.entries(session).entries == ()
