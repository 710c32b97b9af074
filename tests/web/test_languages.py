"""Languages: a public page says its own by its address, a signed-in one follows the account (decision D15)."""

import re

from flask.testing import FlaskClient

from portal.web import languages
from tests.web.conftest import Browse, World, post

PAGES = ("/", "/history", "/commitments", "/how-we-measure", "/feeds", "/sign-in", "/forgot-password", "/exclusions")
LANG = re.compile(r'<html lang="(\w+)"')
LINK = re.compile(r'<a\b[^>]*href="(/[^"]*)"[^>]*>')


MACHINES = {"/history.rss", "/history.atom", "/history.json", "/history.ics", "/api/v2/summary.json"}
"""What programs read has no language."""


def lang(text: str) -> str:
    found = LANG.search(text)
    assert found
    return found[1]


def test_a_public_page_stands_under_each_language_and_names_all_three(client: FlaskClient) -> None:
    for path in PAGES:
        for prefix, language in (("", "en"), ("/de", "de"), ("/ja", "ja")):
            answer = client.get(prefix + path)
            assert (answer.status_code, lang(answer.text)) == (200, language)
            named = re.findall(r'hreflang="(\w+)"\s+href="http://[^/]+([^"]*)"', answer.text)
            assert named == [("en", path), ("de", f"/de{path}"), ("ja", f"/ja{path}")]


def test_links_of_a_public_page_stay_within_its_language(client: FlaskClient) -> None:
    for path in PAGES:
        links = [link for link in LINK.finditer(client.get(f"/de{path}").text) if "hreflang=" not in link[0]]
        assert links
        assert {link[1] for link in links if not link[1].startswith("/de/")} <= MACHINES


def test_what_is_no_language_of_ours_is_no_page(client: FlaskClient) -> None:
    strange = ("/fr/", "/DE/", "/de/de/", "/de/ja/", "/en/", "/de-DE/", "/ja/healthz", "/de/static/css/base.css")
    assert {path: client.get(path).status_code for path in strange} == dict.fromkeys(strange, 404)


def test_what_machines_and_signed_in_people_read_has_one_address(client: FlaskClient) -> None:
    assert {client.get(f"/de{path}").status_code for path in ("/history.rss", "/history.atom", "/account")} == {404}


def test_a_signed_in_page_speaks_the_language_of_the_account(
    client: FlaskClient, world: World, sign_in: Browse
) -> None:
    sign_in(client, world.people["globex member"])
    assert lang(client.get("/account").text) == "en"
    assert post(client, "/account/language", {"language": "ja"}, "/account").status_code == 303
    text = client.get("/account").text
    assert lang(text) == "ja"
    assert 'href="/ja/commitments"' in text
    assert lang(client.get("/").text) == "en"


def test_no_other_language_can_be_chosen(client: FlaskClient, world: World, sign_in: Browse) -> None:
    sign_in(client, world.people["globex member"])
    for language in ("", "fr", "DE", "de\x00", "x" * 5000):
        assert post(client, "/account/language", {"language": language}, "/account").status_code in (400, 422)
    assert lang(client.get("/account").text) == "en"


def test_the_query_is_kept_when_the_language_is_changed(client: FlaskClient) -> None:
    text = client.get('/de/sign-in?next=/account&x="><b>').text
    assert 'href="/ja/sign-in?next=%2Faccount&amp;x=%22%3E%3Cb%3E"' in text


def test_the_language_of_a_path_is_its_first_segment() -> None:
    assert [languages.of_path(path).value for path in ("/", "/de", "/de/", "/ja/x", "/dex", "//de", "")] == [
        "en",
        "de",
        "de",
        "ja",
        "en",
        "en",
        "en",
    ]
