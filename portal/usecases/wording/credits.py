"""What is paid when a promise is broken, in words and as a table (semantics.md R31-R39)."""

from collections.abc import Iterator
from fractions import Fraction

from portal.domain.documents.scalars import number_text
from portal.domain.promises.credit_schedule import (
    BreachCount,
    CreditSchedule,
    Days,
    DayTier,
    PerOutage,
    PerUnit,
    ProRata,
    Tier,
    Tiers,
)
from portal.domain.promises.methodology import Methodology, ResponseTime
from portal.usecases.wording.phrases import (
    count_words,
    fee_words,
    length_words,
    money_words,
    percent_words,
    period_noun,
    unit_words,
)
from portal.usecases.wording.sentences import Sentence, Table

_ROUNDED = {"ceil": "started ", "floor": "whole ", "exact": ""}
_SCOPE = {"total": "of downtime, all outages together", "per_outage": "of each outage, one outage at a time"}
_AGGREGATE = {
    "sum": "The credits of several outages are added up.",
    "max": "Of several outages only the largest credit is paid.",
}


def credit_phrase(schedule: CreditSchedule, period_kind: str, target: str) -> str:
    """What is paid, in one sentence: "You get 10 % of the month's fee below 99.9 %, 25 % below 99 %."."""
    fee = fee_words(period_kind)
    match schedule:
        case Tiers(tiers=tiers):
            steps = [f"{percent_words(one.percent)}{{}} {_bound(one)}" for one in tiers]
            return f"You get {_of_the_fee(steps, fee)}."
        case Days(tiers=day_tiers):
            steps = [f"{_days(one.days)}{{}} {_bound(one)}" for one in day_tiers]
            return f"You get {_of_the_fee(steps, fee)}."
        case PerUnit():
            return _per_unit(schedule, fee)
        case ProRata():
            return _pro_rata(schedule, fee, period_noun(period_kind), target)
        case PerOutage(bands=bands):
            steps = [f"{percent_words(b.percent)}{{}} for an outage {_from(b.at_least_seconds)}" for b in bands]
            return f"You get {_of_the_fee(steps, fee)}."
        case BreachCount(bands=counts):
            steps = [f"{percent_words(b.percent)}{{}} for {_breaches(b.at_least)}" for b in counts]
            return f"You get {_of_the_fee(steps, fee)}."
        case _:
            return "No credit is paid."


def credit_table(schedule: CreditSchedule, period_kind: str) -> Table | None:
    """The schedule as a table; None where it has no steps."""
    fee = fee_words(period_kind)
    match schedule:
        case Tiers(tiers=tiers):
            rows = [(_bound(one), f"{percent_words(one.percent)} of {fee}") for one in tiers]
            return Table("credit_schedule.tiers", ("Attained", "You get"), tuple(rows))
        case Days(tiers=day_tiers):
            rows = [(_bound(one), f"{_days(one.days)} of {fee}") for one in day_tiers]
            return Table("credit_schedule.tiers", ("Attained", "You get"), tuple(rows))
        case PerOutage(bands=bands):
            rows = [(_from(one.at_least_seconds), f"{percent_words(one.percent)} of {fee}") for one in bands]
            return Table("credit_schedule.tiers", ("One outage", "You get"), tuple(rows))
        case BreachCount(bands=counts):
            rows = [(_breaches(one.at_least), f"{percent_words(one.percent)} of {fee}") for one in counts]
            return Table("credit_schedule.tiers", ("Broken", "You get"), tuple(rows))
        case _:
            return None


def credit_sentences(
    schedule: CreditSchedule, period_kind: str, target: str, method: Methodology
) -> Iterator[Sentence]:
    """Everything the terms say of the credit, a sentence a rule."""
    yield Sentence("credit_schedule", credit_phrase(schedule, period_kind, target))
    yield from _details(schedule, method)
    text = "A credit is paid only when the promise was broken."
    if not schedule.requires_breach:
        text = "A credit is paid whenever the schedule gives one, even if the promise was kept."
    yield Sentence("credit_schedule.requires_breach", text)
    yield from _limits(schedule, fee_words(period_kind))


def _details(schedule: CreditSchedule, method: Methodology) -> Iterator[Sentence]:
    match schedule:
        case Tiers() | Days():
            yield Sentence("credit_schedule.lowest", "The lowest line that is reached is paid, not several.")
        case PerOutage(aggregate=aggregate):
            yield Sentence("credit_schedule.aggregate", _AGGREGATE[aggregate])
        case BreachCount():
            counted = "late answers" if isinstance(method, ResponseTime) else "single times the promise was broken"
            yield Sentence("credit_schedule.counted", f"What is counted are {counted}; the highest line is paid.")
        case _:
            pass
    if isinstance(schedule, Days) or (isinstance(schedule, PerUnit) and schedule.days_per_unit is not None):
        days = "the days of the period" if schedule.day_divisor is None else f"{schedule.day_divisor}"
        yield Sentence("credit_schedule.day_divisor", f"A day of the fee is the fee divided by {days}.")


def _limits(schedule: CreditSchedule, fee: str) -> Iterator[Sentence]:
    if schedule.cap_percent is not None:
        share = percent_words(schedule.cap_percent)
        yield Sentence("credit_schedule.cap_percent", f"The credit is at most {share} of {fee}.")
    if schedule.cap_amount is not None:
        yield Sentence("credit_schedule.cap_amount", f"The credit is at most {money_words(schedule.cap_amount)}.")
    if schedule.min_credit_exclusive is not None:
        least = money_words(schedule.min_credit_exclusive)
        yield Sentence("credit_schedule.min_credit_exclusive", f"A credit is paid only when it is more than {least}.")


def _of_the_fee(steps: list[str], fee: str) -> str:
    """The steps in one phrase; the first says of what the others are a share too."""
    first, *others = steps
    return ", ".join([first.format(f" of {fee}"), *(one.format("") for one in others)])


def _per_unit(schedule: PerUnit, fee: str) -> str:
    share = schedule.percent_per_unit
    paid = percent_words(share) if share is not None else _days(schedule.days_per_unit or Fraction(0))
    unit = f"{_ROUNDED[schedule.rounding]}{unit_words(schedule.unit_seconds)}"
    each = f"for every {unit}" if schedule.rounding != "exact" else f"for each {unit}, and in proportion,"
    text = f"You get {paid} of {fee} {each} {_SCOPE[schedule.scope]}"
    if not schedule.free_seconds:
        return f"{text}."
    of = "of each outage" if schedule.scope == "per_outage" else "in all"
    return f"{text}; up to {length_words(schedule.free_seconds)} {of} earns nothing."


def _pro_rata(schedule: ProRata, fee: str, period: str, target: str) -> str:
    whole = f"the time of the {period} that counts" if schedule.denominator == "eligible" else f"the whole {period}"
    beyond = f" beyond what {target} % allows" if schedule.excess_only else ""
    times = "" if schedule.multiplier == 1 else f"{number_text(schedule.multiplier)} times "
    return f"You get {times}the share of {fee} that downtime{beyond} has in {whole}."


def _bound(tier: Tier | DayTier) -> str:
    return f"{'at or below' if tier.inclusive else 'below'} {percent_words(tier.below)}"


def _days(days: Fraction) -> str:
    return f"{number_text(days)} {'day' if days == 1 else 'days'}"


def _from(seconds: int) -> str:
    return f"of {length_words(seconds)} or more"


def _breaches(least: int) -> str:
    return f"{count_words(least, 'breach', 'breaches')} or more"
