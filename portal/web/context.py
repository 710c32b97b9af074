"""What every template may know besides its page: whose portal this is, how fresh it is and, signed in, who reads."""

from flask import Flask, g, request
from sqlalchemy.exc import SQLAlchemyError

from portal import clock
from portal.database import db
from portal.usecases.configuration import provider
from portal.usecases.status import freshness
from portal.web import access


def prepare(app: Flask) -> None:
    """Give the templates of this app their context instead of Flask's, which reads the session for any page (D15)."""
    app.template_context_processors[None] = [_context]


def without_records() -> None:
    """Let the page at hand, an error page, do without the database if need be."""
    g.may_lack_records = True


def _context() -> dict[str, object]:
    return {"request": request, "g": g, **_readers()}


def _readers() -> dict[str, object]:
    try:
        site, fresh = provider.site(db.session()), freshness.freshness(db.session(), clock.now())
        person, support = access.person_of_page(), access.support_in_use()
        return {"site": site, "freshness": fresh, "person": person, "support": support}
    except SQLAlchemyError:
        if not g.get("may_lack_records", False):
            raise
        return {"site": provider.NOBODYS, "freshness": None, "person": None, "support": None}
