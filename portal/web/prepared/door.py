"""The door of the web: what is prepared is answered from the shelf, everything else goes on to the application."""

import time
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Flask
from markupsafe import Markup
from werkzeug.sansio.utils import host_is_trusted
from werkzeug.test import create_environ, run_wsgi_app

from portal import clock
from portal.database import db, reading
from portal.usecases.status import freshness
from portal.usecases.status.freshness import Mark
from portal.web.formats import iso
from portal.web.prepared.answers import Environ, Rendered
from portal.web.prepared.declared import Preparation, preparation_at
from portal.web.prepared.shelf import Shelf
from portal.web.saying import worded

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

READING = frozenset({"GET", "HEAD"})
SHELF = "prepared"
RENEWING_S = 0.5
NOTE = Markup('<p class="note caution" role="status">{}</p>')


class Door:
    """The application as a web server calls it."""

    def __init__(self, app: Flask) -> None:
        self._app: Flask = app
        self._inner: WSGIApplication = app.wsgi_app
        self.shelf = Shelf(self._render, self._look)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        if environ["REQUEST_METHOD"] not in READING:
            return self._write(environ, start_response)
        path = environ.get("PATH_INFO", "")
        preparation = self._preparation(path, environ)
        if preparation is None:
            return self._inner(environ, start_response)
        answer, is_fresh = self.shelf.fetch(path, preparation)
        if is_fresh:
            return answer.give(environ, start_response)
        return answer.give_as_it_was(self._note(path, answer.at), clock.now(), environ, start_response)

    def _preparation(self, path: str, environ: Environ) -> Preparation | None:
        kept = self.shelf.find(path)
        found = preparation_at(self._app, path) if kept is None else kept.preparation
        if found is None or (found.reads_query and environ.get("QUERY_STRING")):
            return None
        return found if self._is_ours(environ) else None

    def _is_ours(self, environ: Environ) -> bool:
        return host_is_trusted(environ.get("HTTP_HOST"), self._app.config["TRUSTED_HOSTS"])

    def _write(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Who changed something finds it on every page of this process as soon as they have their answer."""
        answer = self._inner(environ, start_response)
        if self.shelf.is_watched:
            self.shelf.look()
            deadline = time.monotonic() + RENEWING_S
            for path, preparation in self.shelf.outdated():
                if time.monotonic() > deadline:  # the watch goes on with the rest
                    break
                self.shelf.renew(path, preparation)
        return answer

    def _render(self, path: str) -> Rendered:
        environ = create_environ("/", base_url=self._app.extensions["settings"].external_url)
        where = quote(path.encode("latin-1"))
        environ |= {"PATH_INFO": path, "REQUEST_URI": where, "RAW_URI": where}
        body, status, headers = run_wsgi_app(self._inner, environ, buffered=True)
        return Rendered(status, tuple(headers), b"".join(body))

    def _note(self, path: str, at: datetime) -> str:
        instant = Markup('<time datetime="{}">{} UTC</time>').format(iso(at), at.strftime("%Y-%m-%d %H:%M:%S"))
        with self._app.test_request_context(path):
            return NOTE.format(
                worded("The portal cannot reach its records right now. This page is as of {instant}.", instant=instant)
            )

    def _look(self) -> Mark:
        with self._app.app_context(), reading(db.session()) as session:
            return freshness.mark(session, clock.now())


def hang(app: Flask) -> None:
    """Put the door before this application."""
    door = Door(app)
    app.extensions[SHELF] = door.shelf
    app.wsgi_app = door  # type: ignore[method-assign]  # the way Flask documents
