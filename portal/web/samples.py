"""Made-up things for the page of patterns: real view models, judged and drawn as everything else, about nobody."""

from calendar import day_name
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

from portal.domain.evaluation.attainment import Carried, evaluate
from portal.domain.evaluation.exclusions import Exclusion
from portal.domain.evaluation.working import document
from portal.domain.evidence.records import Evidence, OutageRecord, State
from portal.domain.notices.incidents import Affected, Impact, Incident, Status, Update
from portal.domain.promises.commitment import UnknownPolicy
from portal.domain.quantities.exact import truncate
from portal.domain.quantities.intervals import Interval
from portal.usecases.customer.cards import LOOKS, Allowance, Card, Figures, Money, Span, Standing
from portal.usecases.customer.closed_periods import LinePart
from portal.usecases.customer.heat_maps import HeatRow, PeriodHead, heat_rows, period_heads
from portal.usecases.customer.histories import Cell, History, Row
from portal.usecases.explaining.receipts import Receipt, receipt_of
from portal.usecases.forecasting.words import ForecastShown
from portal.usecases.keeping.latencies import Bands, DayLatency, bands
from portal.usecases.publishing.presets import preset
from portal.usecases.publishing.track_records import RecordLine, Spread, TrackRecord
from portal.usecases.wording.example import example_line, example_period
from portal.web.bars import Drawing
from portal.web.service_lines import Row as ServiceRow
from portal.web.strips import Mark, Strip

ZONE = "Europe/Berlin"
MODEL = "edgevirt-hosting"
DAY_S, HOUR_S = 86_400, 3_600
MONTHS = ("2026-06-01", "2026-07-01", "2026-08-01", "2026-09-01", "2026-10-01", "2026-11-01")
AT = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)
AT_S = int(AT.timestamp())
NOBODY = UUID(int=0)
WEEKDAYS = tuple({"short": name[:2], "name": name} for name in day_name)


class Nobody(NamedTuple):
    """A customer that is none."""

    id: UUID = NOBODY
    name: str = "Example"


EXAMPLE = Nobody()


def receipt() -> Receipt:
    """A month with two outages, planned work that is left out, some that is not, and time nobody knows of."""
    terms = preset(MODEL).terms
    (promise,) = terms.commitments
    excused = replace(promise.exclusions_policy, mode="remove")
    commitment = replace(promise, unknown_policy=UnknownPolicy("exclude", Fraction(5)), exclusions_policy=excused)
    period, line = example_period(terms), example_line(terms, Fraction(4800), "EUR")
    begins = period.start + 9 * DAY_S
    evidence = Evidence(
        outages=(OutageRecord(begins, begins + 4_210), OutageRecord(begins + 9 * DAY_S, begins + 9 * DAY_S + 900)),
        unknown=(Interval(begins + 5 * DAY_S, begins + 5 * DAY_S + 5 * HOUR_S),),
    )
    excused_at, refused_at = begins - 3 * DAY_S, begins + 14 * DAY_S
    exclusions = (
        Exclusion("00000000-0000-4000-8000-000000000001", "scheduled_maintenance", excused_at, excused_at + 2 * HOUR_S),
        Exclusion("00000000-0000-4000-8000-000000000002", "third_party", refused_at, refused_at + HOUR_S),
    )
    judged = evaluate(commitment, line, period, evidence, exclusions, Carried(), period.end + DAY_S)
    return receipt_of(document(judged), {})


def cards() -> Sequence[Card]:
    """A commitment in every standing, its allowance at and between the marks of 80, 90 and 100 %."""
    doubt = Span(best="99.912", worst="99.894")
    return (
        _card("untouched", Standing.ON_TRACK, 0),
        _card("some", Standing.ON_TRACK, 34),
        _card("eighty", Standing.AT_RISK, 80, doubt=doubt),
        _card("ninety", Standing.AT_RISK, 93),
        _card("hundred", Standing.BREACHED, 100),
        _card("over", Standing.BREACHED, 250),
        _card("little", Standing.TOO_LITTLE, 12, is_known=False),
        _card("nothing", Standing.NOT_APPLICABLE, None, is_known=False),
        _card("waiting", Standing.WAITING, None, is_computed=False),
    )


