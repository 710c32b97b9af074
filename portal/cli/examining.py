"""`sla-portal doctor`: what is right and wrong with this installation, a line each."""

import sys

import click

from portal import clock, press
from portal.app import NEWEST
from portal.cli.opening import opened_app
from portal.cli.settling import operator_settings
from portal.database import db
from portal.usecases.operating.doctor import Check, check_disk, check_service


@click.command
def doctor() -> None:
    """Look at settings, disk, database, migrations, worker, clock and press; exit code 1 when something is wrong."""
    settings = operator_settings()  # settings that cannot be used end here, with their sentence
    with opened_app(settings) as app:
        checks = [
            Check("settings", True, f"They can be used ({settings.environment}); the data folder is {settings.home}."),
            check_disk(settings.home if settings.home.exists() else settings.home.resolve().parent),
            *check_service(db.session(), app.extensions[NEWEST], clock.now()),
        ]
    wrong = press.missing()
    checks.append(Check("press", wrong is None, wrong or "Statements can be printed as PDF."))
    for check in checks:
        click.echo(f"{'fine' if check.is_fine else 'WRONG':<6}{check.name:<11} {check.sentence}")
    if not all(check.is_fine for check in checks):
        sys.exit(1)
