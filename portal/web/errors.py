"""The one place where a refusal or a failure becomes a page with a sentence and a status code."""

import structlog
from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError

from portal.database import db
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Conflict, Invalid, NotAllowed, NotFound, Refusal, TooMany
from portal.web import context, going, transactions

STATUS: dict[type[Refusal], int] = {NotFound: 404, NotAllowed: 403, Conflict: 409, Invalid: 422, TooMany: 429}
SENTENCES = {
    400: phrase("The portal could not read this request. Go back, reload the page and try again."),
    404: phrase("There is no such page."),
    405: phrase("This address does not answer that kind of request."),
    413: phrase("That is more than the portal takes at once. Shorten it and send it again."),
    500: phrase("Something broke on our side. Nothing was saved. Try again in a minute."),
    503: phrase("The portal cannot reach its records right now. Nothing was saved. Try again in a minute."),
}
UNSURE = phrase("The portal lost its records while saving this. Look whether it is there before you send it again.")
ERROR_LENGTH = 200
DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout, transactions.TooManyWriters)
log = structlog.get_logger()


def prepare(app: Flask) -> None:
    """Answer every refusal and failure of this app with a page."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _http)
    for away in DATABASE_AWAY:
        app.register_error_handler(away, _unreachable)
    app.register_error_handler(DataError, _unstorable)
    app.register_error_handler(InternalServerError, _broken)


def _refused(refusal: Refusal) -> ResponseReturnValue:
    return _page(STATUS[type(refusal)], refusal.sentence)


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    status = error.code or 500
    return _page(status, SENTENCES.get(status, SENTENCES[400]))


def _unreachable(error: Exception) -> ResponseReturnValue:
    reason = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    log.warning("database unreachable", path=request.path, error=reason[:ERROR_LENGTH])
    answer, status = _page(503, UNSURE if transactions.was_committing() else SENTENCES[503])
    return answer, status, {"Retry-After": "5"}


def _unstorable(_error: DataError) -> ResponseReturnValue:
    """What no database can hold, a NUL or a number beyond all bounds, was never ours: the request cannot be read."""
    return _page(400, SENTENCES[400])


def _broken(error: InternalServerError) -> ResponseReturnValue:
    original = error.original_exception
    if isinstance(original, DATABASE_AWAY):
        return _unreachable(original)
    log.error("request failed", path=request.path, exc_info=original)
    return _page(500, SENTENCES[500])


def _page(status: int, sentence: str) -> tuple[str, int]:
    db.session.rollback()
    context.of_an_error()
    page = {"status": status, "sentence": sentence, "home_of": going.home_of}
    return render_template("errors/error.html", **page), status
