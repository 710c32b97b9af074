"""Telling a simulated year into a data folder, with its progress and what came of it."""

from dataclasses import asdict

import click
from sqlalchemy.orm import Session

from demo.generated.year.size import Size
from demo.generated.year.telling import tell_year
from portal.cli.folder import own_folder
from portal.cli.opening import migrate_database, opened_portal
from portal.config import Settings
from portal.database import reading
from portal.domain.notices.refusals import Refusal
from portal.usecases.configuration.applying import is_configured

MARK = "simulated-year"
"""A file of the data folder: the size of the year that is told there."""


def simulate(settings: Settings, customers: int, services: int, months: int, seed: int) -> None:
    """Tell a year of this size; raises Refusal where something else lives, and for a size that is none."""
    if min(customers, services, months) < 1:
        raise Refusal("A year has at least one customer, one service and one month.")
    size = Size(customers, services, months, seed)
    with own_folder(settings.home):
        migrate_database(settings)
        with opened_portal(settings) as session:
            _claim_folder(session, settings, size)
            found = tell_year(session, size, lambda month, samples: click.echo(f"{month}: {samples} samples, closed."))
    click.echo(", ".join(f"{count} {name.replace('_', ' ')}" for name, count in asdict(found).items()))


def _claim_folder(session: Session, settings: Settings, size: Size) -> None:
    mark = settings.home / MARK
    if not mark.exists():
        with reading(session):
            if is_configured(session):
                raise Refusal("This database holds a provider already. A simulated year needs an empty one.")
        mark.write_text(f"{size}\n", encoding="utf-8")
    if mark.read_text(encoding="utf-8").strip() != str(size):
        raise Refusal("Another year was begun in this folder. Choose an empty one with SLA_PORTAL_HOME.")
