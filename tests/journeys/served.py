"""A portal served in this process on a real socket, and people who read it in a real browser."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from portal.domain.people.person import Person
from tests.signing_in import signed_in
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
        with writing(app) as session:
            token = signed_in(session, person)
        context.add_cookies([{"name": "portal", "value": token, "url": base}])
    complaints: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield Reading(context, page, complaints)
    finally:
        context.close()
