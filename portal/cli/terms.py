"""`sla-portal terms`: what terms say in plain words, what is doubtful in them, and what changed between two."""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from portal import clock
from portal.cli.opening import opened_portal
from portal.cli.settling import operator_settings
from portal.cli.yaml_text import read_document
from portal.database import reading
from portal.domain.notices.refusals import Refusal
from portal.domain.promises import preset
from portal.domain.promises.lint import LintFinding, lint_terms
from portal.domain.promises.terms import Terms, parse_terms
from portal.usecases.publishing import draft_simulation
from portal.usecases.publishing.presets import preset_findings
from portal.usecases.publishing.simulated_credit import COLUMNS, Simulation, rows_of
from portal.usecases.wording.differences import changes
from portal.usecases.wording.effects import Effect
from portal.usecases.wording.example import worked_example
from portal.usecases.wording.promise import terms_words
from portal.usecases.wording.sentences import PromiseWords, Sentence
from portal.web import spreadsheets

FILE = click.Path(path_type=Path)
MEANING = {
    Effect.BETTER: "better for the customer",
    Effect.WORSE: "worse for the customer",
    Effect.SAME: "pays the same",
    Effect.DEPENDS: "depends on what happens",
}


@click.group
def terms() -> None:
    """Read terms in words, look for doubts, compare versions."""


@terms.command
@click.argument("file", type=FILE)
def words(file: Path) -> None:
    """Tell the terms in FILE in plain words, with a worked example of each promise."""
    found = _terms(_document(file))
    told = terms_words(found)
    click.echo(told.in_force.text)
    for commitment, promise in zip(found.commitments, told.promises, strict=True):
        _show_promise(promise)
        example = worked_example(found, commitment)
        click.echo(f"\n  An example: {example.happened}. The credit is {example.amount}.")
    _show("For all promises", told.settlement)


@terms.command
@click.argument("file", type=FILE)
def lint(file: Path) -> None:
    """Name every doubt about the terms in FILE; exit code 1 when there is one."""
    found = _findings(_document(file))
    for one in found:
        click.echo(f"{one.code:<24}{one.path}: {one.sentence}")
    if found:
        sys.exit(1)
    click.echo("No doubts.")


@terms.command
@click.argument("before", type=FILE)
@click.argument("after", type=FILE)
def diff(before: Path, after: Path) -> None:
    """Tell what changed from the terms in BEFORE to those in AFTER."""
    found = changes(_terms(_document(before)), _terms(_document(after)))
    for one in found:
        click.echo(f"{one.promise or 'all promises'}, {one.about}: {MEANING[one.effect]}")
        click.echo(f"  before: {one.before or '-'}")
        click.echo(f"  after:  {one.after or '-'}")
    if not found:
        click.echo("Nothing changed.")


@terms.command
@click.argument("file", type=FILE)
@click.option("--csv", "as_csv", is_flag=True, help="A row for each contract and period, as CSV.")
def simulate(file: Path, as_csv: bool) -> None:
    """Tell what the last twelve months would have paid under the terms in FILE, for every contract of their agreement.

    Closed periods are judged again under these terms; nothing is stored.
    """
    found = _terms(_document(file))
    with opened_portal(operator_settings()) as session, reading(session):
        simulation = draft_simulation.simulate(session, found, clock.now())
    if as_csv:
        click.echo(spreadsheets.text_of(COLUMNS, rows_of(simulation)), nl=False)
        return
    _show_simulation(simulation)


def _show_simulation(found: Simulation) -> None:
    click.echo(f"{found.first_month} to {found.last_month}, {len(found.lines)} contracts")
    for one in found.lines:
        paid = f"{one.currency} {one.simulated} instead of {one.owed} ({one.difference})"
        click.echo(f"{one.customer}, {one.contract}: {paid}, {one.breaches} breaches in {one.periods} periods")
    for total in found.totals:
        click.echo(f"In all: {total.currency} {total.simulated} instead of {total.owed} ({total.difference})")
    for sentence in found.missing:
        click.echo(sentence, err=True)


def _document(file: Path) -> object:
    document = read_document(file)
    if document is None:
        raise Refusal(f"{file} is empty. Write the terms into it.")
    return document


def _findings(document: object) -> tuple[LintFinding, ...]:
    if _is_preset(document):
        return preset_findings(preset.parse_preset(document))
    found = parse_terms(document)
    return lint_terms(found, written=document if isinstance(document, Mapping) else None)


def _terms(document: object) -> Terms:
    """The terms of a document, or those a preset wraps."""
    return preset.parse_preset(document).terms if _is_preset(document) else parse_terms(document)


def _is_preset(document: object) -> bool:
    return isinstance(document, Mapping) and document.get("schema") == preset.SCHEMA


def _show_promise(promise: PromiseWords) -> None:
    click.echo(f"\n{promise.component}: {promise.id}, {promise.target}")
    for sentence in promise.short:
        click.echo(f"  {sentence}")
    _show("  What is counted", promise.counted, "  ")
    _show("  When we do not know", promise.unknown, "  ")
    _show("  What is not counted", promise.not_counted, "  ")
    _show("  What you get", promise.paid, "  ")


def _show(heading: str, sentences: Iterable[Sentence], indent: str = "") -> None:
    click.echo(f"\n{heading}")
    for one in sentences:
        click.echo(f"{indent}- {one.text}")
