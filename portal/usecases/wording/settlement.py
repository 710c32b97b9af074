"""What holds for all promises together: periods, changes, money, claims, corrections (semantics.md R2-R6, R30-R46)."""

from collections.abc import Iterator

from portal.domain.promises.period_rule import PeriodRule
from portal.domain.promises.settlement import Claim, Combine, Deadline
from portal.domain.promises.terms import Terms
from portal.usecases.wording.phrases import count_words, day_words, length_words, listed, percent_words
from portal.usecases.wording.sentences import Sentence

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_PARTIAL = {
    "existing_portion": "A contract that covers part of a period is judged on the part it covers.",
    "assume_up": "A contract that covers part of a period is judged on the whole period, the rest taken as up.",
}
_CHANGE = {
    "start_version": "When a new version begins inside a period, the version at its start governs the whole period.",
    "latest_version": "When a new version begins inside a period, the new version governs the whole period.",
    "split": "When a new version begins inside a period, each version governs its own part.",
    "customer_best": "When a new version begins inside a period, the version that pays you more governs.",
}
_PRORATION = {
    "none": "The fee of a period is the whole fee, even if the service existed for part of it.",
    "days": "The fee of a period is reduced to the days on which the service existed.",
    "seconds": "The fee of a period is reduced to the seconds in which the service existed.",
}
_ROUNDING = {
    "half_up": "A credit is rounded once, at the end, to the smallest coin; halves go up.",
    "half_even": "A credit is rounded once, at the end, to the smallest coin; halves go to the even coin.",
    "up": "A credit is rounded up once, at the end, to the smallest coin.",
}
_COMBINE = {
    "highest_per_component": "When several promises are broken, the highest credit of each component is paid",
    "highest": "When several promises are broken, only the highest credit of all is paid",
    "sum": "When several promises are broken, all their credits are paid",
    "sum_capped": "When several promises are broken, all their credits are added up",
    "highest_per_event": "When one event breaks several promises, its highest credit is paid",
}
_RESTATED = {
    "no_clawback": "When a closed period is corrected we may pay more, and we never take back what was paid.",
    "adjust": "When a closed period is corrected, the difference is paid or taken back.",
    "frozen": "A closed period stands as it was first stated once the time to dispute it has passed.",
}
_DEADLINES = {
    "by_contract": "by the date in your contract",
    "days_after_period_end": "within {} after the period's last day",
    "business_days_after_period_end": "within {} after the period's last day",
    "months_after_period_end": "within {} after the period's end",
    "days_after_incident": "within {} after the last day of the incident",
    "business_days_after_incident": "within {} after the last day of the incident",
}
_UNITS = {"days": "day", "business": "business day", "months": "month"}


def settlement_sentences(terms: Terms) -> Iterator[Sentence]:
    """Everything the terms say beside their promises, a sentence a rule."""
    yield Sentence("period", f"Every promise is judged over {period_phrase(terms.period)}.")
    text = f"Periods begin and end at midnight in the time zone {terms.timezone}, unless the contract names its own."
    yield Sentence("timezone", text)
    yield Sentence("partial_period", _PARTIAL[terms.partial_period])
    yield Sentence("version_change", _CHANGE[terms.version_change])
    yield Sentence("fee_proration", f"{_PRORATION[terms.fee_proration]} A contract may say otherwise.")
    yield Sentence("combine", _combined(terms.combine))
    yield Sentence("money_rounding", f"{_ROUNDING[terms.money_rounding]} A contract may say otherwise.")
    yield Sentence("claim", _claim(terms.claim))
    yield Sentence("restatement.policy", _RESTATED[terms.restatement.policy])
    days = terms.restatement.dispute_days
    dispute = "A statement may be disputed at any time."
    if days is not None:
        dispute = f"A statement may be disputed for {count_words(days, 'day')}."
    yield Sentence("restatement.dispute_days", dispute)
    places = count_words(terms.display_decimals, "decimal")
    yield Sentence("display_decimals", f"What was attained is shown with {places}, cut off and never rounded up.")


def period_phrase(rule: PeriodRule) -> str:
    """Over which time a promise is judged: "each calendar month"."""
    match rule:
        case PeriodRule(kind="fiscal_quarter", fiscal_year_start_month=month) if month:
            return f"each quarter of a fiscal year that starts in {_MONTHS[month - 1]}"
        case PeriodRule(kind="billing_month", anchor_day=day) if day:
            last = ", or on the last day of a shorter month" if day > 28 else ""
            return f"each billing month, which begins on day {day}{last}"
        case PeriodRule(kind="rolling", seconds=seconds, as_of=as_of) if seconds:
            end = f"; the first ends at {as_of}" if as_of else ""
            return f"a window of the last {length_words(seconds)}{end}"
        case PeriodRule(kind="custom", start=start, end=end):
            return f"one period from {start} until {end}"
        case _:
            return f"each {rule.kind.replace('_', ' ')}"


def _combined(combine: Combine) -> str:
    cap = combine.cap_percent
    limit = "" if cap is None else f", at most {percent_words(cap)} of the fees together"
    return f"{_COMBINE[combine.policy]}{limit}."


def _claim(claim: Claim) -> str:
    if not claim.required:
        return "You need not ask for a credit: it is given by itself."
    return f"A credit is paid only when you claim it, {_deadline(claim.deadline)}."


def _deadline(deadline: Deadline) -> str:
    count = deadline.count or 0
    if deadline.type == "end_of_nth_period_after":
        return f"before the end of period {count} after the one it is for"
    holidays = f"; holidays are {listed([day_words(day) for day in deadline.holidays])}" if deadline.holidays else ""
    length = count_words(count, _UNITS[deadline.type.split("_")[0]]) if deadline.count is not None else ""
    return _DEADLINES[deadline.type].format(length) + holidays
