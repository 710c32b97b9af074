"""`sla-portal import`: outage records, counts and tickets from files (decision D9)."""

import hashlib
import sys
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from portal import clock
from portal.cli.csv_rows import rows_of
from portal.cli.opening import opened_portal
from portal.cli.settling import operator_settings
from portal.domain.notices.refusals import Invalid, Refusal
from portal.domain.quantities.intervals import Interval
from portal.domain.quantities.zones import parse_instant
from portal.usecases.keeping.import_rows import COLUMNS, OUTAGES, TICKETS, Row
from portal.usecases.keeping.importing import Order, Taken, take_file


@click.command("import")
@click.argument("kind", type=click.Choice(sorted(COLUMNS)))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--service", required=True, metavar="KEY", help="The service the file is about.")
@click.option("--contract", metavar="KEY", help="The contract the tickets belong to.")
@click.option("--every-contract", is_flag=True, help="The tickets count for, and are shown to, every customer.")
@click.option("--covers", nargs=2, metavar="FROM UNTIL", help="The file tells every outage of this time.")
@click.option("--uncovers", nargs=2, metavar="FROM UNTIL", help="No file tells every outage of this time any more.")
@click.option("--all-or-nothing", is_flag=True, help="Take nothing when any row is refused.")
def import_file(
    kind: str,
    file: Path,
    service: str,
    contract: str | None,
    every_contract: bool,
    covers: tuple[str, str] | None,
    uncovers: tuple[str, str] | None,
    all_or_nothing: bool,
) -> None:
    """Take outage records, counts or tickets from the CSV FILE; the same file again changes nothing.

    A row that makes no sense is listed by its line and the others are taken; then the exit code is 1.
    """
    _require_owner(kind, contract, every_contract)
    spans = _span(kind, "covers", covers), _span(kind, "uncovers", uncovers)
    order = Order(kind, service, _digest(file), contract, *spans, all_or_nothing)
    console = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)

    def refuse(line: int, sentence: str) -> None:
        console.print(f"line {line}: {sentence}")

    with _opened(file) as source, _progress(console) as progress, opened_portal(operator_settings()) as session:
        rows = _watched(rows_of(source, str(file), COLUMNS[kind]), source, progress, file.stat().st_size)
        taken = take_file(session, order, rows, clock.now(), refuse)
    click.echo(_summary(order, taken))
    if taken.refused:
        sys.exit(1)


def _digest(file: Path) -> str:
    with _opened(file) as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _opened(file: Path) -> BufferedReader:
    try:
        return file.open("rb")
    except OSError as error:
        raise Refusal(f"{file} cannot be read: {error.strerror}.") from None


def _require_owner(kind: str, contract: str | None, every_contract: bool) -> None:
    """Tickets are somebody's: to show them to every customer of the service takes a word."""
    if kind == TICKETS and (contract is None) is not every_contract:
        raise Invalid("contract", "Say whose tickets these are: either --contract KEY or --every-contract.")
    if kind != TICKETS and every_contract:
        raise Invalid("contract", "Only tickets belong to contracts; leave --every-contract out.")


def _span(kind: str, option: str, ends: tuple[str, str] | None) -> Interval | None:
    if ends is None:
        return None
    if kind != OUTAGES:
        raise Invalid(option, f"Only a file of outages can cover a time; leave --{option} out.")
    try:
        start, end = map(parse_instant, ends)
    except (ValueError, OverflowError) as error:
        raise Invalid(option, f"--{option}: {error}.") from None
    if not start < end <= clock.seconds(clock.now()):
        raise Invalid(option, f"--{option} must name a time that has passed, its beginning before its end.")
    return Interval(start, end)


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.fields[rows]} rows"), BarColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)


def _watched(rows: Iterator[Row], source: BufferedReader, progress: Progress, size: int) -> Iterator[Row]:
    task = progress.add_task("", total=size, rows=0)
    for number, row in enumerate(rows, start=1):
        if number % 1_000 == 0:
            progress.update(task, completed=source.tell(), rows=number)
        yield row


def _summary(order: Order, taken: Taken) -> str:
    is_of_a_time = order.covers or order.uncovers
    if taken.rows and taken.known == taken.rows and not is_of_a_time:
        return f"Nothing changed: all {taken.known} rows of this file were known already."
    counts = f"{taken.added} added, {taken.corrected} corrected, {taken.known} known already, {taken.refused} refused"
    uncovered = (
        " It is not taken as the whole story, because rows were refused." if order.covers and taken.refused else ""
    )
    return f"{order.service}: {counts}.{uncovered}"
