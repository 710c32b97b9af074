"""The staff desk: what needs somebody now."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from portal import clock
from portal.database import db
from portal.domain.people.roles import Permission
from portal.usecases.configuration import provider
from portal.usecases.operating import desk as desks
from portal.web import access

blueprint = Blueprint("staff", __name__)


@blueprint.get("/staff")
@access.requires(Permission.SEE_DESK)
def desk() -> ResponseReturnValue:
    """Show open incidents, services, promises at risk and feedback to answer."""
    timezone = provider.site(db.session()).timezone
    page = desks.desk(db.session(), timezone, clock.now())
    return render_template("staff/desk.html", page=page)
