"""How a period would end is what the one evaluation says once it has ended so."""

from fractions import Fraction
from random import Random

import pytest

from portal.domain.evaluation.attainment import Attainment
from portal.domain.evaluation.ending import Unfinished, ended, spare_seconds
from portal.domain.evaluation.result import Status
from portal.domain.evidence.records import Evidence, OutageRecord
from portal.domain.promises.commitment import Comparison
from portal.domain.promises.credit_schedule import (
    BreachCount,
    CountBand,
    CreditSchedule,
    DurationBand,
    Money,
    NoCredit,
    PerOutage,
    PerUnit,
    ProRata,
)
from tests.domain.promises import JUNE, TIERS, judged, promise

SCHEDULES: tuple[CreditSchedule, ...] = (
    TIERS,
    ProRata(multiplier=Fraction(10), excess_only=True, cap_percent=Fraction(30)),
    PerUnit(unit_seconds=600, percent_per_unit=Fraction(3), days_per_unit=None, rounding="ceil", scope="per_outage"),
    PerOutage(bands=(DurationBand(600, Fraction(5)), DurationBand(3600, Fraction(20))), aggregate="sum"),
    BreachCount(bands=(CountBand(2, Fraction(7)),), min_credit_exclusive=Money(Fraction(69), "69")),
    NoCredit(),
)
COMPARISONS = (Comparison(), Comparison(2, "down"), Comparison(2, "half_up"))


def unfinished(result: Attainment) -> Unfinished:
    assert result.totals.downtime is not None
    return Unfinished(
        result.commitment,
        result.contract,
        result.period,
        result.totals.period,
        result.totals.eligible,
        result.totals.downtime,
        result.outages,
        result.fee,
    )


def some(random: Random, start: int, end: int) -> list[OutageRecord]:
    """Up to three outages a whole hour apart or more, within a stretch of time."""
    room = (end - start) // 3
    starts = [start + number * room + random.randrange(3600) for number in range(random.randint(0, 3))]
    return [OutageRecord(one, one + random.choice((60, 599, 600, 1300, 2592, 7200))) for one in starts]


@pytest.mark.parametrize("seed", range(60))
def test_an_imagined_end_has_the_verdict_and_the_credit_of_the_one_evaluation(seed: int) -> None:
    random = Random(seed)
    as_of = JUNE.start + random.randrange(5, 25) * 86_400
    before, after = some(random, JUNE.start, as_of), some(random, as_of, JUNE.end)
    made = promise("99.9", schedule=SCHEDULES[seed % 6], comparison=random.choice(COMPARISONS))
    now = judged(made, Evidence(outages=tuple(before)), as_of=as_of)
    then = judged(made, Evidence(outages=(*before, *after)))
    found = ended(unfinished(now), then.outages[len(now.outages) :])
    assert (found.status, found.credit.amount_minor) == (then.status, then.credit.amount_minor)
    assert found.credit == then.credit
    further = sum(one.seconds for one in then.stretches if one.weight and one.start >= as_of)
    assert (further > spare_seconds(unfinished(now))) == (then.status is Status.BREACHED)
