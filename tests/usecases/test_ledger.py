"""The ledger: approved by one, issued by another, taken back by reversal only; every no changes nothing (D16, E4)."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.database import begin, commit, reading, transaction
from portal.domain.ledger.accounts import sums
from portal.domain.notices.refusals import Conflict, Invalid, NotAllowed, NotFound, Refusal
from portal.domain.people.person import Person
from portal.store.ground.base import new_id
from portal.store.ground.tenancy import customer_scope, provider_scope
from portal.store.settling.ledger import CreditRow, TransferRow
from portal.store.settling.ledger import transfers as stored_transfers
from portal.usecases.closing import closing
from portal.usecases.groundwork import audit
from portal.usecases.settling import accounts, crediting, ledger
from portal.usecases.settling.crediting import CreditNote
from portal.usecases.settling.ledger import CreditView, State
from tests import customers
from tests.customers import House, utc

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Rules of the trade that no database has a say in."""
NOW = utc("2026-11-03 12:00:00")
LATER = utc("2026-11-04 12:00:00")
BEFORE, UNTIL = "2026-09-30 00:00", "2026-11-02 12:00"
DOWN_40_MIN = [
    ("up", BEFORE, "2026-10-10 07:59"),
    ("down", "2026-10-10 08:00", "2026-10-10 08:39"),
    ("up", "2026-10-10 08:40", UNTIL),
]
NOTE = CreditNote("CN-2026-17", 40000, "USD")


@pytest.fixture
def house(session: Session) -> House:
    """Both customers, October closed: Initech is owed 400.00 USD."""
    begin(session, write=True)
    house = customers.build(session)
    customers.runs(session, 1, DOWN_40_MIN)
    customers.runs(session, 2, [("up", BEFORE, UNTIL)])
    commit(session)
    closing.close(session, "2026-10", NOW)
    return house


def credit(session: Session) -> CreditView:
    with provider_scope(), reading(session):
        (found,) = ledger.credits_of(session)
    return found


def approve(session: Session, person: Person) -> None:
    with provider_scope(), transaction(session):
        crediting.approve(session, person, ledger.credits_of(session)[0].id, LATER)


def issue(session: Session, person: Person, note: CreditNote = NOTE, *, single_operator: bool = False) -> None:
    with provider_scope(), transaction(session):
        credit_id = ledger.credits_of(session)[0].id
        crediting.issue(session, person, credit_id, note, LATER, single_operator=single_operator)


def void(session: Session, person: Person) -> None:
    with provider_scope(), transaction(session):
        crediting.void(session, person, ledger.credits_of(session)[0].id, "It was sent to the wrong address.", LATER)


def rows(session: Session) -> tuple[int, int]:
    with provider_scope(), reading(session):
        count = (select(func.count()).select_from(one) for one in (CreditRow, TransferRow))
        first, second = (session.scalar(one) or 0 for one in count)
        return first, second


def test_a_credit_goes_from_accrued_over_approved_to_issued_and_every_step_is_kept(
    session: Session, house: House
) -> None:
    approve(session, house.manager)
    assert credit(session).state is State.APPROVED
    issue(session, house.responder)
    found = credit(session)
    assert (found.state, found.amount_text) == (State.ISSUED, "400.00")
    assert [(one.kind, one.by_name, one.reference, one.alone) for one in found.events] == [
        ("accrue", None, None, False),
        ("approve", "Mara", None, False),
        ("issue", "Rob", "CN-2026-17", False),
    ]
    with provider_scope(), reading(session):
        noted = [(one.what, one.by) for one in audit.entries(session).entries[:2]]
    assert noted == [("issued a credit", "Rob"), ("approved a credit", "Mara")]


def test_the_balance_says_how_far_what_is_owed_has_come(session: Session, house: House) -> None:
    def balance() -> tuple[str, str, str]:
        with customer_scope(house.initech), reading(session):
            (found,) = accounts.balances(session)
        assert found.currency == "USD"
        return found.accrued, found.approved, found.issued

    assert balance() == ("400.00", "0.00", "0.00")
    approve(session, house.manager)
    assert balance() == ("0.00", "400.00", "0.00")
    issue(session, house.responder)
    assert balance() == ("0.00", "0.00", "400.00")
    void(session, house.manager)
    assert balance() == ("0.00", "0.00", "0.00")
    assert credit(session).state is State.VOIDED


def test_all_accounts_of_a_currency_sum_to_zero(session: Session, house: House) -> None:
    approve(session, house.manager)
    issue(session, house.responder)
    with provider_scope(), reading(session):
        found = sums(ledger.transfer_of(one) for one in stored_transfers(session))
    assert sum(found.values()) == 0
    assert found["credit_expense", "USD"] == 40000


