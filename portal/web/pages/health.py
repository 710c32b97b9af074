"""Whether this process answers, and whether the portal behind it can do its work."""

from flask import Blueprint, Response, current_app
from flask.typing import ResponseReturnValue

from portal import clock
from portal.database import db
from portal.usecases.operating.doctor import check_service
from portal.web import access, transactions

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@access.public
@transactions.by_itself
def show() -> ResponseReturnValue:
    """Answer 200 as long as this process answers at all."""
    return Response("ok\n", content_type="text/plain; charset=utf-8")


@blueprint.get("/readyz")
@access.public
@transactions.by_itself
def ready() -> ResponseReturnValue:
    """Answer 200 when the database answers, its tables are this version's and a worker measures; else 503 and why."""
    checks = check_service(db.session(), current_app.extensions["newest_revision"], clock.now())
    wrong = [check.name for check in checks if not check.is_fine]
    text = "ready\n" if not wrong else f"not ready: {', '.join(wrong)}\n"
    return Response(text, 503 if wrong else 200, content_type="text/plain; charset=utf-8")
