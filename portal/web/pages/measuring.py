"""How measuring works: what is asked, from where, how often, and what is done with silence."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from portal import clock
from portal.database import db
from portal.usecases.status import public_status
from portal.web import access
from portal.web.prepared.declared import prepared

blueprint = Blueprint("measuring", __name__)


@blueprint.get("/how-we-measure")
@access.public
@prepared()
def show() -> ResponseReturnValue:
    """Show what is probed, from which locations and how often."""
    page = public_status.measuring(db.session(), clock.now())
    return render_template("measuring/measuring.html", page=page)
