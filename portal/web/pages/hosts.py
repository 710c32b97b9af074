"""A request that names a host which is not ours: refused in one line, since no page has an address under it."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import SecurityError

blueprint = Blueprint("hosts", __name__)


@blueprint.app_errorhandler(SecurityError)
def refuse(_error: SecurityError) -> ResponseReturnValue:
    """Answer 400 with a sentence (trust.md W4)."""
    return Response("This portal does not answer under that name.\n", 400, content_type="text/plain; charset=utf-8")