@ON_SQLITE
def test_a_statement_of_account_lists_every_transfer_with_the_balance_after_it(session: Session, house: House) -> None:
    approve(session, house.manager)
    issue(session, house.responder)
    void(session, house.manager)
    with customer_scope(house.initech), reading(session):
        (balance,) = accounts.balances(session)
        lines = accounts.account(session, balance)
        latest = accounts.account(session, balance, most=2)
    assert [(one.deed, one.debit, one.credit, one.amount_text, one.issued_text) for one in lines] == [
        ("accrue", "credit_expense", "accrued:initech-platinum", "400.00", "0.00"),
        ("approve", "accrued:initech-platinum", "approved:initech-platinum", "400.00", "0.00"),
        ("issue", "approved:initech-platinum", "issued:initech-platinum", "400.00", "400.00"),
        ("void", "issued:initech-platinum", "credit_expense", "400.00", "0.00"),
    ]
    assert latest == lines[2:]


@ON_SQLITE
def test_a_single_operator_may_do_both_and_the_entry_says_so(session: Session, house: House) -> None:
    approve(session, house.manager)
    issue(session, house.manager, single_operator=True)
    assert [one.alone for one in credit(session).events] == [False, False, True]


Deed = Callable[[Session, House], None]
APPROVED: list[Deed] = [lambda session, house: approve(session, house.manager)]
ISSUED: list[Deed] = [*APPROVED, lambda session, house: issue(session, house.responder)]
VOIDED: list[Deed] = [*ISSUED, lambda session, house: void(session, house.manager)]


def issued_as(reference: str, amount_minor: int, currency: str) -> Deed:
    return lambda session, house: issue(session, house.responder, CreditNote(reference, amount_minor, currency))


REFUSED: list[tuple[str, list[Deed], Deed, type[Refusal], str]] = [
    ("issued before it is approved", [], issued_as("CN-1", 40000, "USD"), Conflict, "Only an approved one"),
    ("approved twice", APPROVED, APPROVED[0], Conflict, "approved already"),
    ("issued twice", ISSUED, issued_as("CN-2", 40000, "USD"), Conflict, "not issued twice"),
    ("issued by who approved it", APPROVED, lambda session, house: issue(session, house.manager), NotAllowed, "else"),
    ("issued in another currency", APPROVED, issued_as("CN-1", 40000, "EUR"), Invalid, "in USD"),
    ("issued with another amount", APPROVED, issued_as("CN-1", 39999, "USD"), Invalid, "in full or not at all"),
    ("issued without a reference", APPROVED, issued_as(" ", 40000, "USD"), Invalid, "Write something"),
    ("taken back though never issued", APPROVED, VOIDED[2], Conflict, "never issued"),
    ("taken back twice", VOIDED, VOIDED[2], Conflict, "taken back already"),
    ("issued after it was taken back", VOIDED, issued_as("CN-3", 40000, "USD"), Conflict, "voided"),
]


@pytest.mark.parametrize(
    ("before", "deed", "refused", "words"), [one[1:] for one in REFUSED], ids=[x[0] for x in REFUSED]
)
@ON_SQLITE
def test_what_may_not_happen_to_a_credit_is_refused_with_a_sentence_and_changes_nothing(
    session: Session, house: House, before: list[Deed], deed: Deed, refused: type[Refusal], words: str
) -> None:
    for one in before:
        one(session, house)
    rows_before, credit_before = rows(session), credit(session)
    with pytest.raises(refused, match=words):
        deed(session, house)
    assert (rows(session), credit(session)) == (rows_before, credit_before)


@pytest.mark.parametrize("whose", ["globex", "initech"])
@ON_SQLITE
def test_another_customers_credit_is_not_found(session: Session, house: House, whose: str) -> None:
    known = credit(session).id if whose == "globex" else new_id()
    with customer_scope(getattr(house, whose)), reading(session), pytest.raises(NotFound):
        ledger.credit(session, known)


def test_a_credit_that_must_be_claimed_is_approved_only_with_a_claim(session: Session, house: House) -> None:
    claim = {"required": True, "deadline": {"type": "days_after_period_end", "days": 30}}
    with provider_scope(), transaction(session):
        agreement: UUID = customers.agreement(session, "claimed")
        commitment = {**customers.PER_MINUTE}
        customers.version(session, agreement, customers.terms_document("claimed", commitment=commitment, claim=claim))
        customers.contract(session, house.globex, agreement, "claimed-1", {"api": house.api}, timezone="UTC")
    closing.close(session, "2026-10", NOW)
    with provider_scope(), reading(session):
        found = next(one for one in ledger.credits_of(session) if one.contract == "claimed-1")
    assert (found.claim_required, found.claim_until) == (True, customers.at("2026-12-01 00:00"))
    with provider_scope(), pytest.raises(Conflict, match="no accepted claim"), transaction(session):
        crediting.approve(session, house.manager, found.id, LATER)
    with provider_scope(), transaction(session):
        crediting.approve(session, house.manager, found.id, LATER, is_claimed=True)
        assert ledger.credit(session, found.id).state is State.APPROVED
