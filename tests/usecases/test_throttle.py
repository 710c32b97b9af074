"""Throttles are exact: parallel tries of any number of processes reach the hash as often as allowed, and no more."""

import json
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.database import transaction
from portal.domain.notices.refusals import TooMany
from portal.store.ground.base import new_id
from portal.store.ground.tries import TryRow
from portal.store.people.people import UserRow
from portal.usecases.people import accounts, passwords, throttle
from portal.usecases.people.throttle import Limit
from tests.databases import opened

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TRIES = 1_000


def outcomes(url: str, shared: str) -> Counter[str]:
    """Half of the tries in each of two processes, at once."""
    half = TRIES // 2
    command = [sys.executable, "-m", "tests.usecases.trying", url, shared]
    running = [
        subprocess.Popen([*command, str(first), str(half)], stdout=subprocess.PIPE, text=True) for first in (0, half)
    ]
    found: Counter[str] = Counter()
    for process in running:
        out, _ = process.communicate()
        assert process.returncode == 0
        found.update(json.loads(out))
    return found


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("shared", "most"), [("account", accounts.TRIES_PER_ACCOUNT), ("network", accounts.TRIES_PER_NETWORK)]
)
def test_a_thousand_wrong_tries_from_two_processes_reach_the_hash_exactly_as_often_as_allowed(
    database_url: str, shared: str, most: int
) -> None:
    with opened(database_url) as session, transaction(session):
        password_hash = passwords.hash_password("correct horse battery")
        session.add(UserRow(id=new_id(), email="ada@globex.example", name="Ada", password_hash=password_hash))
    assert outcomes(database_url, shared) == {"reached": most, "hashed": most, "refused": TRIES - most}


def test_no_more_than_four_hashes_run_at_once_in_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, lock, verify = 0, 0, threading.Lock(), PasswordHasher.verify

    def watched(*args: object) -> bool:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        try:
            return verify(*args)  # type: ignore[arg-type]  # handed on as they came
        finally:
            with lock:
                running -= 1

    monkeypatch.setattr(PasswordHasher, "verify", watched)
    with ThreadPoolExecutor(12) as pool:
        assert not any(pool.map(lambda _: passwords.password_fits(None, "whatever"), range(24)))
    assert 1 <= most <= passwords.HASHES_AT_ONCE


def test_a_try_refused_by_one_limit_is_counted_by_none(session: Session) -> None:
    few, many = Limit("few", 1, 900), Limit("many", 5, 900)
    with transaction(session):
        throttle.take_try(session, (many, few), NOW)
    for _ in range(10):
        with pytest.raises(TooMany), transaction(session):
            throttle.take_try(session, (many, few), NOW)
    with transaction(session):
        assert sorted(session.execute(select(TryRow.tries)).scalars()) == [1, 1]


def test_a_window_begins_on_the_clock_and_its_end_is_told(session: Session) -> None:
    limit = Limit("key", 1, 900)
    late = NOW + timedelta(seconds=899)
    with transaction(session):
        throttle.take_try(session, (limit,), NOW)
    with pytest.raises(TooMany) as caught, transaction(session):
        throttle.take_try(session, (limit,), late)
    assert caught.value.wait_s == 1
    with transaction(session):
        throttle.take_try(session, (limit,), NOW + timedelta(seconds=900))


def test_the_keys_of_tries_name_nobody(session: Session, engine: Engine) -> None:
    with transaction(session):
        throttle.take_try(session, (Limit("sign-in account ada@globex.example", 10, 900),), NOW)
    with engine.connect() as connection:
        assert "ada" not in str(connection.execute(select(TryRow.key)).scalar_one())


def test_counts_that_are_over_for_a_day_are_forgotten(session: Session) -> None:
    narrow, wide = Limit("somebody", 5, 900), Limit("everybody", 5, 900)
    with transaction(session):
        throttle.take_try(session, (narrow, wide), NOW)
    for hours, rows in ((24, 4), (25, 4)):
        with transaction(session):
            throttle.take_try(session, (narrow, wide), NOW + timedelta(hours=hours))
            assert len(session.execute(select(TryRow)).all()) == rows
