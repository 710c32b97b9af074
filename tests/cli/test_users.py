"""`sla-portal user`: invited, reset, disabled and unpaired; a link is shown once and begins with the setting."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient

from portal import config
from portal.app import create_app
from portal.cli.entry import verbs
from portal.database import db

OUTSIDE = "https://status.northwind.example"
EMAIL = "bob@globex.example"
PASSWORD = "a wholly different phrase"
CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLA_PORTAL_HOME", str(tmp_path))
    monkeypatch.setenv("SLA_PORTAL_ENVIRONMENT", "development")
    monkeypatch.setenv("SLA_PORTAL_EXTERNAL_URL", OUTSIDE)
    monkeypatch.setenv("SLA_PORTAL_STAFF_SECOND_FACTOR", "optional")
    run("migrate")


def run(*words: str, exit_code: int = 0) -> Result:
    result = CliRunner().invoke(verbs, words)
    assert result.exit_code == exit_code, result.output
    return result


def link(*words: str) -> str:
    lines = run("user", *words).stdout.split()
    assert lines[-1].startswith(f"{OUTSIDE}/choose-password?link=")
    return lines[-1].removeprefix(OUTSIDE)


def send(client: FlaskClient, form_at: str, path: str, **data: str) -> int:
    found = CSRF.search(client.get(form_at).text)
    assert found
    return client.post(path, data={**data, "csrf_token": found[1]}).status_code


def sign_in(password: str) -> int:
    app = create_app(config.load())
    try:
        return send(app.test_client(), "/sign-in", "/sign-in", email=EMAIL, password=password)
    finally:
        with app.app_context():
            db.engine.dispose()


def choose(path: str) -> int:
    app = create_app(config.load())
    try:
        typed = {"link": path.partition("=")[2], "password": PASSWORD, "again": PASSWORD}
        return send(app.test_client(), "/sign-in", "/choose-password", **typed)
    finally:
        with app.app_context():
            db.engine.dispose()


def test_an_invited_person_chooses_their_password_and_is_in_until_disabled() -> None:
    path = link("invite", EMAIL, "--name", "Bob", "--staff", "manager")
    assert (choose(path), choose(path)) == (303, 404)
    assert sign_in(PASSWORD) == 303
    run("user", "disable", EMAIL)
    assert sign_in(PASSWORD) == 422
    assert "their account is disabled" in run("user", "reset", EMAIL, exit_code=1).stderr


def test_somebody_invited_twice_uses_the_second_link() -> None:
    first, second = link("invite", EMAIL, "--name", "Bob"), link("invite", EMAIL)
    assert (choose(first), choose(second)) == (404, 303)
    assert "has a password already" in run("user", "invite", EMAIL, exit_code=1).stderr


def test_a_reset_leaves_the_present_password_until_its_link_is_used() -> None:
    password = run("user", "add", EMAIL, "--name", "Bob").stdout.split()[-1]
    path = link("reset", EMAIL)
    assert sign_in(password) == 303
    assert choose(path) == 303
    assert (sign_in(password), sign_in(PASSWORD)) == (422, 303)


def test_who_asked_for_a_password_is_listed() -> None:
    run("user", "add", EMAIL, "--name", "Bob")
    app = create_app(config.load())
    for email in (EMAIL, "nobody@globex.example"):
        assert send(app.test_client(), "/forgot-password", "/forgot-password", email=email) == 303
    with app.app_context():
        db.engine.dispose()
    listed = run("user", "requests").stdout.splitlines()
    assert [line.split("UTC")[1].strip() for line in listed] == [
        f"{EMAIL}  known",
        "nobody@globex.example  nobody of this portal",
    ]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("invite", EMAIL), "The name must not be empty."),
        (("invite", "bob"), "must be an e-mail address"),
        (("reset", EMAIL), "Nobody signs in as"),
        (("disable", EMAIL), "Nobody signs in as"),
        (("unpair", EMAIL), "Nobody signs in as"),
    ],
)
def test_an_impossible_wish_is_refused_in_a_sentence(words: tuple[str, ...], sentence: str) -> None:
    assert sentence in run("user", *words, exit_code=1).stderr


def test_an_invitation_does_not_change_who_is_there_already() -> None:
    run("user", "invite", EMAIL, "--name", "Bob")
    assert "exists already" in run("user", "invite", EMAIL, "--staff", "administrator", exit_code=1).stderr


def test_unpairing_says_what_it_did() -> None:
    run("user", "add", EMAIL, "--name", "Bob")
    assert "no second factor any more" in run("user", "unpair", EMAIL).stdout
