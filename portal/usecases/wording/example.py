"""A worked example of a promise: something that might happen, judged by the one evaluation, shown as a receipt."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from portal.domain.evaluation.attainment import Attainment, Carried, evaluate
from portal.domain.evaluation.result import Status
from portal.domain.evaluation.working import document
from portal.domain.evidence.records import Evidence
from portal.domain.notices.phrases import amount as money
from portal.domain.notices.phrases import english
from portal.domain.promises.commitment import Commitment
from portal.domain.promises.contract_line import ContractLine
from portal.domain.promises.terms import Terms, period_document
from portal.domain.quantities.currencies import minor_digits
from portal.domain.quantities.periods import Period, period_from, period_of
from portal.domain.quantities.zones import instant_of
from portal.usecases.explaining.receipts import Receipt, receipt_of
from portal.usecases.wording.imagined import Imagined, imagined_periods

USUAL_FEE = Fraction(1000)
USUAL_CURRENCY = "EUR"
DAY_S = 86_400
ONE_BY_ONE = frozenset({"ticket", "slot"})
"""Details of which an example has a hundred; their totals stand beside them."""


@dataclass(frozen=True, slots=True)
class Example:
    """What happened, and the receipt of what it would have paid; `amount` is the credit in words."""

    happened: str
    receipt: Receipt
    attainment: Attainment
    amount: str


def worked_example(terms: Terms, commitment: Commitment) -> Example:
    """The mildest of some imagined periods that pays something, on a monthly fee of 1,000; else the worst of them."""
    period, line = example_period(terms), example_line(terms, USUAL_FEE, example_currency(terms))
    return _mildest(commitment, line, period, imagined_periods(commitment.methodology, period))


def judged(commitment: Commitment, line: ContractLine, period: Period, imagined: Imagined) -> Example:
    """An imagined period as an example; raises ValueError where an amount of the terms is in another currency."""
    result = _judge(commitment, line, period, imagined.evidence)
    amount = result.credit.amount_text
    words = "no verdict" if amount is None else english(money(amount, result.credit.currency))
    working = document(result)
    totals = [one for one in _details(working) if one["key"] not in ONE_BY_ONE]
    return Example(imagined.words, receipt_of(working | {"details": totals}, {}), result, words)


def example_period(terms: Terms) -> Period:
    """The period in which the version comes into force, or the one the terms name."""
    rule, zone = period_document(terms.period), terms.timezone
    if terms.period.kind == "custom" or terms.period.as_of is not None:
        return period_from(rule, zone)
    begins = instant_of(terms.version.effective_from, zone)
    return period_of(rule, zone, begins + (terms.period.seconds or 0))


def example_line(terms: Terms, monthly_fee: Fraction, currency: str) -> ContractLine:
    """A contract of nobody's, with this monthly fee."""
    return ContractLine(
        contract="example",
        service="example",
        timezone=terms.timezone,
        currency=currency,
        minor_digits=minor_digits(currency),
        monthly_fee=monthly_fee,
        fee_proration=terms.fee_proration,
        money_rounding=terms.money_rounding,
        partial_period=terms.partial_period,
        display_decimals=terms.display_decimals,
    )


def named_currency(terms: Terms) -> str | None:
    """The currency the terms name an amount in; None where they name none."""
    schedules = [one.credit_schedule for one in terms.commitments]
    amounts = [money for one in schedules for money in (one.cap_amount, one.min_credit_exclusive) if money]
    return next((money.currency for money in amounts if money.currency), None)


def example_currency(terms: Terms) -> str:
    """The currency of an example: the one the terms name, else euros."""
    return named_currency(terms) or USUAL_CURRENCY


def _mildest(commitment: Commitment, line: ContractLine, period: Period, cases: Iterable[Imagined]) -> Example:
    """The first case that pays, else the first breach, else the last one; nothing is judged that is not needed."""
    breach: Example | None = None
    last: Example | None = None
    for one in cases:
        last = judged(commitment, line, period, one)
        if last.attainment.credit.amount_minor:
            return last
        if last.attainment.status is Status.BREACHED and breach is None:
            breach = last
            if commitment.credit_schedule.type == "none":
                break
    found = breach or last
    if found is None:
        raise ValueError("There is nothing to imagine.")
    return found


def _details(working: dict[str, object]) -> list[dict[str, object]]:
    found = working["details"]
    return list(found) if isinstance(found, list) else []


def _judge(commitment: Commitment, line: ContractLine, period: Period, evidence: Evidence) -> Attainment:
    return evaluate(commitment, line, period, evidence, (), Carried(), period.end + DAY_S)
