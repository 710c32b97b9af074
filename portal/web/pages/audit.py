"""What was noted: who of staff did what, and who was granted which access."""

from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from portal.database import db
from portal.domain.people.roles import Permission
from portal.usecases.groundwork import audit
from portal.web import access

blueprint = Blueprint("audit", __name__)


@blueprint.get("/staff/audit")
@access.requires(Permission.SEE_AUDIT)
def show() -> ResponseReturnValue:
    """Show fifty entries, latest first."""
    return render_template("staff/audit.html", page=audit.entries(db.session(), _after()))


def _after() -> UUID | None:
    try:
        return UUID(request.args["after"])
    except (KeyError, ValueError):
        return None
