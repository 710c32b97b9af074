"""Opening the portal for a verb: its database, within the scope of the provider's own work."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
import flask_migrate
from flask import Flask
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.app import NEWEST, create_app
from portal.config import Settings
from portal.database import db
from portal.domain.notices.refusals import Refusal
from portal.usecases.groundwork import scopes
from portal.usecases.operating.backup import back_up_before_migration

FULL, UNKNOWN_TABLE, UNKNOWN_COLUMN = "53100", "42P01", "42703"
"""What PostgreSQL calls it; SQLite has words only."""


@contextmanager
def opened_app(settings: Settings, *, as_owner: bool = False) -> Iterator[Flask]:
    """Open the application, as the owner of the tables if need be; a database that cannot be used is a Refusal."""
    app = create_app(settings, as_owner=as_owner)
    with app.app_context(), scopes.provider():
        try:
            yield app
        except DBAPIError as error:
            raise Refusal(_sentence(error)) from None
        finally:
            db.session.remove()
            db.engine.dispose()


@contextmanager
def opened_portal(settings: Settings) -> Iterator[Session]:
    """Open the portal's database for the provider's own work."""
    with opened_app(settings):
        yield db.session()


def migrate_database(settings: Settings, *, with_backup: bool = True) -> None:
    """Bring the database to the newest revision, whole or not at all; what is there is backed up before.

    Raises Refusal when it cannot be backed up; then nothing was migrated.
    """
    with opened_app(settings, as_owner=True) as app:
        if with_backup:
            _back_up(settings, app.extensions[NEWEST])
        flask_migrate.upgrade()


def _sentence(error: DBAPIError) -> str:
    """Say why a database cannot be used, and what helps where that is known."""
    reason = str(error.orig).partition("\n")[0]
    code = getattr(error.orig, "sqlstate", None)
    said = f"The database cannot be used: {reason}."
    if code == FULL or "disk is full" in reason:
        return f"{said} Make room on its disk, then run this again: nothing is half done."
    if code in (UNKNOWN_TABLE, UNKNOWN_COLUMN) or reason.startswith(("no such table", "no such column")):
        return f"{said} Is it new? Then run: sla-portal migrate"
    return said


def _back_up(settings: Settings, newest: str | None) -> None:
    try:
        kept = back_up_before_migration(db.engine, settings.home, newest, clock.now())
    except Refusal as refusal:
        way_on = "Nothing was migrated. To migrate without a backup: sla-portal migrate --without-backup"
        raise Refusal(f"{refusal.sentence} {way_on}") from None
    if kept is not None:
        click.echo(f"What was there is kept in {kept}.")
