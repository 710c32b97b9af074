"""Laws of the ledger: whatever is tried in whatever order, accounts sum to zero and a credit is given at most once."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.ledger import credit_life
from portal.domain.ledger.accounts import CREDIT_EXPENSE, Stage, Transfer, of_contract, sums
from portal.domain.ledger.corrections import Booked, correction
from portal.domain.ledger.credit_life import OPEN, Booking, Credit, CreditNote, Deed, Happened, State
from portal.domain.notices.refusals import Refusal
from portal.domain.promises.restatement import restate
from portal.domain.promises.settlement import Restatement

CONTRACT = UUID(int=7)
PEOPLE = [UUID(int=1), UUID(int=2)]

amounts = st.integers(-1_000_000, 1_000_000).filter(bool)
deeds = st.lists(st.tuples(st.sampled_from(list(Deed)), st.sampled_from(PEOPLE)), max_size=12)


def tried(credit: Credit, events: list[Happened], deed: Deed, by: UUID) -> Booking | None:
    """The booking of a deed, None where it is refused."""
    note = CreditNote("CN-1", credit.amount_minor, credit.currency)
    try:
        if deed is Deed.APPROVE:
            return credit_life.approve(credit, events, is_claimed=False)
        if deed is Deed.ISSUE:
            return credit_life.issue(credit, events, by, note, single_operator=False)
        if deed is Deed.VOID:
            return credit_life.void(credit, events)
        return credit_life.withdraw(credit, events) if deed is Deed.WITHDRAW else None
    except Refusal:
        return None


@given(amounts, deeds)
def test_whatever_is_tried_the_money_stands_where_the_state_says_and_all_accounts_sum_to_zero(
    amount: int, wanted: list[tuple[Deed, UUID]]
) -> None:
    credit = Credit(CONTRACT, amount, "EUR")
    events, moved = [Happened(Deed.ACCRUE, None)], [credit_life.accrue(credit).transfer]
    for deed, by in wanted:
        booking = tried(credit, events, deed, by)
        if booking is not None:
            events.append(Happened(booking.deed, by))
            moved.append(booking.transfer)
    found, state = sums(moved), credit_life.state(events)
    assert sum(found.values()) == 0
    for stage in Stage:
        assert -found.get((of_contract(stage, CONTRACT), "EUR"), 0) == (amount if state.value == stage.value else 0)
    is_owed = state in (*OPEN, State.ISSUED)
    assert found.get((CREDIT_EXPENSE, "EUR"), 0) == (amount if is_owed else 0)
    done = [one.deed for one in events]
    assert all(done.count(deed) <= 1 for deed in Deed)
    approvers = {one.by for one in events if one.deed is Deed.APPROVE}
    assert not approvers & {one.by for one in events if one.deed is Deed.ISSUE}


booked = st.lists(st.tuples(st.sampled_from(list(State)), amounts), max_size=5)
rules = st.sampled_from([Restatement("no_clawback"), Restatement("adjust"), Restatement("frozen", 30)])


@given(rules, booked, st.integers(0, 1_000_000), st.booleans())
def test_after_a_correction_the_customer_has_what_the_policy_says(
    rule: Restatement, stored: list[tuple[State, int]], recomputed: int, is_open: bool
) -> None:
    before = [Booked(number, state, amount) for number, (state, amount) in enumerate(stored)]
    found = correction(rule, before, recomputed, is_open)
    standing = [one for one in before if one.state in (*OPEN, State.ISSUED) and one.id not in found.withdrawn]
    assert sum(one.amount_minor for one in standing) + found.accrued_minor == found.final_minor
    issued = sum(one.amount_minor for one in before if one.state is State.ISSUED)
    if rule.policy == "frozen" and not is_open:
        assert not found.changes
    else:
        assert found.final_minor == restate(rule, issued, recomputed, is_open).final_minor


@given(st.lists(st.tuples(st.integers(1, 10**9), st.sampled_from("abc"), st.sampled_from("xyz")), max_size=20))
def test_any_transfers_sum_to_zero_in_each_currency(moves: list[tuple[int, str, str]]) -> None:
    found = sums(Transfer(debit, credit, amount, "EUR") for amount, debit, credit in moves)
    assert sum(found.values()) == 0
