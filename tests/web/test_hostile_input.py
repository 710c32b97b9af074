"""Anything at all, on purpose: never a server error, never a trace, never a row half saved; bodies are bounded (U1)."""

import io
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from portal.app import FORM_PARTS_MAX, REQUEST_BYTES_MAX, create_app
from portal.database import db
from tests.web.canaries import SAFE, Planted, Restored, address, plant, rules
from tests.web.conftest import settings_of
from tests.web.hostile import COUNTED, VALUES, drawn, encoded, names, rows_digest

SEED = 20_261_122
TRIES_PER_RULE = 3
FORM = "application/x-www-form-urlencoded"
ENDS_SESSIONS = ("/sign-out", "/account/sessions", "/account/password", "/account/second-factor")
UNQUOTABLE = ("/", "\\", ".")


@pytest.fixture
def planted(database_url: str, tmp_path: Path) -> Iterator[Planted]:
    app = create_app(settings_of(tmp_path, database_url))
    yield plant(app)
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def simple(app: Flask) -> Planted:
    return plant(app)


def who_gets_furthest(rule: Rule) -> str:
    if rule.rule.startswith("/staff"):
        return "manager"
    return "no code" if rule.rule == "/sign-in/code" else "owner"


def hostile_address(draw: random.Random, planted: Planted, rule: Rule) -> str:
    """The address of a rule, some of its texts and numbers replaced."""
    arguments = dict(planted.globex.arguments)
    for name in rule.arguments & {"slug", "service", "commitment", "period"}:
        if draw.random() < 0.5:
            text = draw.choice([value for value in VALUES if isinstance(value, str) and value])
            arguments[name] = text[:1_000]
    if "number" in rule.arguments and draw.random() < 0.5:
        arguments["number"] = draw.choice([0, 2**31, 2**63, 10**400])
    return address(planted.app, rule, arguments)


def assert_calm(text: str, status: int, asked: object) -> None:
    is_told = status == 503 and str(asked).startswith("/readyz")
    assert status < 500 or is_told, asked
    for word in ("Traceback", "sqlalchemy", "psycopg", "sqlite3", "werkzeug"):
        assert word not in text, (word, asked)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_reading_with_any_parameter_never_breaks_and_never_writes(planted: Planted) -> None:
    draw, fields, asked = random.Random(SEED), names(), 0
    before = rows_digest(planted.app)
    for rule, method in rules(planted.app):
        if method != "GET":
            continue
        client = planted.browser(who_gets_furthest(rule))[0]
        for _ in range(TRIES_PER_RULE):
            query = encoded([(name, value[:2_000]) for name, value in drawn(draw, planted, fields, 0.9)])
            path = f"{hostile_address(draw, planted, rule)}?{query}"
            with client.get(path) as answer:
                assert_calm(answer.get_data(as_text=True), answer.status_code, path)
            asked += 1
    assert rows_digest(planted.app) == before
    assert asked >= 150


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_any_form_is_taken_or_refused_whole(planted: Planted) -> None:
    draw, fields, asked = random.Random(SEED), names(), 0
    is_sqlite = "sqlite" in planted.app.config["SQLALCHEMY_DATABASE_URI"]
    restored = Restored(planted.app) if is_sqlite else None
    taken: set[str] = set()
    for rule, method in rules(planted.app):
        if method in SAFE or (restored is None and rule.rule.startswith(ENDS_SESSIONS)):
            continue
        who = who_gets_furthest(rule)
        client, token = planted.browser(who)
        for number in range(TRIES_PER_RULE):
            pairs = drawn(draw, planted, fields, number / TRIES_PER_RULE)
            body = encoded([*pairs, ("csrf_token", token)])
            before = rows_digest(planted.app, COUNTED)
            path = address(planted.app, rule, planted.globex.arguments)
            answer = client.post(path, data=body, content_type=FORM)
            assert_calm(answer.text, answer.status_code, (path, body[:3_000]))
            if answer.status_code >= 400:
                assert rows_digest(planted.app, COUNTED) == before, (path, body[:3_000])
            else:
                taken.add(rule.endpoint)
            if restored is not None:
                restored.put_back()
            planted.sign_in(client, who)
            asked += 1
    assert asked >= 50
    assert {"feedback.give", "incidents.post", "support.take"} <= taken


def test_the_names_of_all_fields_and_parameters_are_known() -> None:
    assert {
        "email",
        "password",
        "next",
        "link",
        "after",
        "month",
        "about",
        "service",
        "subject",
        "words",
        "services",
    } <= set(names())


@pytest.mark.parametrize("number", [2**31 - 1, 2**31, 2**63 - 1, 2**63, 10**100])
def test_a_number_no_database_holds_is_no_version(planted: Planted, number: int) -> None:
    assert planted.app.test_client().get(f"/commitments/gold/versions/{number}").status_code == 404


