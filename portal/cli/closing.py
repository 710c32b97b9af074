"""`sla-portal close` and `statements`: committing to periods that ended, and proving what was committed to."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import Progress

from portal import clock
from portal.cli.opening import opened_portal
from portal.cli.settling import operator_settings
from portal.usecases.closing import closing, revisions, statement_proof

MONTH = click.argument("month", metavar="MONTH")
CUSTOMER = click.option("--customer", metavar="KEY", help="Only the contracts of this customer.")


@click.command
@MONTH
@CUSTOMER
def close(month: str, customer: str | None) -> None:
    """Close every period that starts in MONTH, such as 2026-10, and ended 48 hours ago.

    Run again, or killed and run again, it goes on where it was; what is closed stays as it is.
    """
    with opened_portal(operator_settings()) as session, _shown("periods") as told:
        outcome = closing.close_by_command(session, month, clock.now(), customer, told)
    for one in outcome.waiting:
        click.echo(f"{one.contract}, {one.period}: {one.sentence}", err=True)
    click.echo(f"{outcome.closed} periods were closed, {outcome.already} were closed before.")
    if any(one.state is not closing.State.NOT_ENDED for one in outcome.waiting):
        sys.exit(1)


@click.group
def statements() -> None:
    """Look at what was committed to: whether it is as it was stored, and whether it would be the same today."""


@statements.command("verify")
def verify_all() -> None:
    """Prove that every statement and working is as it was stored, and judge every latest statement again."""
    with opened_portal(operator_settings()) as session, _shown("statements") as told:
        proof = statement_proof.verify(session, told)
    for sentence in proof.faults:
        click.echo(sentence, err=True)
    for sentence in proof.changed:
        click.echo(sentence)
    click.echo(f"{proof.statements} statements and {proof.workings} workings were looked at.")
    if proof.faults:
        sys.exit(1)


@statements.command("check")
@MONTH
@CUSTOMER
def check(month: str, customer: str | None) -> None:
    """Judge the closed periods of MONTH again and propose revisions of those that would be other now."""
    with opened_portal(operator_settings()) as session:
        found = revisions.look_again(session, month, clock.now(), customer)
    click.echo(f"{found} statements would be other now; they are proposed for revision.")


@contextmanager
def _shown(what: str) -> Iterator[closing.Told]:
    """Show on a terminal how much of the work is done."""
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, of: progress.update(task, completed=done, total=of)