def heat() -> tuple[Sequence[PeriodHead], Sequence[HeatRow]]:
    """Months as squares in every look, how it goes beside them, and a row without a statement in the first of them."""
    told = ("met", "near", "breached", "insufficient_data", "not_applicable", "met")
    cells = tuple(_cell(*one) for one in zip(MONTHS, told, strict=True))
    rows = (
        Row("gold", "API", "api", "availability", cells),
        Row("gold", "Storage", "s", "response", (None, *cells[1:])),
        Row("gold", "Dashboard", "d", "availability", tuple(_cell(one, "met") for one in MONTHS)),
    )
    return period_heads(MONTHS), heat_rows(History(MONTHS, rows))


def services(drawn: Drawing) -> Sequence[ServiceRow]:
    """A service in every state, each with these days."""
    told = (
        ("API", State.DOWN, False, False),
        ("Storage", State.DEGRADED, False, False),
        ("Queue", State.UNKNOWN, False, False),
        ("Search", State.UP, True, False),
        ("Mail", State.UP, False, True),
        ("Dashboard", State.UP, False, False),
        ("Build runners", None, False, False),
    )
    return [
        ServiceRow(name, "#days", state, AT_S, is_failing, is_planned, None if state is None else "99.952", drawn)
        for name, state, is_failing, is_planned in told
    ]


def answers() -> tuple[Sequence[DayLatency], Bands]:
    """Ninety days of answers with a slow week and a gap, and their picture."""
    days = [_answers(number) for number in range(90) if not 40 <= number < 44]
    return days[-3:], bands(days, AT_S + DAY_S)


def record() -> TrackRecord:
    """Periods of an agreement: kept, missed, and one of too few customers."""
    lines = tuple(_line(number, one) for number, one in enumerate(reversed(MONTHS)))
    return TrackRecord(lines, is_together=False, is_generated=False, periods=5, kept=57, judged=60)


