"""Closing at once, again and from nothing gives one statement and one credit of each, and the same ones."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal import clock
from portal.database import begin, commit, reading, transaction
from portal.domain.ledger.accounts import sums
from portal.domain.notices.refusals import Refusal
from portal.store.ground.tenancy import provider_scope
from portal.store.settling.ledger import transfers
from portal.usecases.closing import closing
from portal.usecases.settling import crediting, ledger
from portal.usecases.settling.crediting import CreditNote
from portal.usecases.settling.ledger import State
from tests import customers
from tests.databases import sessions
from tests.many_contracts import build, clear, made, month_before_last

CONTRACTS = 50
AT_ONCE = 4
WRITERS = 8
NOW = clock.now()
MONTH = month_before_last(NOW)
MONTH_TEXT = f"{MONTH:%Y-%m}"


@pytest.mark.slow
def test_four_closes_at_once_leave_each_statement_and_each_credit_once(engine: Engine) -> None:
    with sessions(engine)() as session:
        build(session, CONTRACTS, MONTH)
    together = threading.Barrier(AT_ONCE)

    def close(_: int) -> int:
        with sessions(engine)() as session:
            together.wait()
            return closing.close(session, MONTH_TEXT, NOW).closed

    with ThreadPoolExecutor(AT_ONCE) as pool:
        closed = list(pool.map(close, range(AT_ONCE)))
    with sessions(engine)() as session:
        found = made(session)
    assert sum(closed) == len(found.statements) == CONTRACTS
    assert [one[-1] for one in found.ledger] == [[f"accrue {one[4]}"] for one in found.ledger]
    assert len({one[:4] for one in found.ledger}) == len(found.ledger) == CONTRACTS


@pytest.mark.slow
def test_a_new_process_that_closes_a_copy_without_statements_makes_the_same_ones(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    with sessions(engine)() as session:
        build(session, CONTRACTS, MONTH)
        closing.close(session, MONTH_TEXT, NOW)
        before = made(session)
    clear(database_url)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SLA_PORTAL_")}
    own = {"SLA_PORTAL_ENVIRONMENT": "development", "SLA_PORTAL_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "portal.cli", "close", MONTH_TEXT]
    told = subprocess.run(
        command,
        env={**kept, **own, "SLA_PORTAL_DATABASE_URL": database_url},
        check=True,
        capture_output=True,
        text=True,
    )
    assert f"{CONTRACTS} periods were closed" in told.stdout
    with sessions(engine)() as session:
        assert made(session) == before


@pytest.mark.slow
def test_eight_writers_on_the_same_credits_do_each_thing_once_and_all_accounts_sum_to_zero(
    engine: Engine,
) -> None:
    with sessions(engine)() as session:
        begin(session, write=True)
        house = customers.build(session)
        commit(session)
    with sessions(engine)() as session:
        down = [("up", "2026-09-30 00:00", "2026-10-10 07:59"), ("down", "2026-10-10 08:00", "2026-10-10 08:39")]
        with transaction(session):
            customers.runs(session, 1, [*down, ("up", "2026-10-10 08:40", "2026-11-02 12:00")])
            customers.runs(session, 2, [("up", "2026-09-30 00:00", "2026-11-02 12:00")])
        now = customers.utc("2026-11-03 12:00:00")
        closing.close(session, "2026-10", now)
        (credit,) = credits_of(session)
    together = threading.Barrier(WRITERS)
    note = CreditNote("CN-1", 40000, "USD")

    def work(number: int) -> list[str]:
        done = []
        with sessions(engine)() as session, provider_scope():
            together.wait()
            for deed in ("approve", "issue", "void"):
                for _ in range(3):
                    try:
                        with transaction(session):
                            if deed == "approve":
                                crediting.approve(session, house.manager, credit, now)
                            elif deed == "issue":
                                crediting.issue(session, house.responder, credit, note, now, single_operator=False)
                            else:
                                crediting.void(session, house.manager, credit, f"By writer {number}.", now)
                        done.append(deed)
                    except Refusal:
                        continue
        return done

    with ThreadPoolExecutor(WRITERS) as pool:
        done = sorted(deed for some in pool.map(work, range(WRITERS)) for deed in some)
    assert done == ["approve", "issue", "void"]
    with sessions(engine)() as session, provider_scope(), reading(session):
        assert ledger.credit(session, credit).state is State.VOIDED
        found = sums(ledger.transfer_of(one) for one in transfers(session))
    assert set(found.values()) == {0}


def credits_of(session: Session) -> list[UUID]:
    with provider_scope(), reading(session):
        return [one.id for one in ledger.credits_of(session)]
