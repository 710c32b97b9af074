"""One database transaction a request: reading for GET and HEAD, writing for the rest, committed when it went well.

Writers of one process wait for the database's lock, a few at a time; what goes beyond that is refused after a moment,
so that readers never queue behind writers (trust.md F6).
"""

import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import structlog
from flask import Flask, Response, current_app, g, has_request_context, request
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.database import begin, commit, db

View = TypeVar("View", bound=Callable[..., Any])

READING = frozenset({"GET", "HEAD", "OPTIONS"})
FIRST_REFUSAL = 400
WRITERS_AT_ONCE = 8
WRITER_WAIT_S = 0.25
WRITERS = "writers"
log = structlog.get_logger()


class TooManyWriters(Exception):
    """As many requests as may write at once are at it already."""


def prepare(app: Flask) -> None:
    """Give every request of this app its transaction."""
    app.extensions[WRITERS] = threading.BoundedSemaphore(WRITERS_AT_ONCE)
    app.before_request(_take_place)
    app.before_request(_begin)
    app.after_request(_finish)
    app.teardown_request(_leave_place)
    app.teardown_request(_drop)
    for moment, mark in (("before_commit", _begins_to_commit), ("after_commit", _has_committed)):
        if not event.contains(db.session.session_factory, moment, mark):  # one maker serves every application
            event.listen(db.session.session_factory, moment, mark)


def by_itself(view: View) -> View:
    """Declare that this endpoint's use case opens and commits its own transactions."""

    @wraps(view)
    def alone(*args: Any, **kwargs: Any) -> Any:
        db.session.rollback()  # what was read to let the reader in is over before the first of them begins
        return view(*args, **kwargs)

    alone.__own_transactions__ = True  # type: ignore[attr-defined]  # read back by stands_alone
    return cast(View, alone)


def stands_alone() -> bool:
    """Whether the endpoint at hand has no transaction of the request's own."""
    view = current_app.view_functions.get(request.endpoint or "")
    return view is None or request.endpoint == "static" or getattr(view, "__own_transactions__", False)


def was_committing() -> bool:
    """Whether this request is in a commit, of its own or the endpoint's: only the database knows if it was saved."""
    return bool(g.get("is_committing", False))


def _take_place() -> None:
    if request.method in READING:
        return
    if not current_app.extensions[WRITERS].acquire(timeout=WRITER_WAIT_S):
        raise TooManyWriters(f"{WRITERS_AT_ONCE} requests are writing already.")
    g.has_place = True


def _leave_place(_error: BaseException | None) -> None:
    if g.pop("has_place", False):
        current_app.extensions[WRITERS].release()


def _begin() -> None:
    if not stands_alone():
        begin(db.session(), write=request.method not in READING)


def _finish(response: Response) -> Response:
    if not stands_alone() and request.method not in READING and response.status_code < FIRST_REFUSAL:
        commit(db.session())
    return response


def _begins_to_commit(_session: Session) -> None:
    if has_request_context():
        g.is_committing = True


def _has_committed(_session: Session) -> None:
    if has_request_context():
        g.is_committing = False


def _drop(_error: BaseException | None) -> None:
    try:
        db.session.rollback()
    except DBAPIError as error:  # the connection died after the answer was made, which stands
        log.warning("connection lost after the answer", path=request.path, error=str(error.orig))