def strip() -> Strip:
    """A day with something of every look."""
    marks = (Mark("ok", 120, 1200), Mark("unknown", 300, 90), Mark("degraded", 700, 60), Mark("down", 1000, 45))
    ticks = [(AT_S // DAY_S * DAY_S - HOUR_S + hour * HOUR_S, f"{100 * hour / 24:.1f}%") for hour in (0, 6, 12, 18)]
    return Strip(marks, [Mark("maint", 500, 120)], ticks)


def incidents() -> Sequence[Incident]:
    """An incident of every impact and status, the last of them resolved and learned from."""
    return (
        _incident(1, Impact.CRITICAL, Status.INVESTIGATING),
        _incident(2, Impact.MAJOR, Status.IDENTIFIED),
        _incident(3, Impact.MINOR, Status.IDENTIFIED),
        _incident(4, Impact.NONE, Status.INVESTIGATING),
        _incident(5, Impact.MINOR, Status.MONITORING),
        _incident(6, Impact.MAJOR, Status.RESOLVED, Status.POSTMORTEM),
    )


def month() -> Mapping[str, object]:
    """Two weeks with a day of every look: nothing due, something, more than there is room for, and today."""
    claim = {"kind": "claim", "statement_id": None, "until": AT_S, "title": "Claim EUR 480.00", "key": "working"}
    due = {18: [claim], 20: [claim] * 5, 22: [claim]}
    weeks = [[_day(day, due) for day in range(first, first + 7)] for first in (16, 23)]
    return {
        "first_day": date(2026, 11, 1),
        "is_empty": False,
        "next": None,
        "timezone": ZONE,
        "weeks": [*weeks, [None] * 7],
        "before": date(2026, 10, 1),
        "after": date(2026, 12, 1),
    }


def _day(day: int, due: Mapping[int, Sequence[object]]) -> Mapping[str, object]:
    return {"date": date(2026, 11, day), "deadlines": due.get(day, ()), "is_today": day in (22, 24)}


def _card(
    key: str,
    standing: Standing,
    percent: int | None,
    *,
    is_known: bool = True,
    doubt: Span | None = None,
    is_computed: bool = True,
) -> Card:
    used = None if percent is None else 2_592 * percent // 100
    allowance = (
        None
        if used is None or percent is None
        else Allowance(2_592, used, max(0, 2_592 - used), max(0, used - 2_592), percent, min(percent, 100))
    )
    figures = Figures(
        as_of=AT_S,
        so_far=_attained(used or 0, 21) if is_known else None,
        attained=_attained(used or 0, 30) if is_known else None,
        allowance=allowance,
        downtime_s=used,
        unknown_s=240 if doubt else 0,
        unknown_percent="0.01" if doubt else None,
        excluded_s=7_200,
        held_s=0,
        outages=1 if used else 0,
        resolution_s=60,
        doubt=doubt,
        unknown=doubt,
        credit=Money("480.00" if standing is Standing.BREACHED else "0.00", "EUR", None),
        is_generated=False,
    )
    return Card(
        contract_id=NOBODY,
        agreement="gold",
        version=1,
        service="API",
        service_key=key,
        group="",
        commitment="availability",
        measured=None,
        target="99.9",
        period=MONTHS[-1],
        period_start=AT_S - 21 * DAY_S,
        period_end=AT_S + 9 * DAY_S,
        period_kind="calendar_month",
        timezone=ZONE,
        begins=date(2026, 1, 1),
        ends=None,
        standing=standing,
        look=LOOKS.get(standing, "none"),
        figures=figures if is_computed else None,
        forecast=_forecast() if standing is Standing.AT_RISK else None,
    )


def _attained(down_s: int, days: int) -> str:
    return truncate(100 - Fraction(100 * down_s, days * DAY_S), 3)


def _forecast() -> ForecastShown:
    return ForecastShown(
        as_of=AT_S,
        chance="31 %",
        why_not=None,
        expected="EUR 149.00",
        pace_days=7,
        spent_percent=None,
        gone_on=date(2026, 11, 29),
        is_broken=False,
        history_days=84,
        history_outages=6,
        tried=None,
    )


def _cell(period: str, status: str) -> Cell:
    attained = {"met": "99.982", "near": "99.913", "breached": "99.731"}.get(status)
    part = LinePart(1, 0, 1, "99.9", attained, status)
    return Cell(
        period=period,
        statement_id=NOBODY,
        status="met" if status == "near" else status,
        verdict=status.replace("_", " "),
        promised="99.9",
        attained=attained,
        credit="480.00" if status == "breached" else None,
        percent="10" if status == "breached" else None,
        owes=status == "breached",
        parts=(part,),
        near_percent=87 if status == "near" else None,
    )


def _answers(number: int) -> DayLatency:
    slow = 40 if 60 <= number < 67 else 0
    usual = 80 + number * 7 % 23 + slow
    return DayLatency(AT_S + (number - 89) * DAY_S, 1_440, usual, usual + 60 + slow, usual + 130 + 4 * slow)


def _line(number: int, period: str) -> RecordLine:
    if number == 2:
        return RecordLine(period, date.fromisoformat(period), is_shown=False)
    least = Fraction(998 if number % 2 else 9991, 10 if number % 2 else 100)
    spread = Spread(least, least + Fraction(2, 100), Fraction(9996, 100), Fraction(9998, 100), Fraction(100))
    return RecordLine(
        period,
        date.fromisoformat(period),
        is_shown=True,
        kept=12 - number % 2,
        judged=12,
        undecided=0,
        spread=spread,
        lowest="99.8 %" if number % 2 else "99.91 %",
        half="99.96 %",
        highest="100 %",
    )


def _incident(number: int, impact: Impact, *told: Status) -> Incident:
    words = "A network change removed the route. We are putting it back."
    updates = tuple(
        Update(UUID(int=10 * number + place), status, words, AT + timedelta(hours=place))
        for place, status in reversed(list(enumerate(told)))
    )
    ended = AT if Status.RESOLVED in told else None
    affected = (Affected(NOBODY, "API"),)
    return Incident(UUID(int=number), "API requests fail in eu-central", impact, AT, ended, affected, updates)