@pytest.mark.parametrize("path", ["/commitments/%00", "/commitments/a%00b", "/%00", "/c/%00", "/history?month=%00"])
def test_a_nul_in_an_address_is_no_page_or_ignored(planted: Planted, path: str) -> None:
    answer = planted.app.test_client().get(path)
    assert answer.status_code in (200, 400, 404)
    assert_calm(answer.text, answer.status_code, path)


def test_a_nul_where_somebody_signs_in_is_refused(planted: Planted) -> None:
    client, token = planted.browser("nobody")
    for path in ("/sign-in", "/forgot-password", "/choose-password"):
        form = {"email": "ada\0@globex.example", "password": "a\0b", "link": "\0", "csrf_token": token}
        answer = client.post(path, data=form)
        assert 303 <= answer.status_code < 500, path


class Endless(io.RawIOBase):
    """A body without an end, as a chunked request may have; it counts what is taken of it."""

    def __init__(self) -> None:
        self.taken = 0

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.taken

    def seek(self, offset: int, whence: int = 0) -> int:
        return offset if whence == 0 else self.taken

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # any writable buffer
        buffer[:] = b"a" * len(buffer)
        self.taken += len(buffer)
        return len(buffer)


@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=x", "application/json", "text/plain"])
def test_a_body_without_an_end_is_cut(simple: Planted, kind: str) -> None:
    client, body = simple.browser("owner")[0], Endless()
    answer = client.post(
        "/sign-in", input_stream=body, content_type=kind, environ_overrides={"wsgi.input_terminated": True}
    )
    assert answer.status_code in (400, 413)
    assert body.taken <= 2 * REQUEST_BYTES_MAX


@pytest.mark.parametrize("path", ["/sign-in", "/forgot-password", "/staff/incidents"])
def test_a_form_of_ten_megabytes_is_not_even_read(simple: Planted, path: str) -> None:
    client, body = simple.browser("manager")[0], Endless()
    answer = client.post(path, input_stream=body, content_type=FORM, environ_overrides={"CONTENT_LENGTH": "10000000"})
    assert answer.status_code == 413
    assert body.taken <= REQUEST_BYTES_MAX


def test_ten_thousand_fields_are_no_form(simple: Planted) -> None:
    client, token = simple.browser("manager")
    many = encoded([("x", "1")] * 10_000 + [("csrf_token", token)])
    assert client.post("/staff/incidents", data=many, content_type=FORM).status_code in (413, 422)
    parts = "".join(f'--x\r\nContent-Disposition: form-data; name="f{number}"\r\n\r\n1\r\n' for number in range(10_000))
    answer = client.post("/staff/incidents", data=f"{parts}--x--", content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413
    assert FORM_PARTS_MAX < 10_000


def test_a_file_is_refused_since_no_form_asks_for_one(simple: Planted) -> None:
    before = rows_digest(simple.app)
    for who, path, name in (
        ("nobody", "/sign-in", "email"),
        ("nobody", "/forgot-password", "email"),
        ("manager", "/staff/incidents", "title"),
        ("owner", f"/c/{simple.globex.customer}/feedback", "words"),
    ):
        client, token = simple.browser(who)
        answer = client.post(path, data={"csrf_token": token, name: (io.BytesIO(b"x" * 5_000), "../../x.html")})
        assert answer.status_code == 400, path
        assert_calm(answer.text, answer.status_code, path)
    assert rows_digest(simple.app) == before


@pytest.mark.parametrize("path", ["/", "/sign-in", "/history", "/feeds", "/history.rss"])
def test_a_huge_query_is_answered(client: FlaskClient, path: str) -> None:
    answer = client.get(f"{path}?next=/{'a' * 500_000}&month={'9' * 10_000}")
    assert answer.status_code < 500
    assert len(answer.text) < 100_000


@pytest.mark.parametrize("kind", ["", "x", "multipart/form-data", "multipart/form-data; boundary=", "application/json"])
def test_a_body_of_another_kind_is_refused(simple: Planted, kind: str) -> None:
    client = simple.browser("manager")[0]
    for body in (b"", b"\xff\xfe", b"{", b"--x\r\n", b"--\r\n\r\n"):
        answer = client.post("/staff/incidents", data=body, content_type=kind)
        assert answer.status_code == 400
        assert_calm(answer.text, answer.status_code, (kind, body))


@pytest.mark.parametrize("cookie", ["", "x", "\x00", "a" * 4_000, '"', "%00", "\xff", "../x", "a=b; portal=c"])
def test_any_cookie_is_nobodys(client: FlaskClient, cookie: str) -> None:
    for name in ("portal", "portal_form"):
        answer = client.get("/account", headers={"Cookie": f"{name}={cookie}"})
        assert answer.status_code == 303
