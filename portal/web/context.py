"""What every template may know besides its page: whose portal this is, how fresh it is and, signed in, who reads."""

from flask import Flask, g, request
from sqlalchemy.exc import SQLAlchemyError

from portal import clock
from portal.database import db
from portal.domain.people.person import Person
from portal.usecases.configuration import provider
from portal.usecases.status import freshness
from portal.web import access, languages


def prepare(app: Flask) -> None:
    """Give the templates of this app their context instead of Flask's, which reads the session for any page (D15)."""
    app.template_context_processors[None] = [_context]


def of_an_error() -> None:
    """Let the page at hand, an error page, do without the database if need be, and know whoever is signed in."""
    g.is_of_an_error = True


def _context() -> dict[str, object]:
    return {"request": request, "g": g, **_readers()}


def _readers() -> dict[str, object]:
    try:
        site, fresh = provider.site(db.session()), freshness.freshness(db.session(), clock.now())
        person = _reader_of_an_error() if _is_of_an_error() else access.person_of_page()
        support = access.support_in_use()
        return {"site": site, "freshness": fresh, "person": person, "support": support}
    except SQLAlchemyError:
        if not _is_of_an_error():
            raise
        return {"site": provider.NOBODYS, "freshness": None, "person": None, "support": None}


def _reader_of_an_error() -> Person | None:
    """Whoever is signed in; where the address names no language, they are told in their own."""
    person = access.person_signed_in()
    if person is not None and languages.of_path(request.path) is languages.USUAL:
        languages.choose(person.language)
    return person


def _is_of_an_error() -> bool:
    return bool(g.get("is_of_an_error", False))
