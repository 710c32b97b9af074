"""`sla-portal user`: people who may sign in."""

from collections.abc import Callable, Iterable
from typing import Any

import click

from portal import clock
from portal.cli.opening import opened_portal
from portal.cli.settling import operator_settings
from portal.database import reading, transaction
from portal.domain.notices.refusals import Invalid
from portal.domain.people.roles import CustomerRole, StaffRole
from portal.usecases.people import invitations, users
from portal.usecases.people.invitations import Link, Purpose
from portal.usecases.people.users import NewUser, add_user, renew_password

MINUTE = "%Y-%m-%d %H:%M UTC"
_staff = click.option(
    "--staff", type=click.Choice([role.value for role in StaffRole]), help="Their role at the provider."
)
_customers = click.option(
    "--customer", "customers", multiple=True, metavar="KEY:ROLE", help="A customer and their role there."
)


@click.group
def user() -> None:
    """Add, invite and disable people who may sign in, and renew what they sign in with."""


@user.command
@click.argument("email")
@click.option("--name", required=True, help="How the person is called.")
@_staff
@_customers
def add(email: str, name: str, staff: str | None, customers: tuple[str, ...]) -> None:
    """Add a person and print the password made for them; it is shown once."""
    person = NewUser(email, name, StaffRole(staff) if staff else None, _memberships(customers))
    with opened_portal(operator_settings()) as session, transaction(session):
        password = add_user(session, person, clock.now())
    click.echo(f"{email} may sign in now. Password, shown this once: {password}")


@user.command
@click.argument("email")
@click.option("--name", default="", help="How the person is called; needed when they are new.")
@_staff
@_customers
def invite(email: str, name: str, staff: str | None, customers: tuple[str, ...]) -> None:
    """Add a person without a password, or take one who has none yet, and print a link to choose it with, once."""
    settings = operator_settings()
    with opened_portal(settings) as session, transaction(session):
        if not users.is_known(session, email):
            person = NewUser(email, name, StaffRole(staff) if staff else None, _memberships(customers))
            users.add_invited(session, person, clock.now())
        elif name or staff or customers:
            raise Invalid(
                "email", f"{email} exists already. Leave --name, --staff and --customer out to invite them again."
            )
        link = invitations.make_link(session, email, Purpose.INVITE, settings.external_url, clock.now())
    _show(link)


@user.command
@click.argument("email")
def reset(email: str) -> None:
    """Print a link that lets a person choose a new password once; the present one works until they do."""
    settings = operator_settings()
    with opened_portal(settings) as session, transaction(session):
        link = invitations.make_link(session, email, Purpose.RESET, settings.external_url, clock.now())
    _show(link)


@user.command
def requests() -> None:
    """List who asked for a new password within the last day, and whether somebody signs in with that address."""
    with opened_portal(operator_settings()) as session, reading(session):
        for one in invitations.requests(session, clock.now()):
            click.echo(f"{one.asked_at:{MINUTE}}  {one.email}  {'known' if one.is_known else 'nobody of this portal'}")


@user.command
@click.argument("email")
def password(email: str) -> None:
    """Give a person a new password, end their sessions, and print it once."""
    with opened_portal(operator_settings()) as session, transaction(session):
        fresh = renew_password(session, email, clock.now())
    click.echo(f"New password of {email}, shown this once: {fresh}")


@user.command
@click.argument("email")
def disable(email: str) -> None:
    """Keep a person out from now on and end their sessions; what they did stays."""
    _act(lambda session: users.disable(session, email, clock.now()))
    click.echo(f"{email} is out and cannot sign in any more.")


@user.command
@click.argument("email")
def unpair(email: str) -> None:
    """Take a person's second factor off, when they lost it and every recovery code; make sure it is them who asks."""
    _act(lambda session: users.take_off_factor(session, email, clock.now()))
    click.echo(f"{email} has no second factor any more and is signed out everywhere.")


def _act(act: Callable[[Any], None]) -> None:
    with opened_portal(operator_settings()) as session, transaction(session):
        act(session)


def _show(link: Link) -> None:
    click.echo(f"Works once, until {link.ends_at:{MINUTE}}; shown this once:")
    click.echo(link.address)


def _memberships(texts: Iterable[str]) -> dict[str, CustomerRole]:
    roles = {role.value: role for role in CustomerRole}
    found = {}
    for text in texts:
        key, _, role = text.partition(":")
        if role not in roles:
            raise Invalid("customer", f"--customer {text} must be KEY:ROLE with a role of {', '.join(roles)}.")
        found[key] = roles[role]
    return found
