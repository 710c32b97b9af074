"""What is doubtful in terms before they are published: each finding has a code, a path and a sentence (R33, D3, D8)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from portal.domain.documents.scalars import number_text
from portal.domain.promises.commitment import Commitment
from portal.domain.promises.credit_schedule import (
    BreachCount,
    CreditSchedule,
    Days,
    PerOutage,
    Tiers,
)
from portal.domain.promises.methodology import AffectedRatio, Continuous, Slots, UserMinutes
from portal.domain.promises.terms import Terms
from portal.domain.promises.tier_lint import Flaw, Stretch, lint_ranges, lint_tiers

MOST_HEADLINES = 3
LEAST_INTERVALS_IN_BUDGET = 10
_SHORTEST_PERIOD_S = {
    "calendar_month": 28 * 86_400,
    "billing_month": 28 * 86_400,
    "calendar_quarter": 90 * 86_400,
    "fiscal_quarter": 89 * 86_400,
    "calendar_year": 365 * 86_400,
}
_WORDS = {
    Flaw.GAP: "breaks the promise but is in no tier",
    Flaw.OVERLAP: "is in several tiers",
    Flaw.CONFLICT_WITH_TARGET: "keeps the promise but is in a tier",
}


@dataclass(frozen=True, slots=True)
class LintFinding:
    """One doubt: a lasting code, the path it is about, a sentence; `blocks` where no reason can settle it."""

    code: str
    path: str
    sentence: str
    blocks: bool = False


@dataclass(frozen=True, slots=True)
class Practice:
    """What is known beside the text: how often a component is measured (seconds), what was attained (percent).

    `attained` is the lowest a commitment attained in the last twelve closed periods, by its id. `components` are those
    that contracts map to a service; None while there is no contract.
    """

    interval_s: Mapping[str, int] = field(default_factory=dict)
    attained: Mapping[str, Fraction] = field(default_factory=dict)
    components: frozenset[str] | None = None


def lint_terms(
    terms: Terms, practice: Practice | None = None, written: Mapping[str, object] | None = None
) -> tuple[LintFinding, ...]:
    """Every doubt about terms; with the document as `written`, also what it leaves to a default."""
    known = practice or Practice()
    return (
        *_agreement_findings(terms, written),
        *(found for n, one in enumerate(terms.commitments) for found in _lint(f"commitments[{n}]", one, terms, known)),
    )


def worse_pays_less(schedule: CreditSchedule) -> bool:
    """Whether some step of a schedule pays less than a step for a better result."""
    return any(worse < better for better, worse in pairwise(_steps(schedule)))


def lint_published(target: Fraction, ranges: Sequence[Stretch], path: str) -> tuple[LintFinding, ...]:
    """The flaws of a published table of ranges against its target: holes, overlaps, credit for a kept promise."""
    return tuple(
        LintFinding(one.flaw.value, path, _flaw_sentence(one.flaw, one.stretch)) for one in lint_ranges(target, ranges)
    )


def _agreement_findings(terms: Terms, written: Mapping[str, object] | None) -> Iterator[LintFinding]:
    if len(terms.commitments) > MOST_HEADLINES:
        count = len(terms.commitments)
        text = f"People remember {MOST_HEADLINES} promises; these terms make {count}."
        yield LintFinding("many_promises", "commitments", text)
    if written is not None and "claim" not in written:
        text = "Nothing is said of claims, so credits are given by themselves; write it down."
        yield LintFinding("no_claim_rule", "claim", text)


def _lint(path: str, one: Commitment, terms: Terms, practice: Practice) -> Iterator[LintFinding]:
    unknown = one.unknown_policy
    if unknown.treat_as == "up" and unknown.max_unknown_percent is None:
        text = "Unknown time that counts as up needs a limit: give max_unknown_percent."
        yield LintFinding("unknown_as_up", f"{path}.unknown_policy.max_unknown_percent", text, blocks=True)
    yield from _tier_findings(f"{path}.credit_schedule.tiers", one)
    yield from _credit_findings(f"{path}.credit_schedule", one.credit_schedule)
    if practice.components is not None and one.component not in practice.components:
        text = f"No contract covers a service as {one.component}, so this would promise nothing to anybody."
        yield LintFinding("nothing_covered", f"{path}.component", text)
    yield from _interval_findings(path, one, terms, practice.interval_s.get(one.component))
    attained = practice.attained.get(one.id)
    if attained is not None and attained < one.target:
        text = (
            f"{one.target_text} % is promised, but the lowest of the last 12 closed periods was "
            f"{_cut(attained, terms.display_decimals)} %."
        )
        yield LintFinding("above_what_was_attained", f"{path}.target_percent", text)


def _tier_findings(path: str, one: Commitment) -> Iterator[LintFinding]:
    schedule = one.credit_schedule
    if not isinstance(schedule, Tiers | Days):
        return
    for found in lint_tiers(one.target, schedule.tiers):
        if schedule.requires_breach or found.flaw is not Flaw.CONFLICT_WITH_TARGET:
            yield LintFinding(found.flaw.value, path, _flaw_sentence(found.flaw, found.stretch))


def _credit_findings(path: str, schedule: CreditSchedule) -> Iterator[LintFinding]:
    for key, money in (("cap_amount", schedule.cap_amount), ("min_credit_exclusive", schedule.min_credit_exclusive)):
        if money and money.currency is None:
            text = f'An amount names its currency, like "{money.text} EUR"; this one would mean each contract\'s own.'
            yield LintFinding("amount_without_currency", f"{path}.{key}", text, blocks=True)
    if worse_pays_less(schedule):
        text = "A worse result pays less than a better one."
        yield LintFinding("worse_pays_less", f"{path}.tiers", text)
    cap = schedule.cap_percent
    if cap is not None and not isinstance(schedule, Days) and any(step > cap for step in _steps(schedule)):
        text = f"A step pays more than the cap of {number_text(cap)} % and can never be paid in full."
        yield LintFinding("step_above_cap", f"{path}.cap_percent", text)


def _steps(schedule: CreditSchedule) -> list[Fraction]:
    """What each step pays, from the mildest result to the worst."""
    match schedule:
        case Tiers(tiers=tiers):
            return [one.percent for one in tiers]
        case Days(tiers=day_tiers):
            return [one.days for one in day_tiers]
        case PerOutage(bands=bands):
            return [one.percent for one in bands]
        case BreachCount(bands=counts):
            return [one.percent for one in counts]
        case _:
            return []


def _interval_findings(path: str, one: Commitment, terms: Terms, interval_s: int | None) -> Iterator[LintFinding]:
    """R25: an interval is useful up to a tenth of the downtime the promise allows in its shortest period."""
    period_s = _SHORTEST_PERIOD_S.get(terms.period.kind, terms.period.seconds or 0)
    if (
        interval_s is None
        or not period_s
        or not isinstance(one.methodology, Continuous | Slots | UserMinutes | AffectedRatio)
    ):
        return
    allowed = period_s * (100 - one.target) / 100
    if interval_s * LEAST_INTERVALS_IN_BUDGET > allowed:
        text = (
            f"{one.component} is measured every {interval_s} s, but {one.target_text} % allows {_cut(allowed, 0)} s "
            f"of downtime; measure at least every {_cut(allowed / LEAST_INTERVALS_IN_BUDGET, 0)} s."
        )
        if allowed < LEAST_INTERVALS_IN_BUDGET:
            text = (
                f"{one.target_text} % allows so little downtime that no interval is fine enough to judge it; "
                f"{one.component} is measured every {interval_s} s."
            )
        yield LintFinding("interval_too_coarse", f"{path}.target_percent", text)


def _flaw_sentence(flaw: Flaw, stretch: Stretch) -> str:
    low, high = number_text(stretch.from_), number_text(stretch.to)
    if low == high:
        return f"An attained {low} % {_WORDS[flaw]}."
    ends = f"{'from' if stretch.from_incl else 'above'} {low} % {'up to' if stretch.to_incl else 'to below'} {high} %"
    return f"What is attained {ends} {_WORDS[flaw]}."


def _cut(number: Fraction, places: int) -> str:
    whole, rest = divmod(int(number * 10**places), 10**places)
    return f"{whole}.{rest:0{places}}" if places else str(whole)
