"""A simulated year comes in by the ordinary doors, is closed by the ordinary close, and is the same from its seed."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy.orm import Session

from demo.generated.year.size import Size
from demo.generated.year.telling import Year, tell_year
from portal.database import reading
from portal.domain.ledger.accounts import entries
from portal.store.settling import ledger as stored_ledger
from portal.usecases.closing import statement_proof
from portal.usecases.groundwork import scopes
from portal.usecases.judging import exclusion_register
from portal.usecases.settling import disputes, ledger, statements
from tests.databases import create_tables, opened

pytestmark = [pytest.mark.slow]
TINY = Size(
    customers=3,
    services=3,
    months=2,
    seed=3,
    first=date(2026, 3, 1),
    interval_s=3_600,
    locations=1,
    bought=(1, 3, 3),
)
"""Two months, each sampled each hour: small enough for every run, with every deed of a year."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Session, Year]]:
    url = f"sqlite:///{tmp_path_factory.mktemp('year') / 'year.sqlite'}"
    create_tables(url)
    with opened(url) as session, scopes.provider():
        yield session, tell_year(session, TINY)


def digests(session: Session) -> dict[str, str]:
    with reading(session):
        return {one.title: one.digest for one in statements.headings(session, latest_only=False)}


def test_every_month_of_every_contract_is_closed_and_proves_to_be_what_was_stored(told: tuple[Session, Year]) -> None:
    session, year = told
    assert year.closed == TINY.customers * TINY.months
    proof = statement_proof.verify(session)
    assert (proof.faults, proof.changed) == ([], [])
    assert proof.statements == year.closed + year.revisions


def test_it_has_every_verdict_revisions_disputes_and_decisions(told: tuple[Session, Year]) -> None:
    session, year = told
    with reading(session):
        found = [statements.statement(session, one.id) for one in statements.headings(session)]
        verdicts = Counter(line["status"] for one in found for line in one.body["commitments"])
        standings = Counter(one.standing.value for one in exclusion_register.all_entries(session))
        disputed = list(disputes.all_disputes(session))
    assert set(verdicts) == {"met", "breached", "not_applicable", "insufficient_data"}
    assert {"approved", "rejected"} <= set(standings)
    assert year.revisions > 0 < year.ruled
    assert len(disputed) == year.disputes > 0
    assert all(one.heading.is_generated for one in found)


def test_its_ledger_sums_to_zero_and_nothing_of_it_was_issued(told: tuple[Session, Year]) -> None:
    session, year = told
    with reading(session):
        moved = [ledger.transfer_of(row) for row in stored_ledger.transfers(session)]
        states = Counter(one.state for one in ledger.credits_of(session))
    assert moved
    assert sum(entry.amount_minor for transfer in moved for entry in entries(transfer)) == 0
    assert states["approved"] == year.approved > 0
    assert year.issue_refused > 0
    assert "issued" not in states


def test_telling_it_again_changes_nothing(told: tuple[Session, Year]) -> None:
    session, _ = told
    before = digests(session)
    again = tell_year(session, TINY)
    assert (again.closed, again.revisions, again.claims, again.approved) == (0, 0, 0, 0)
    assert digests(session) == before
