"""Where a person is signed in, and ending it there."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.database import db
from portal.domain.notices.phrases import phrase
from portal.domain.people.roles import Permission
from portal.usecases.people import sessions
from portal.web import access, identity
from portal.web.saying import say

blueprint = Blueprint("sessions", __name__)


@dataclass(frozen=True, slots=True)
class SessionsPage:
    """Every browser a person is signed in with; `others` says whether there is another than this one."""

    browsers: Sequence[sessions.SignedInBrowser]
    others: bool


@blueprint.get("/account/sessions")
@access.requires(Permission.SEE_OWN_ACCOUNT)
def show() -> ResponseReturnValue:
    """Show where the reader is signed in."""
    found = sessions.browsers(db.session(), access.visit(), clock.now())
    return render_template("accounts/sessions.html", page=SessionsPage(found, len(found) > 1))


@blueprint.post("/account/sessions/<uuid:browser>/end")
@access.requires(Permission.SEE_OWN_ACCOUNT)
def end(browser: UUID) -> ResponseReturnValue:
    """Sign one browser out."""
    visit = access.visit()
    sessions.end_one(db.session(), visit, browser, clock.now())
    if browser == visit.id:
        return identity.take(redirect(url_for("status.show"), 303))
    flash(say(phrase("That browser is signed out.")))
    return redirect(url_for("sessions.show"), 303)


@blueprint.post("/account/sessions/end-others")
@access.requires(Permission.SEE_OWN_ACCOUNT)
def end_others() -> ResponseReturnValue:
    """Sign every other browser out."""
    sessions.end_others(db.session(), access.visit(), clock.now())
    flash(say(phrase("You are signed in here only.")))
    return redirect(url_for("sessions.show"), 303)
