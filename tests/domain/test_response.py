"""Tickets answered in time."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.evaluation.response import Answer, attain, due_at, elapsed_seconds, judge
from portal.domain.evidence.records import Ticket
from portal.domain.promises.business_hours import BusinessHours, Site
from portal.domain.promises.methodology import ResponseTime, SmallSample
from portal.domain.quantities.intervals import Interval
from portal.domain.quantities.zones import instant_text, parse_instant

OFFICE = BusinessHours((Site("Europe/Paris", (((540, 1020),),) * 5 + ((), ())),))
HOUR = 3600
JUNE = (parse_instant("2026-05-31T22:00:00Z"), parse_instant("2026-06-30T22:00:00Z"))
LATER = parse_instant("2026-07-05T00:00:00Z")
PROMISE = ResponseTime(HOUR, OFFICE)


def at(text: str) -> int:
    return parse_instant(f"2026-06-{text}:00Z")


def ticket(opened: str, responded: str | None, *pauses: tuple[str, str], name: str = "t") -> Ticket:
    waits = tuple(Interval(at(start), at(end)) for start, end in pauses)
    return Ticket(name, at(opened), None if responded is None else at(responded), waits)


def test_exactly_the_limit_is_within_and_a_second_more_is_late() -> None:
    on_time = Ticket("t", at("10T07:00"), at("10T08:00"))
    late = Ticket("t", at("10T07:00"), at("10T08:00") + 1)
    assert judge(on_time, PROMISE, *JUNE, LATER).result is Answer.WITHIN
    assert judge(late, PROMISE, *JUNE, LATER).result is Answer.BREACHED


@pytest.mark.parametrize(
    ("one", "elapsed"),
    [
        (ticket("10T16:00", "11T07:59"), 59 * 60),
        (ticket("12T14:30", "15T07:30"), HOUR),
        (ticket("10T07:00", "10T11:00", ("10T07:30", "10T10:40")), 50 * 60),
        (ticket("10T07:00", "10T11:00", ("10T07:30", "10T09:00"), ("10T08:30", "10T10:40")), 50 * 60),
        (ticket("10T07:00", "10T08:00", ("09T00:00", "12T00:00")), 0),
        (ticket("13T07:00", "13T20:00"), 0),
    ],
)
def test_only_open_time_outside_pauses_elapses(one: Ticket, elapsed: int) -> None:
    assert judge(one, PROMISE, *JUNE, LATER).elapsed_seconds == elapsed


def test_a_ticket_belongs_to_the_period_it_was_opened_in() -> None:
    first, last = Ticket("a", JUNE[0], JUNE[0] + 1), Ticket("b", JUNE[1], JUNE[1] + 1)
    assert judge(first, PROMISE, *JUNE, LATER).result is Answer.WITHIN
    outside = judge(last, PROMISE, *JUNE, LATER)
    assert (outside.result, outside.elapsed_seconds) == (Answer.NOT_IN_PERIOD, None)


def test_an_open_ticket_is_pending_until_it_is_late() -> None:
    waiting = ticket("10T07:00", None)
    assert judge(waiting, PROMISE, *JUNE, at("10T08:00")).result is Answer.PENDING
    assert judge(waiting, PROMISE, *JUNE, at("10T08:00") + 1).result is Answer.BREACHED


def test_an_answer_after_as_of_is_not_known_yet() -> None:
    one = judge(ticket("10T07:00", "10T07:50"), PROMISE, *JUNE, at("10T07:30"))
    assert (one.result, one.elapsed_seconds) == (Answer.PENDING, 1800)


def test_pending_tickets_stand_outside_the_denominator() -> None:
    tickets = [ticket("10T07:00", None), ticket("10T07:00", "10T07:10")]
    result = attain(PROMISE, *JUNE, tickets, at("10T07:30"))
    assert (result.total, result.within, result.pending, result.attained) == (1, 1, 1, 100)


def test_no_tickets_attain_nothing() -> None:
    result = attain(PROMISE, *JUNE, [], LATER)
    assert (result.total, result.attained, result.forgiven) == (0, None, False)


@pytest.mark.parametrize(("late", "in_time", "forgiven"), [(1, 18, True), (2, 17, False), (1, 19, False), (0, 5, True)])
def test_few_tickets_may_have_the_misses_the_clause_allows(late: int, in_time: int, forgiven: bool) -> None:
    promise = ResponseTime(HOUR, OFFICE, SmallSample(below=20, allowed_misses=1))
    tickets = [ticket("10T07:00", "10T09:30")] * late + [ticket("10T07:00", "10T07:30")] * in_time
    result = attain(promise, *JUNE, tickets, LATER)
    assert result.forgiven is forgiven
    assert result.attained == Fraction(100 * in_time, late + in_time)


def test_the_due_time_may_be_closing_time_itself() -> None:
    due = due_at(at("10T13:00"), 2 * HOUR, Fraction(1), OFFICE, ())
    assert due is not None
    assert instant_text(due) == "2026-06-10T15:00:00Z"


def test_a_calendar_that_closes_for_good_has_no_due_time() -> None:
    never = BusinessHours((Site("Europe/Paris", ((),) * 7),))
    assert due_at(at("10T13:00"), HOUR, Fraction(1), never, ()) is None


moments = st.integers(JUNE[0], JUNE[1])
pauses = st.lists(st.builds(lambda start, length: Interval(start, start + length), moments, st.integers(1, 90_000)))


@given(moments, st.integers(1, 60 * HOUR), st.sampled_from([80, 90, 100]), pauses)
def test_the_due_time_is_the_first_instant_with_that_share_elapsed(
    opened: int, target: int, percent: int, waits: list[Interval]
) -> None:
    due = due_at(opened, target, Fraction(percent, 100), OFFICE, waits)
    assert due is not None
    assert elapsed_seconds(opened, due, OFFICE, waits) * 100 >= target * percent
    assert elapsed_seconds(opened, due - 1, OFFICE, waits) * 100 < target * percent


@settings(max_examples=40)
@given(moments, st.integers(0, 400_000), pauses)
def test_elapsed_seconds_count_every_open_second_once(opened: int, length: int, waits: list[Interval]) -> None:
    step = 600
    opened -= opened % step
    length -= length % step
    waits = [Interval(one.start - one.start % step, one.end - one.end % step) for one in waits]
    ticks = range(opened, opened + length, step)
    counted = sum(
        elapsed_seconds(tick, tick + step, OFFICE, ())
        for tick in ticks
        if not any(w.start <= tick < w.end for w in waits)
    )
    assert elapsed_seconds(opened, opened + length, OFFICE, waits) == counted
