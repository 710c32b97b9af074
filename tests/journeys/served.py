"""A portal served in this process on a real socket, and people who read it in a real browser."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from portal import clock
from portal.domain.people.person import Person
from portal.store.people import UserSessionRow
from portal.usecases.people.sessions import token_hash
from tests.web.conftest import writing


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve an application; yield its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True, slots=True)
class Reading:
    """One person's page, and everything the browser complained of."""

    context: BrowserContext
    page: Page
    complaints: list[str]

    def main(self, path: str) -> str:
        """Open a page and return its text."""
        self.page.goto(path)
        return self.page.inner_text("main")


@contextmanager
def reads(browser: Browser, app: Flask, base: str, person: Person | None, *, scripts: bool = True) -> Iterator[Reading]:
    """Open a browser as a person who is signed in, or as a visitor."""
    context = browser.new_context(base_url=base, java_script_enabled=scripts)
    if person is not None:
        context.add_cookies([{"name": "portal", "value": _signed_in(app, person), "url": base}])
    complaints: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield Reading(context, page, complaints)
    finally:
        context.close()


def _signed_in(app: Flask, person: Person) -> str:
    token, now = secrets.token_urlsafe(32), clock.now()
    with writing(app) as session:
        session.add(
            UserSessionRow(
                token_hash=token_hash(token),
                user_id=person.id,
                created_at=now,
                last_seen_at=now,
                ends_at=now + timedelta(hours=1),
                address="127.0.0.1",
                agent="tests",
            )
        )
    return token
