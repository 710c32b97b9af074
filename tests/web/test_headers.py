"""Every answer of every rule carries the headers, every cookie its flags, in development and in production."""

import json
import secrets
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response

from portal.app import create_app
from portal.config import Environment, Settings
from portal.database import db
from portal.domain.people.second_factor import StaffPolicy
from portal.store.people.people import UserRow
from portal.usecases.people.passwords import hash_password
from portal.web.access import public
from portal.web.going import safe_path
from portal.web.security import CHANGING, HEADERS
from tests.web.canaries import Planted, address, plant, rules, send
from tests.web.conftest import settings_of, writing

VECTORS = json.loads((Path(__file__).resolve().parents[1] / "vectors/redirects.json").read_text())
HOME, PASSWORD = "http://localhost", "correct horse battery staple"
EVIL_HOSTS = (
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "evil.example:80",
    "[::1]",
    "local host",
)


@pytest.fixture(params=list(Environment))
def planted(request: pytest.FixtureRequest, sqlite_url: str, tmp_path: Path) -> Iterator[Planted]:
    """A portal with canaries, as a developer runs it and as readers reach it."""
    settings = settings_of(tmp_path, sqlite_url)
    if request.param is Environment.PRODUCTION:
        settings = Settings(
            environment=Environment.PRODUCTION,
            home=tmp_path,
            database_url=sqlite_url,
            secret_key=secrets.token_urlsafe(32),
            external_url="https://localhost",
            staff_second_factor=StaffPolicy.OPTIONAL,
        )
    app = create_app(settings)
    yield plant(app)
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def developers(app: Flask) -> Planted:
    return plant(app)


def assert_protected(answer: Response, is_secure: bool, where: object) -> None:
    is_for_any_origin = answer.headers.get("Access-Control-Allow-Origin") == "*"
    readable = {"Cross-Origin-Resource-Policy": "cross-origin"} if is_for_any_origin else {}
    for name, value in {**HEADERS, **readable}.items():
        assert answer.headers.get(name) == value, (where, name)
    assert ("Strict-Transport-Security" in answer.headers) == is_secure, where
    assert "Cache-Control" in answer.headers, where
    assert "Server" not in answer.headers or "Python" not in answer.headers["Server"]
    for line in answer.headers.getlist("Set-Cookie"):
        assert_flags(line, is_secure)


def assert_flags(line: str, is_secure: bool) -> None:
    ((name, cookie),) = SimpleCookie(line).items()
    assert cookie["httponly"], line
    assert cookie["samesite"] == "Lax", line
    assert cookie["path"] == "/", line
    assert not cookie["domain"], line
    assert bool(cookie["secure"]) == is_secure, line
    assert name.startswith("__Host-") == is_secure, line


@pytest.mark.slow
def test_every_answer_of_every_rule_is_protected(planted: Planted) -> None:
    statuses, cookies = set(), 0
    for who in ("nobody", "member", "no code", "manager"):
        client, token = planted.browser(who)
        for rule, method in rules(planted.app):
            planted.sign_in(client, who)
            path = address(planted.app, rule, planted.globex.arguments)
            found = send(client, method, path, token, base=planted.base)
            assert_protected(found.answer, planted.is_secure, (who, method, path))
            statuses.add(found.status)
            cookies += len(found.answer.headers.getlist("Set-Cookie"))
    assert {200, 303, 403, 404, 422} <= statuses
    assert cookies > 0


def test_signing_in_and_out_gives_and_takes_a_safe_cookie(planted: Planted) -> None:
    with writing(planted.app) as session:
        owner = session.get(UserRow, planted.people["owner"].id)
        assert owner is not None
        owner.password_hash = hash_password(PASSWORD)
    client, token = planted.browser("nobody")
    form = {"email": "ada@globex.example", "password": PASSWORD, "csrf_token": token, "next": "//evil.example"}
    for path in ("/sign-in", "/sign-out"):
        answer = client.post(path, data=form, base_url=planted.base)
        assert answer.status_code == 303
        assert urlsplit(urljoin(planted.base, answer.headers["Location"])).netloc == "localhost"
        assert answer.headers.getlist("Set-Cookie")
        assert_protected(answer, planted.is_secure, path)


@pytest.mark.parametrize("host", EVIL_HOSTS)
def test_a_host_that_is_not_ours_is_refused_on_every_page(planted: Planted, host: str) -> None:
    client = planted.app.test_client()
    for path in ("/", "/sign-in", "/history.rss", "/nothing", "/forgot-password?next=/x"):
        answer = client.get(path, base_url=planted.base, headers={"Host": host})
        assert answer.status_code == 400, (host, path)
        assert "evil" not in answer.text
        assert_protected(answer, planted.is_secure, (host, path))


