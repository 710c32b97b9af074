"""`sla-portal retain` and `hold`: how long samples are kept."""

import click
from sqlalchemy.orm import Session

from portal import clock
from portal.cli.opening import opened_portal
from portal.cli.settling import operator_settings
from portal.domain.evidence.chunk import BadChunk
from portal.domain.notices.refusals import Invalid, Refusal
from portal.usecases.closing import retention
from portal.usecases.closing.retention import Lot

REASON_MOST = 500


@click.command
@click.option("--dry-run", is_flag=True, help="Say what would be deleted and delete nothing.")
def retain(dry_run: bool) -> None:
    """Delete samples whose time is over, and record every deletion; runs and statements stay."""
    settings = operator_settings()
    with opened_portal(settings) as session:
        plan = retention.plan(session, settings.evidence_months, clock.now())
        for lot in plan.lots:
            where = f"probe {lot.probe} at location {lot.location}, {lot.month}"
            click.echo(f"{where}: {len(lot.days)} days, {lot.samples} samples")
            if not dry_run:
                _delete(session, lot, plan.rule)
    samples = sum(lot.samples for lot in plan.lots)
    verb = "would be" if dry_run else "were"
    click.echo(f"{samples} samples {verb} deleted ({plan.rule}); {plan.days_held} days are kept by a legal hold.")
    if plan.days_unclosed:
        click.echo(f"{plan.days_unclosed} days are kept because a period they lie in is not closed: sla-portal close")


def _delete(session: Session, lot: Lot, rule: str) -> None:
    try:
        retention.delete(session, lot, rule, clock.now())
    except BadChunk as problem:
        raise Refusal(f"{problem} Its month was not deleted. Everything altered: sla-portal verify --all") from None


@click.group
def hold() -> None:
    """Keep a customer's evidence beyond its time, or let it go again."""


@hold.command
@click.argument("customer")
@click.option("--reason", required=True, help="Why the evidence must be kept.")
def place(customer: str, reason: str) -> None:
    """Keep all evidence of the services in CUSTOMER's contracts until the hold is lifted."""
    with opened_portal(operator_settings()) as session:
        retention.place_hold(session, customer, _checked(reason), clock.now())
    click.echo(f"The evidence of {customer}'s services is kept from now on.")


@hold.command
@click.argument("customer")
@click.option("--reason", required=True, help="Why it need not be kept any longer.")
def lift(customer: str, reason: str) -> None:
    """Let the evidence of CUSTOMER's services go when its time is over."""
    with opened_portal(operator_settings()) as session:
        retention.lift_hold(session, customer, _checked(reason), clock.now())
    click.echo(f"The evidence of {customer}'s services goes when its time is over.")


def _checked(reason: str) -> str:
    if not reason.strip() or len(reason) > REASON_MOST:
        raise Invalid("reason", f"--reason needs some words, at most {REASON_MOST} characters.")
    return reason.strip()
