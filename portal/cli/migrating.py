"""`sla-portal migrate`."""

import click

from portal.cli.opening import migrate_database
from portal.cli.settling import operator_settings


@click.command
@click.option("--without-backup", is_flag=True, help="Change the tables even where no backup can be made before.")
def migrate(without_backup: bool) -> None:
    """Bring the database to the newest revision, whole or not at all; what is there is backed up before."""
    migrate_database(operator_settings(), with_backup=not without_backup)
    click.echo("The database is up to date.")