def gone() -> str:
    raise OperationalError("SELECT 1", {}, Exception("the server closed the connection"))


def broken() -> str:
    raise RuntimeError("a defect")


def test_the_rarer_answers_are_protected_too(planted: Planted) -> None:
    planted.app.add_url_rule("/gone", view_func=public(gone))
    planted.app.add_url_rule("/broken", view_func=public(broken))
    client, token = planted.browser("member")
    base = planted.base
    tag = client.get("/history.rss", base_url=base).headers["ETag"]
    answers = {
        304: client.get("/history.rss", base_url=base, headers={"If-None-Match": tag}),
        400: client.post("/sign-in", base_url=base),
        404: client.get("/nothing", base_url=base),
        405: client.delete("/", base_url=base),
        409: client.post("/account/second-factor/recovery-codes", data={"csrf_token": token}, base_url=base),
        413: client.post("/sign-in", data={"email": "x" * 2_000_000}, base_url=base),
        500: client.get("/broken", base_url=base),
        503: client.get("/gone", base_url=base),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert_protected(answer, planted.is_secure, status)
        assert "Traceback" not in answer.text


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: ascii(vector["next"]))
def test_a_reader_goes_on_within_this_site_only(vector: dict[str, object]) -> None:
    text = str(vector["next"])
    followed = safe_path(text)
    assert followed == (text if vector["is_followed"] else "")
    assert urlsplit(urljoin(f"{HOME}/sign-in", followed)).netloc == "localhost"


def test_there_are_enough_vectors_of_both_kinds() -> None:
    kinds = [vector["is_followed"] for vector in VECTORS]
    assert len(kinds) >= 40
    assert 10 <= kinds.count(True) <= len(kinds) - 30


def test_no_form_leads_a_reader_away(developers: Planted) -> None:
    client, token = developers.browser("owner")
    for vector in VECTORS:
        text = str(vector["next"])
        answer = client.post("/sign-in/code", data={"next": text, "csrf_token": token})
        assert answer.status_code == 303
        assert_within(answer.headers["Location"], text)
        page = client.get("/sign-in", query_string={"next": text}).text
        assert not vector["is_followed"] or 'name="next"' in page
        assert "evil.example" not in page or vector["is_followed"], text


def assert_within(location: str, asked: str) -> None:
    assert urlsplit(urljoin(f"{HOME}/sign-in", location)).netloc == "localhost", (asked, location)
    assert "\\" not in location
    assert not any(ord(letter) <= 32 for letter in location)


def test_a_longer_path_than_any_page_has_is_not_followed() -> None:
    assert safe_path("/" + "a" * 2_000)
    assert safe_path("/" + "a" * 2_001) == ""


@pytest.mark.slow
@pytest.mark.parametrize("site", ["cross-site", "same-site", "anything-else"])
def test_a_form_from_another_sites_page_is_refused_everywhere(developers: Planted, site: str) -> None:
    for who in ("nobody", "owner", "manager"):
        client, token = developers.browser(who)
        for rule, method in rules(developers.app):
            if method in CHANGING:
                path = address(developers.app, rule, developers.globex.arguments)
                assert send(client, method, path, token, {"Sec-Fetch-Site": site}).status == 403, (who, path)


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_a_form_from_our_own_page_is_taken(developers: Planted, site: str) -> None:
    client, token = developers.browser("owner")
    form = {"csrf_token": token, "subject": "service:api", "rating": "4", "words": "Fine"}
    headers = {"Sec-Fetch-Site": site}
    assert send(client, "POST", "/account/sessions/end-others", token, headers).status == 303
    path = f"/c/{developers.globex.customer}/feedback"
    assert client.post(path, data=form, headers=headers).status_code == 303


def test_a_link_on_another_site_still_leads_here(client: FlaskClient) -> None:
    for path in ("/", "/sign-in", "/history"):
        assert client.get(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


@pytest.mark.slow
def test_no_form_of_any_rule_is_taken_without_its_token(developers: Planted) -> None:
    for who in ("nobody", "owner", "manager"):
        client, _ = developers.browser(who)
        for rule, method in rules(developers.app):
            if method in CHANGING:
                path = address(developers.app, rule, developers.globex.arguments)
                for token in ("", "x", "a.b.c"):
                    assert send(client, method, path, token).status == 400, (who, path, token)
