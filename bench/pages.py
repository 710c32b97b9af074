"""Pages as readers get them: first build, prepared requests a second, freshness under load, weight, customers' pages.

The portals have so many closed months behind the present one (bench/_past_portal.py). First builds and customers' pages
are milliseconds of this process's processor; requests a second are wrk's (Debian's package) against two web workers on
this machine, which share its cores with wrk. The storm sends 300 conditional requests a second for 20 s while another
process's update is told every 2 s: each must be on the page a second later, and no request may have made a page.
"""

import gzip
import http.client
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from bench._past_portal import WHOLLY_MEASURED, portal
from bench._web import made_while_asked
from portal import clock
from portal.config import Settings
from portal.database import db, reading, transaction
from portal.domain.people.person import Person
from portal.domain.people.roles import CustomerRole, StaffRole
from portal.store.ground import public_changes
from portal.store.ground.tenancy import provider_scope
from portal.store.people.customers import CustomerRow
from portal.store.people.people import MembershipRow, UserRow, UserSessionRow
from portal.store.promises import configuration
from portal.usecases.people.sessions import token_hash
from portal.usecases.status import incidents
from portal.usecases.status.incidents import Draft
from portal.web.prepared.door import SHELF
from portal.web.prepared.shelf import Shelf

Row = dict[str, Any]
BUILD_MS, EACH_US, P95_MS, VISIBLE_MS, WEIGHT, OVERVIEW_MS, GROWS = 15, 200, 300, 1000, 60_000, 15, 1.1
STORM_S, EVERY_S, A_SECOND, CLIENTS = 20, 2, 300, 12
LINKED = re.compile(r'(?:href|src)="(/(?:static|style|brand)[^"]*\.(?:css|js)[^"]*)"')
RATE, P99 = re.compile(r"Requests/sec:\s+([\d.]+)"), re.compile(r"99%\s+([\d.]+)(us|ms|s)")
IN_MS = {"us": 0.001, "ms": 1, "s": 1000}


def measure(services: str = "50,1000", months: int = 13, seconds: int = 5, times: int = 41) -> Iterator[Row]:
    """Yield rows for each count of services; the web server and customers' pages are measured with the first."""
    if shutil.which("wrk") is None:
        raise SystemExit("This needs wrk. Install it (Debian: apt-get install wrk), or run it as ./dev bench pages.")
    for number, count in enumerate(map(int, services.split(","))):
        with portal(count, months) as (app, home, samples):
            yield {"what": "first build", "services": count, "samples": samples, **_first_build(app, count, times)}
            yield {"what": "weight at first sight", "services": count, **_weight(app)}
            if number == 0:
                with _server(app, home) as (host, port):
                    yield from _rates(host, port, seconds)
                    yield {"what": "storm", **_storm(app, home, host, port)}
    yield from _customers((1, months), times)


def _first_build(app: Flask, services: int, times: int) -> Row:
    """Made with nothing prepared: while nothing public changed, and each time after something did."""
    reader, shelf = app.test_client(), app.extensions[SHELF]
    coldest = _built_ms(reader, shelf)
    spent = [_built_ms(reader, shelf) for _ in range(times)]
    after_change = []
    for _ in range(times):
        with app.app_context(), provider_scope(), transaction(db.session()) as session:
            public_changes.tell(session)
        after_change.append(_built_ms(reader, shelf))
    found = round(median(spent), 2)
    return {
        "ms": {"value": found, "budget": BUILD_MS} if services <= WHOLLY_MEASURED else found,
        "after_change_ms": round(median(after_change), 2),
        "coldest_ms": round(coldest, 2),
    }


def _built_ms(reader: FlaskClient, shelf: Shelf) -> float:
    shelf.forget()
    before = time.process_time()
    assert reader.get("/").status_code == 200
    return (time.process_time() - before) * 1000


