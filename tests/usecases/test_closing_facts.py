"""What is not of a period or not of a contract changes no statement of it, however late it comes."""

import pytest
from sqlalchemy.orm import Session

from portal.database import transaction
from portal.domain.evidence.records import Ticket
from portal.store.evidence.imports import ImportRow
from portal.store.evidence.records import Origin
from portal.store.evidence.tickets import save_tickets
from portal.store.ground.base import new_id
from portal.store.ground.tenancy import provider_scope
from portal.usecases.closing import closing, revisions
from tests import customers
from tests.customers import House, at, utc
from tests.usecases.test_closing import CALM, NOW, ON_SQLITE, agreement_with, body_of, contract_with, house, tell

__all__ = ["house"]
LATER = utc("2026-11-20 12:00:00")
WEEK = {"timezone": "UTC", "hours": {"mon": [["09:00", "17:00"]]}}
ANSWERS = {"type": "response_time", "target_seconds": 3600, "calendar": WEEK}


def file_covers(session: Session, house: House, from_: str, until: str) -> None:
    """A file told all outages of a time."""
    with provider_scope(), transaction(session):
        session.add(
            ImportRow(
                id=new_id(),
                kind="outages",
                service_id=house.api,
                source="records",
                recorded_at=at("2026-11-10 00:00"),
                added=0,
                corrected=0,
                known=0,
                refused=0,
                covers_from=at(from_),
                covers_until=at(until),
            )
        )


@ON_SQLITE
def test_a_file_about_the_next_month_changes_nothing(session: Session, house: House) -> None:
    tell(session, 1, CALM)
    tell(session, 2, CALM)
    closing.close(session, "2026-10", NOW)
    file_covers(session, house, "2026-11-01 05:00", "2026-12-01 00:00")
    assert revisions.look_again(session, "2026-10", LATER) == 0


@pytest.mark.parametrize(
    ("whose", "opened", "changed"),
    [("initech", "2026-10-20 10:00", 0), ("globex", "2026-11-01 10:00", 0), ("globex", "2026-10-20 10:00", 1)],
)
@ON_SQLITE
def test_only_an_own_ticket_of_the_period_changes_a_statement(
    session: Session, house: House, whose: str, opened: str, changed: int
) -> None:
    terms = customers.terms_document("answers", commitment={"methodology": ANSWERS})
    own = contract_with(session, house, agreement_with(session, "answers", terms), "answers-1")
    tell(session, 1, CALM)
    tell(session, 2, CALM)
    closing.close(session, "2026-10", NOW)
    contract = house.initech_contract if whose == "initech" else own
    with provider_scope(), transaction(session):
        ticket = Ticket("T-1", at(opened), at(opened) + 60)
        save_tickets(session, house.api, contract, [(ticket, 1)], Origin("imported", "", at("2026-11-15 00:00")))
    assert revisions.look_again(session, "2026-10", LATER) == changed
    assert body_of(session, "answers-1")["commitments"][0]["commitment"] == "availability"
