"""The headers that protect a reader are on every answer, and no form is taken without its token."""

import gzip
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.web.access import public
from portal.web.security import HEADERS
from tests.web.conftest import Browse, World, form_token


def broken() -> str:
    raise RuntimeError("a defect")


def answers(app: Flask, client: FlaskClient) -> dict[int, TestResponse]:
    app.add_url_rule("/broken", view_func=public(broken))
    feed = client.get("/history.rss")
    return {
        200: client.get("/"),
        303: client.get("/account"),
        304: client.get("/history.rss", headers={"If-None-Match": feed.headers["ETag"]}),
        400: client.post("/sign-in"),
        403: client.post("/staff/incidents", data={"csrf_token": form_token(client)}),
        404: client.get("/nothing"),
        405: client.delete("/"),
        413: client.post("/sign-in", data={"email": "x" * 10_000_000}),
        500: client.get("/broken"),
    }


def test_the_headers_are_on_every_kind_of_answer(world: World, client: FlaskClient) -> None:
    for status, answer in answers(world.app, client).items():
        assert answer.status_code == status
        for name, value in HEADERS.items():
            assert answer.headers.get(name) == value, (status, name)


def test_the_policy_allows_no_inline_script_style_or_frame() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("status", [400, 404, 405, 413, 500])
def test_a_refusal_is_a_sentence_without_a_trace(world: World, client: FlaskClient, status: int) -> None:
    text = answers(world.app, client)[status].text
    assert "<h1>" in text
    assert "Traceback" not in text
    assert "RuntimeError" not in text


def test_strict_transport_is_asked_for_over_https(world: World, client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/").headers
    assert "max-age=31536000" in client.get("/", base_url="https://127.0.0.1").headers["Strict-Transport-Security"]


def test_a_host_that_is_not_ours_is_refused(world: World, client: FlaskClient) -> None:
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400


def test_a_public_page_sets_no_cookie_and_reads_none(world: World, client: FlaskClient) -> None:
    for path in (
        "/",
        "/history",
        "/commitments",
        "/feeds",
        "/how-we-measure",
        "/history.rss",
        "/healthz",
        "/style.css",
    ):
        headers = client.get(path).headers
        assert "Set-Cookie" not in headers, path
        assert "Cookie" not in headers.get("Vary", ""), path


def test_cookies_are_for_the_server_and_the_site_only(world: World, client: FlaskClient) -> None:
    for cookie in client.get("/sign-in").headers.getlist("Set-Cookie"):
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie


def test_pages_of_a_signed_in_reader_are_nobody_elses_to_keep(
    world: World, client: FlaskClient, sign_in: Browse
) -> None:
    sign_in(client, world.people["manager"])
    assert client.get("/staff").headers["Cache-Control"] == "private, no-store"


def kept(client: FlaskClient, address: str) -> str:
    with client.get(address) as answer:
        assert answer.status_code == 200
        return answer.headers["Cache-Control"]


def test_a_static_file_asked_for_by_its_digest_may_be_kept(world: World, client: FlaskClient) -> None:
    page = client.get("/").text
    for address in (*re.findall(r'href="(/style.css[^"]+)"', page), *re.findall(r'src="(/static/js/[^"]+)"', page)):
        assert "immutable" in kept(client, address)
        assert "immutable" not in kept(client, address.split("?")[0])
        assert "immutable" not in kept(client, address.split("?")[0] + "?v=000000000000")
    assert client.get("/static/../portal/app.py").status_code == 404


def test_text_leaves_compressed_to_whoever_takes_it_so(client: FlaskClient) -> None:
    for address in ("/style.css", "/static/js/theme.js"):
        with client.get(address) as plain, client.get(address, headers={"Accept-Encoding": "gzip"}) as packed:
            assert gzip.decompress(packed.get_data()) == plain.get_data()
            assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
            assert len(packed.get_data()) < len(plain.get_data()) / 2


def test_the_process_answers(client: FlaskClient) -> None:
    assert client.get("/healthz").text == "ok\n"
