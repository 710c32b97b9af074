"""Which endpoints are prepared: those that say so, because they read no cookie and carry no form (decision D15)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask
from werkzeug.exceptions import HTTPException

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Preparation:
    """How an endpoint is prepared: the seconds a reader may keep it without asking; whether it reads a query.

    One that reads a query is prepared for the request without one; any other answers the same whatever the query is.
    """

    max_age_s: int
    reads_query: bool


def prepared(*, max_age_s: int = 0, reads_query: bool = False) -> Callable[[View], View]:
    """Declare that everybody gets the same bytes from this endpoint until something public changes."""

    def declare(view: View) -> View:
        view.__preparation__ = Preparation(max_age_s, reads_query)  # type: ignore[attr-defined]  # read by preparation_of
        return view

    return declare


def preparation_of(view: object) -> Preparation | None:
    """Return how a view is prepared; None when it is not."""
    return getattr(view, "__preparation__", None)


def preparation_at(app: Flask, path: str) -> Preparation | None:
    """Return how the endpoint at a path is prepared, if there is one and it is; `path` is as WSGI has it."""
    try:
        endpoint, _ = app.url_map.bind("localhost").match(path.encode("latin-1").decode(errors="replace"), "GET")
    except HTTPException:
        return None
    return preparation_of(app.view_functions.get(endpoint))
