"""Logs hold no secret: a journey with canaries in every secret place leaves none of them in any line."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
import structlog

from portal import logs
from portal.app import create_app
from portal.config import load
from portal.usecases.people.passwords import hash_password
from portal.usecases.people.sessions import new_token
from tests.journeys.demo import wait_for

KEY = "canary-key-k9Jf3mQ7xZ2vB8nW5tR1yL6pD4sG0hCa"
OLDER = "canary-older-Zt5Rw8Qe1Yu4Io7Pa0Sd3Fg6Hj9Kl2Mn"
PASSWORD = "canary-password-of-somebody"


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


SECRETS = {
    "the key": KEY,
    "a replaced key": OLDER,
    "a token": new_token(),
    "a hash": hash_password(PASSWORD),
    "a person": "ann@globex.example",
}


@pytest.mark.parametrize("kind", sorted(SECRETS))
def test_a_secret_in_any_place_of_a_line_is_hidden(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    secret = SECRETS[kind]
    logs.configure([KEY, OLDER])
    log = structlog.get_logger()
    log.warning(
        f"event {secret}", path=f"/x/{secret}", deep={"list": [secret, {secret: secret}]}, error=KeyError(secret)
    )
    try:
        raise ValueError(secret)
    except ValueError:
        log.exception("broken")
        logging.getLogger("another package").exception("broken %s", secret)
    written = capsys.readouterr().err
    assert secret not in written
    assert [line["level"] for line in lines(written)] == ["warning", "error", "error"]
    assert "ValueError" in written


@pytest.mark.parametrize("field", sorted(logs.FIELDS))
def test_a_field_that_promises_a_secret_is_never_written(field: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure([])
    structlog.get_logger().info("event", **{field: "short"}, kept={field: "short"})
    (line,) = lines(capsys.readouterr().err)
    assert (line[field], line["kept"]) == (logs.HIDDEN, {field: logs.HIDDEN})


def test_a_line_break_in_a_value_makes_no_second_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure([])
    structlog.get_logger().warning("event", path='/x\n{"event": "forged"}')
    assert len(lines(capsys.readouterr().err)) == 1


def test_the_password_of_the_database_and_every_key_are_known_secrets(tmp_path: Path) -> None:
    url = "postgresql+psycopg://portal:canary%2Fword@db/portal"
    settings = load(
        environment="development", home=tmp_path, secret_key=KEY, secret_key_fallbacks=OLDER, database_url=url
    )
    assert set(settings.secrets) == {KEY, OLDER, "canary%2Fword", "canary/word"}


def test_a_request_that_breaks_is_logged_without_what_it_carried(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = create_app(load(environment="development", home=tmp_path, secret_key=KEY))
    token = new_token()
    client = app.test_client()
    client.set_cookie("portal", token)
    answer = client.post(f"/choose-password?link={token}", data={"password": PASSWORD, "link": token})
    assert answer.status_code >= 400
    written = capsys.readouterr().err
    assert not [secret for secret in (KEY, PASSWORD, token) if secret in written]


@pytest.mark.slow
def test_a_journey_through_a_running_portal_leaves_no_canary_in_any_log(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    token, words = new_token(), tmp_path / "words"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SLA_PORTAL_")}
    environment = kept | {
        "SLA_PORTAL_HOME": str(tmp_path / "home"), "SLA_PORTAL_PORT": str(port), "SLA_PORTAL_SECRET_KEY": KEY,
        "SLA_PORTAL_SECRET_KEY_FALLBACKS": OLDER,
    }  # fmt: skip
    with words.open("wb") as output:
        command = [sys.executable, "-m", "portal.cli", "run"]
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    try:
        wait_for(lambda: "The portal is at" in words.read_text() or None, 110, "The portal")
        address, cookies = f"http://127.0.0.1:{port}", {"portal": token}
        for path in ("/", f"/history.rss?token={token}", f"/choose-password?link={token}", f"/account?x={PASSWORD}"):
            requests.get(address + path, cookies=cookies, timeout=30)
        requests.post(f"{address}/sign-in", {"email": "ann@globex.example", "password": PASSWORD}, timeout=30)
        (tmp_path / "home" / "portal.sqlite").rename(tmp_path / "gone")
        requests.post(f"{address}/sign-in?next={token}", {"password": PASSWORD}, cookies=cookies, timeout=30)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
    written = words.read_text()
    assert not [secret for secret in (KEY, OLDER, PASSWORD, token, "ann@globex.example") if secret in written]
