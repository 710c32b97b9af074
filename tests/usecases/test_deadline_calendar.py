"""A month of deadlines: each on the last day there is time for it, in the customer's zone, in weeks of seven days."""

from datetime import UTC, date, datetime

import pytest

from portal.domain.notices.refusals import NotFound
from portal.usecases.customer.deadline_calendar import Day, DeadlineMonth, deadline_month
from portal.usecases.customer.deadlines import Deadline, Kind

NOW = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
MONDAY, SUNDAY = 0, 6


def deadline(until: str) -> Deadline:
    at = int(datetime.fromisoformat(until).timestamp())
    return Deadline(Kind.CLAIM, f"claim-{until}", "Claim it", "In time.", at, "UTC", None)


def days(month: DeadlineMonth) -> list[Day]:
    return [day for week in month.weeks for day in week if day is not None]


def due(month: DeadlineMonth) -> list[tuple[date, int]]:
    return [(day.date, len(day.deadlines)) for day in days(month) if day.deadlines]


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("2026-12-11T00:00:00+01:00", date(2026, 12, 10)),
        ("2026-12-11T00:00:01+01:00", date(2026, 12, 11)),
        ("2026-12-10T23:30:00+00:00", date(2026, 12, 11)),
    ],
)
def test_a_deadline_stands_on_the_last_day_with_a_second_of_time_for_it_in_this_zone(until: str, last: date) -> None:
    assert due(deadline_month([deadline(until)], "2026-12", "Europe/Berlin", NOW, MONDAY)) == [(last, 1)]


def test_without_a_key_it_is_the_month_and_the_day_of_the_zone() -> None:
    for zone, today in (("Europe/Berlin", date(2026, 12, 1)), ("UTC", date(2026, 11, 30))):
        month = deadline_month([], "", zone, NOW, MONDAY)
        assert month.first_day == today.replace(day=1)
        assert [day.date for day in days(month) if day.is_today] == [today]


@pytest.mark.parametrize(("first_weekday", "blanks"), [(MONDAY, (1, 3)), (SUNDAY, (2, 2))])
def test_every_day_of_a_month_stands_once_in_weeks_of_seven(first_weekday: int, blanks: tuple[int, int]) -> None:
    month = deadline_month([], "2026-12", "UTC", NOW, first_weekday)
    assert {len(week) for week in month.weeks} == {7}
    assert [day.date.day for day in days(month)] == list(range(1, 32))
    assert (month.weeks[0].count(None), month.weeks[-1].count(None)) == blanks


def test_an_empty_month_names_the_next_one_that_is_not() -> None:
    found = [deadline("2027-02-28T12:00:00+00:00"), deadline("2026-12-05T12:00:00+00:00")]
    january = deadline_month(found, "2027-01", "UTC", NOW, MONDAY)
    assert (january.is_empty, january.next) == (True, date(2027, 2, 1))
    february = deadline_month(found, "2027-02", "UTC", NOW, MONDAY)
    assert (february.is_empty, february.next) == (False, None)


def test_one_turns_back_as_far_as_the_present_month_and_on_as_far_as_there_are_months() -> None:
    def neighbours(key: str) -> tuple[date | None, date | None]:
        month = deadline_month([], key, "UTC", NOW, MONDAY)
        return month.before, month.after

    assert neighbours("2026-10") == (None, date(2026, 11, 1))
    assert neighbours("2026-11") == (None, date(2026, 12, 1))
    assert neighbours("2027-01") == (date(2026, 12, 1), date(2027, 2, 1))
    assert neighbours("2999-12") == (date(2999, 11, 1), None)


@pytest.mark.parametrize("key", ["x", "2026-13", "2026-1", "2026-12-01", "9999-12", "0001-01", "2026-12\n"])
def test_a_key_that_is_no_month_is_not_found(key: str) -> None:
    with pytest.raises(NotFound):
        deadline_month([], key, "UTC", NOW, MONDAY)
