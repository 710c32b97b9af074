"""The receipt of a result: every step from period seconds to the credit, in order."""

from portal.domain.evaluation.result import Attainment, Step


def receipt(result: Attainment) -> tuple[Step, ...]:
    """The lines a reader follows from top to bottom, each with its rule and the values it was made of."""
    return (*measured(result), *money(result))


def measured(result: Attainment) -> tuple[Step, ...]:
    """The lines from the period's seconds to the verdict, which are the same whatever the contract's fee."""
    return (*_time(result), *result.details, *_verdict(result))


def _time(result: Attainment) -> tuple[Step, ...]:
    totals, policy = result.totals, result.commitment.unknown_policy
    mode = result.commitment.exclusions_policy.mode
    return (
        Step(
            "period",
            totals.period,
            "seconds",
            "R2",
            (("start", result.measured.start), ("end", result.measured.end), ("timezone", result.period.timezone)),
        ),
        Step("excluded", totals.excluded, "seconds", "R10", (("mode", mode),)),
        Step("unknown", totals.unknown, "seconds", "R9", (("treat_as", policy.treat_as),)),
        Step("held", totals.held, "seconds", "R22"),
        Step("remaining", totals.remaining, "seconds", "R27"),
        Step(
            "eligible",
            totals.eligible,
            "seconds",
            "R10",
            (("period", totals.period), ("excluded", totals.excluded), ("unknown", totals.unknown)),
        ),
        Step("downtime", totals.downtime, "seconds", "R18"),
    )


def _verdict(result: Attainment) -> tuple[Step, ...]:
    comparison, coverage = result.commitment.comparison, result.coverage
    return (
        Step("coverage", coverage.unknown_percent, "percent unknown", "R16", (("limit", coverage.limit),)),
        Step(
            "attained",
            result.attained,
            "percent",
            "R27",
            (("eligible", result.totals.eligible), ("downtime", result.totals.downtime)),
        ),
        Step(
            "compared",
            result.compared,
            "percent",
            "R28",
            (("precision", comparison.precision), ("rounding", comparison.rounding)),
        ),
        Step("status", result.status.value, "word", "R28", (("target", result.commitment.target),)),
    )


def money(result: Attainment) -> tuple[Step, ...]:
    """The lines from the fee to the credit."""
    contract = result.contract
    inputs = (
        ("monthly_fee", contract.monthly_fee),
        ("months", result.period.months),
        ("proration", contract.fee_proration),
        ("share", result.fee_share),
    )
    return (Step("fee", result.fee, contract.currency, "R34", inputs), *result.credit.steps)
