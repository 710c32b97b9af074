"""Raising the walls around the session before anybody uses it."""

from flask_sqlalchemy import SQLAlchemy

from portal.store import all_rows
from portal.store.ground import tenancy


def raise_walls(database: SQLAlchemy) -> None:
    """Put the wall between customers into every session of this database."""
    all_rows.load()
    tenancy.guard_session(database.session.session_factory)
