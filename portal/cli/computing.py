"""`sla-portal conformance` and `evaluate`: the arithmetic alone, without a database."""

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console
from rich.table import Table

from portal import clock
from portal.cli.outages_text import COLUMNS, read_outages
from portal.cli.yaml_text import read_document
from portal.domain.documents.scalars import number_text, read_decimal
from portal.domain.evaluation.attainment import Attainment, Carried, evaluate
from portal.domain.evaluation.result import Status, Step
from portal.domain.evaluation.working import document
from portal.domain.evidence.records import Evidence
from portal.domain.notices.refusals import Invalid, Refusal
from portal.domain.promises.contract_line import ContractLine
from portal.domain.promises.terms import Terms, parse_terms, period_document
from portal.domain.quantities.currencies import minor_digits
from portal.domain.quantities.exact import truncate
from portal.domain.quantities.periods import Period, period_of
from portal.domain.quantities.zones import instant_of, read_zone
from portal.usecases.worked_cases import conformance as cases

T = TypeVar("T")
EXISTING = click.Path(path_type=Path)
WIDTH = 100
STATUS_WORDS = {
    Status.MET: "kept",
    Status.BREACHED: "breached",
    Status.NOT_APPLICABLE: "not applicable",
    Status.INSUFFICIENT_DATA: "not enough data",
}
_PERIOD = re.compile(r"([0-9]{4}-[0-9]{2})(-[0-9]{2})?", re.ASCII)


@click.command
@click.argument("file", type=EXISTING)
@click.option("--check", is_flag=True, help="Compare with the expected answers; exit code 1 when any differs.")
def conformance(file: Path, check: bool) -> None:
    """Run the worked cases of FILE through the engine and print one JSON line for each."""
    vectors = _vectors(file)
    try:
        for line in cases.run(vectors):
            click.echo(json.dumps(line, ensure_ascii=False))
        differences = list(cases.compare(vectors)) if check else []
    except ValueError as error:
        raise Refusal(f"{file}: {error}.") from None
    for one in differences:
        click.echo(f"{one.id}: {one.key}: expected {one.expected!r}, got {one.got!r}", err=True)
    if differences:
        sys.exit(1)


@click.command("evaluate")
@click.argument("file", type=EXISTING)
@click.option("--outages", type=EXISTING, help=f"A CSV file with the columns {','.join(COLUMNS)}.")
@click.option("--period", "day", required=True, help="A month such as 2026-10, or a date within the period.")
@click.option("--timezone", help="The contract's time zone; without it the agreement's.")
@click.option("--currency", default="EUR", show_default=True, help="The contract's currency.")
@click.option("--fee", help="The monthly fee, such as 1000.00; without it no credit is worked out.")
@click.option("--commitment", "only", help="Only the commitment of this id.")
@click.option("--json", "as_json", is_flag=True, help="Print the workings (sla-working/1), one JSON line each.")
def evaluate_terms(
    file: Path,
    outages: Path | None,
    day: str,
    timezone: str | None,
    currency: str,
    fee: str | None,
    only: str | None,
    as_json: bool,
) -> None:
    """Judge the terms of FILE (sla-terms/1) over one period with the outages given."""
    terms = parse_terms(read_document(file))
    line = _line(terms, timezone, currency, fee)
    period = _period(terms, line.timezone, day)
    evidence = Evidence(outages=read_outages(outages) if outages else ())
    for result in _results(terms, only, line, period, evidence):
        if as_json:
            click.echo(json.dumps(document(result), ensure_ascii=False))
        else:
            _print(result)


def _vectors(file: Path) -> Mapping[str, object]:
    try:
        vectors = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Refusal(f"{file} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise Refusal(f"{file} is not JSON: {error}.") from None
    if not isinstance(vectors, Mapping):
        raise Refusal(f"{file} is no vectors file.")
    return vectors


def _line(terms: Terms, timezone: str | None, currency: str, fee: str | None) -> ContractLine:
    return ContractLine(
        contract="evaluate",
        service="evaluate",
        timezone=_option("timezone", read_zone, timezone or terms.timezone),
        currency=currency,
        minor_digits=_option("currency", minor_digits, currency),
        monthly_fee=None if fee is None else _option("fee", read_decimal, fee),
        fee_proration=terms.fee_proration,
        money_rounding=terms.money_rounding,
        partial_period=terms.partial_period,
        display_decimals=terms.display_decimals,
    )


def _option(name: str, convert: Callable[[str], T], value: str) -> T:
    try:
        return convert(value)
    except ValueError as error:
        raise Invalid(name, f"--{name} {error}") from None


def _period(terms: Terms, timezone: str, text: str) -> Period:
    found = _PERIOD.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        day = date.fromisoformat(found.group(1) + (found.group(2) or "-01"))
        return period_of(period_document(terms.period), timezone, instant_of(day, timezone))
    except (ValueError, OverflowError):
        raise Invalid("period", f"--period {text} must be a month such as 2026-10 or a date in a period.") from None


def _results(
    terms: Terms, only: str | None, line: ContractLine, period: Period, evidence: Evidence
) -> Iterator[Attainment]:
    chosen = [one for one in terms.commitments if only in (None, one.id)]
    if not chosen:
        names = ", ".join(one.id for one in terms.commitments)
        raise Invalid("commitment", f"There is no commitment {only}. There is: {names}.")
    as_of = clock.seconds(clock.now())
    for commitment in chosen:
        try:
            yield evaluate(commitment, line, period, evidence, (), Carried(), as_of)
        except ValueError as error:
            raise Refusal(f"{commitment.id} cannot be judged: {error}.") from None


def _print(result: Attainment) -> None:
    period = result.period
    promised = f"{result.commitment.id}: promised {result.commitment.target_text} %"
    click.echo(f"{promised}, attained {_percent(result)} — {STATUS_WORDS[result.status]}.")
    click.echo(f"Period {period.start_local} to {period.end_local}, {period.timezone}; credit {_credit(result)}.")
    table = Table("Step", "Value", "Unit", "Rule")
    for step in result.steps:
        table.add_row(step.key, _value(step, result.contract.display_decimals), step.unit, step.rule)
    Console(width=WIDTH).print(table)


def _percent(result: Attainment) -> str:
    return "nothing" if result.attained is None else f"{truncate(result.attained, result.contract.display_decimals)} %"


def _credit(result: Attainment) -> str:
    credit = result.credit
    return "none" if credit.amount_minor is None else f"{credit.amount_text} {credit.currency}"


def _value(step: Step, decimals: int) -> str:
    """The value exactly; a fraction that no decimal ends shows its beginning too."""
    if step.value is None:
        return "—"
    if not isinstance(step.value, Fraction):
        return str(step.value)
    text = number_text(step.value)
    return f"{truncate(step.value, decimals)}… = {text}" if "/" in text else text
