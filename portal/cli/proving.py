"""`sla-portal seal`, `verify` and `rebuild`: sealing days of samples, and proving what is stored."""

import os
import secrets
import socket
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from portal import clock
from portal.cli.opening import opened_portal
from portal.cli.settling import operator_settings
from portal.domain.evidence.chunk import DAY_S, BadChunk
from portal.domain.notices.refusals import Conflict, Refusal
from portal.usecases.closing import deletion_faults
from portal.usecases.keeping import evidence_faults, rebuilding
from portal.usecases.keeping.evidence_faults import Checked
from portal.usecases.keeping.rebuilding import Order
from portal.usecases.measuring import sealed_days

Thing = TypeVar("Thing")
DAY = click.DateTime(["%Y-%m-%d"])
LAST_DAY = datetime(9999, 1, 1)  # noqa: DTZ001 - the form click hands days over in


@click.command
def seal() -> None:
    """Seal every day that is over for 48 hours. The worker does so by itself; a second run finds nothing to do."""
    days = samples = 0
    with opened_portal(operator_settings()) as session:
        lease = sealed_days.begin(session, _holder(), _now_ms())
        if lease is None:
            raise Conflict("The worker is sealing at this moment. Try again in a minute.")
        problems: list[str] = []
        while (sealed := sealed_days.seal_days(session, lease, _now_ms())).days:
            days, samples, problems = days + sealed.days, samples + sealed.samples, [*sealed.problems]
        sealed_days.end(session, lease)
    click.echo(f"{days} days of a probe at a location were sealed, with {samples} samples.")
    _tell([*problems, *sealed.problems])


@click.command
@click.option("--all", "every", is_flag=True, help="Name everything that does not fit, not only the first.")
def verify(every: bool) -> None:
    """Prove that the evidence fits together: chunks as sealed, each slot once, runs as the samples say."""
    checked: list[Checked] = []
    with opened_portal(operator_settings()) as session:
        for pair in _watched("probes and locations", evidence_faults.pairs(session)):
            checked.append(evidence_faults.check(session, pair))
            if checked[-1].faults and not every:
                break
        others = [*deletion_faults.check(session, clock.now()), *evidence_faults.unbalanced_days(session)]
    faults = [*(fault.sentence for one in checked for fault in one.faults), *others]
    _tell(dict.fromkeys(faults if every else faults[:1]))
    samples, missing, explained = (
        sum(getattr(one, name) for one in checked) for name in ("samples", "missing", "explained")
    )
    click.echo(
        f"{samples} samples of {len(checked)} probes and locations fit together. {missing} due slots have no sample "
        f"and are unknown, {explained} of them within a gap that was written down."
    )


@click.command
@click.option("--from", "start", type=DAY, help="The first UTC day, such as 2026-10-01; without it from the beginning.")
@click.option("--to", "end", type=DAY, help="The first UTC day not any more; without it to the end.")
@click.option("--service", metavar="KEY", help="Only the probes of this service.")
def rebuild(start: datetime | None, end: datetime | None, service: str | None) -> None:
    """Derive runs and summaries anew, which must change nothing; interrupted, the same order goes on.

    What was otherwise is named, put right, and noted in the audit.
    """
    order = Order(_day(start) if start else 0, _day(end or LAST_DAY), service)
    days, differing = 0, list[str]()
    with opened_portal(operator_settings()) as session, _saying_what_was_altered():
        begun = rebuilding.begin(session, order, _holder(), _now_ms())
        if len(begun.left) < begun.all:
            click.echo(f"Going on behind the first {begun.all - len(begun.left)} of {begun.all}.")
        for pair in _watched("probes and locations", begun.left):
            rebuilt = rebuilding.rebuild(session, begun, pair, clock.now())
            days += rebuilt.days
            differing += [
                f"{key.name}: the runs were not what the samples say; they are now." for key in rebuilt.differing
            ]
        for summed, day in _watched("days of services", rebuilding.summed_days(session, order)):
            if rebuilding.rebuild_summary(session, begun, summed, day, clock.now()):
                differing.append(f"service {summed.key} on {day}: its summary was not what the runs say; it is now.")
        rebuilding.end(session, begun)
    for sentence in differing:
        click.echo(sentence)
    click.echo(f"{days} days of a probe at a location were derived anew, {len(differing)} of them changed.")


@contextmanager
def _saying_what_was_altered() -> Iterator[None]:
    try:
        yield
    except BadChunk as problem:
        raise Refusal(f"{problem} Nothing more was derived. Everything altered: sla-portal verify --all") from None


def _tell(sentences: Iterable[str]) -> None:
    """Print what is wrong, and end with exit code 1 when anything is."""
    told = list(dict.fromkeys(sentences))
    for sentence in told:
        click.echo(sentence, err=True)
    if told:
        sys.exit(1)


def _watched(what: str, things: Iterable[Thing]) -> Iterator[Thing]:
    """Yield the things and show how far it has come, where somebody watches."""
    console, todo = Console(stderr=True), list(things)
    columns = (TextColumn("{task.completed} of {task.total} " + what), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        yield from progress.track(todo)


def _day(day: datetime) -> int:
    return clock.seconds(day.replace(tzinfo=UTC)) // DAY_S


def _now_ms() -> int:
    return clock.seconds(clock.now()) * 1000


def _holder() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(8)}"