def _weight(app: Flask) -> Row:
    reader = app.test_client()
    page = reader.get("/").text
    parts = [
        page.encode(),
        *(reader.get(path.replace("&amp;", "&")).data for path in sorted(set(LINKED.findall(page)))),
    ]
    return {"bytes": {"value": sum(len(gzip.compress(one)) for one in parts), "budget": WEIGHT}, "files": len(parts)}


@contextmanager
def _server(app: Flask, home: Path) -> Iterator[tuple[str, int]]:
    """The portal's own web server with two workers on this database."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    settings: Settings = app.extensions["settings"]
    told = {
        "SLA_PORTAL_ENVIRONMENT": "development",
        "SLA_PORTAL_HOME": str(home),
        "SLA_PORTAL_DATABASE_URL": settings.database_url,
        "SLA_PORTAL_PORT": str(port),
        "SLA_PORTAL_WEB_WORKERS": "2",
    }
    process = subprocess.Popen([sys.executable, "-m", "bench._web"], env={**os.environ, **told})
    try:
        _wait_for(port)
        yield "127.0.0.1", port
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            for _ in range(8):  # both workers have made it, whoever is asked
                _ask("127.0.0.1", port, "/", {})
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _ask(host: str, port: int, path: str, headers: dict[str, str]) -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers.get("ETag", ""), answer.read()
    finally:
        connection.close()


def _rates(host: str, port: int, seconds: int) -> Iterator[Row]:
    for path in ("/", "/history.rss"):
        _, tag, _ = _ask(host, port, path, {})
        ways = {"plain": {}, "gzip": {"Accept-Encoding": "gzip"}, "304": {"If-None-Match": tag}}
        for way, headers in ways.items():
            command = ["wrk", "-t1", "-c32", f"-d{seconds}s", "--latency"]
            command += [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
            told = subprocess.run([*command, f"http://{host}:{port}{path}"], capture_output=True, text=True, check=True)
            yield {"what": f"{way} {path}", **_rate(told.stdout)}


def _rate(told: str) -> Row:
    rate, slowest = RATE.search(told), P99.search(told)
    if rate is None or slowest is None:
        raise RuntimeError(f"wrk said something else: {told}")
    a_second = float(rate[1])
    budgeted = {"value": round(1_000_000 / a_second), "budget": EACH_US}
    return {
        "requests_s": round(a_second),
        "us_each": budgeted,
        "p99_ms": round(float(slowest[1]) * IN_MS[slowest[2]], 2),
    }


def _storm(app: Flask, home: Path, host: str, port: int) -> Row:
    """Conditional requests at a steady rate while another process, this one, tells an update every two seconds."""
    made, stop = made_while_asked(home), time.monotonic() + STORM_S
    latencies: list[float] = []
    clients = [threading.Thread(target=_client, args=(host, port, stop, latencies)) for _ in range(CLIENTS)]
    for one in clients:
        one.start()
    visible = list(_updates(app, host, port, stop))
    for one in clients:
        one.join()
    return {
        "requests": len(latencies),
        "p95_ms": {"value": round(quantiles(latencies, n=20)[-1], 1), "budget": P95_MS},
        "updates": len(visible),
        "latest_visible_ms": {"value": round(max(visible)), "budget": VISIBLE_MS},
        "made_while_asked": {"value": made_while_asked(home) - made, "budget": 0},
    }


def _client(host: str, port: int, stop: float, latencies: list[float]) -> None:
    connection, tag, pace = http.client.HTTPConnection(host, port, timeout=10), "", CLIENTS / A_SECOND
    due = time.monotonic()
    while due < stop:
        time.sleep(max(0.0, due - time.monotonic()))
        connection.request("GET", "/", headers={"If-None-Match": tag, "Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        answer.read()
        tag = answer.headers.get("ETag", tag)
        latencies.append((time.monotonic() - due) * 1000)  # a request that had to wait for its turn waited
        due += pace
    connection.close()


def _updates(app: Flask, host: str, port: int, stop: float) -> Iterator[float]:
    """Tell an update every two seconds; yield the milliseconds until every worker shows it."""
    with app.app_context(), provider_scope(), transaction(db.session()) as session:
        author = _responder(session)
        draft = Draft("A storm", "minor", [], "investigating", "We look.")
        key = incidents.post(session, author, draft, clock.now())
    number = 0
    while time.monotonic() + EVERY_S < stop:
        time.sleep(EVERY_S)
        number += 1
        words = f"Update number {number}."
        with app.app_context(), provider_scope(), transaction(db.session()) as session:
            incidents.update(session, author, key, "identified", words, clock.now())
        told, seen = time.monotonic(), 0
        while seen < 8:  # in a row, so that it is both workers'
            seen = seen + 1 if words.encode() in _ask(host, port, "/", {})[2] else 0
        yield (time.monotonic() - told) * 1000


def _responder(session: Any) -> Person:
    row = UserRow(email="storm@provider.example", name="Rosa", staff_role=StaffRole.RESPONDER.value)
    session.add(row)
    session.flush()
    return Person(row.id, "Rosa", "storm@provider.example", staff_role=StaffRole.RESPONDER)


def _customers(months: tuple[int, ...], times: int) -> Iterator[Row]:
    """Pages of a customer with few closed months and with many, asked in turns: a machine has slow and fast moments."""
    with ExitStack() as open_portals:
        portals = [open_portals.enter_context(portal(50, closed)) for closed in months]
        pages = [_customer_pages(app) for app, _, _ in portals]
        for what in ("overview", "working", "ledger"):
            spent = _medians_ms([(reader, paths[what]) for reader, paths in pages], times)
            for closed, found in zip(months, spent, strict=True):
                ms = {"value": found, "budget": OVERVIEW_MS} if what == "overview" else found
                grown = {"value": round(found / spent[0], 2), "budget": GROWS}
                yield {"what": what, "closed": closed, "ms": ms, "grew": grown}


def _customer_pages(app: Flask) -> tuple[FlaskClient, dict[str, str]]:
    reader = app.test_client()
    with app.app_context(), provider_scope():
        with reading(db.session()) as session:
            customer = configuration.rows_by_key(session, CustomerRow)["reader"].id
        reader.set_cookie("portal", _signed_in(customer))
    overview = f"/c/{customer}"
    page = reader.get(overview).text
    working = re.search(rf'href="({overview}/commitments/[^"]+)"', page)
    assert working, "the overview leads to no working"
    return reader, {"overview": overview, "working": working[1], "ledger": f"{overview}/ledger"}


def _signed_in(customer: Any) -> str:
    token, now = secrets.token_urlsafe(32), clock.now()
    with transaction(db.session()) as session:
        user = UserRow(email="reader@generated.example", name="Reader", staff_role=None)
        session.add(user)
        session.flush()
        session.add(MembershipRow(user_id=user.id, customer_id=customer, role=CustomerRole.OWNER.value))
        session.add(
            UserSessionRow(
                token_hash=token_hash(token),
                user_id=user.id,
                created_at=now,
                last_seen_at=now,
                ends_at=now + timedelta(hours=1),
                address="127.0.0.1",
                agent="bench",
            )
        )
    return token


def _medians_ms(asked: Sequence[tuple[FlaskClient, str]], times: int) -> Sequence[float]:
    """Each page is asked once unmeasured at its turn: portals share here what a process of its own keeps of one."""
    spent: list[list[float]] = [[] for _ in asked]
    for _ in range(times + 1):
        for (reader, path), found in zip(asked, spent, strict=True):
            reader.get(path)
            before = time.process_time()
            answer = reader.get(path)
            found.append((time.process_time() - before) * 1000)
            assert answer.status_code == 200, (path, answer.status_code)
    return [round(median(one[1:]), 2) for one in spent]
