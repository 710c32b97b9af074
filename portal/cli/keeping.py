"""`sla-portal backup` and `restore`: keeping what the portal knows."""

from pathlib import Path

import click
import flask_migrate

from portal import clock
from portal.cli.opening import opened_app
from portal.cli.settling import operator_settings
from portal.database import db
from portal.domain.notices.refusals import Refusal
from portal.usecases.operating import backup as backups

FOLDER = click.argument("folder", type=click.Path(path_type=Path))


@click.command
@FOLDER
def backup(folder: Path) -> None:
    """Write the data of this moment and its manifest into FOLDER, which must be new. The portal may be running."""
    with opened_app(operator_settings()):
        manifest = backups.back_up(db.engine, folder, clock.now())
    click.echo(f"{folder} holds {len(manifest.tables)} tables with {manifest.rows} rows.")


@click.command
@FOLDER
@click.option("--verify", is_flag=True, help="Compare every table with the manifest afterwards.")
def restore(folder: Path, verify: bool) -> None:
    """Bring the backup in FOLDER into the database the settings name, which must be empty."""
    with opened_app(operator_settings(), as_owner=True):
        manifest = backups.restore(db.engine, folder, lambda revision: flask_migrate.upgrade(revision=revision))
        flask_migrate.upgrade(revision=manifest.revision or "base")  # lets the application's role use the tables
        differing = backups.differences(db.engine, manifest) if verify else []
    for sentence in differing:
        click.echo(sentence, err=True)
    if differing:
        raise Refusal("What was restored is not what was backed up. Do not use it.")
    proof = ", and every table is as it was" if verify else ""
    click.echo(f"{len(manifest.tables)} tables with {manifest.rows} rows are restored{proof}.")
