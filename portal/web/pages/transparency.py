"""Transparency: the measuring measured, month by month; and what crawlers are asked to leave alone."""

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from portal import clock
from portal.database import db
from portal.usecases.configuration import provider
from portal.usecases.status.transparency import transparency
from portal.web import access, transactions
from portal.web.prepared.declared import prepared

blueprint = Blueprint("transparency", __name__)
ROBOTS = """User-agent: *
Disallow: /account
Disallow: /c/
Disallow: /forgot-password
Disallow: /patterns
Disallow: /sign-in
Disallow: /staff
"""


@blueprint.get("/transparency")
@access.public
@prepared()
def show() -> ResponseReturnValue:
    """Show from where everything is measured, how much of the time is known, and what was asked not to count."""
    page = transparency(db.session(), provider.site(db.session()).timezone, clock.now())
    return render_template("measuring/transparency.html", page=page)


@blueprint.get("/robots.txt")
@access.public
@prepared(max_age_s=3600)
@transactions.by_itself
def robots() -> ResponseReturnValue:
    """Ask crawlers to read what is public and nothing else."""
    return Response(ROBOTS, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "public, max-age=3600"})
