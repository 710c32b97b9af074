"""The simulated year in full: told, closed, corrected, and proven; how long that takes is shown."""

import time
from collections import Counter
from pathlib import Path

import pytest

from demo.generated.year.size import Size
from demo.generated.year.telling import tell_year
from portal.database import reading
from portal.domain.ledger.accounts import entries
from portal.store.settling import ledger as stored_ledger
from portal.usecases.closing import statement_proof
from portal.usecases.groundwork import scopes
from portal.usecases.settling import ledger, statements
from tests.databases import opened
from tests.soak.figures import Figures

pytestmark = [pytest.mark.soak, pytest.mark.timeout(7_200)]


def test_a_year_of_two_hundred_customers_is_told_closed_and_proven(
    sqlite_template: Path, tmp_path: Path, figures: Figures
) -> None:
    path, size = tmp_path / "year.sqlite", Size()
    path.write_bytes(sqlite_template.read_bytes())
    with opened(f"sqlite:///{path}") as session, scopes.provider():
        before = time.monotonic()
        year = tell_year(session, size)
        figures["seconds to tell"] = round(time.monotonic() - before)
        assert year.closed == size.customers * size.months
        with reading(session):
            transfers = [ledger.transfer_of(row) for row in stored_ledger.transfers(session)]
            states = Counter(one.state.value for one in ledger.credits_of(session))
            assert all(one.is_generated for one in statements.headings(session))
        assert sum(entry.amount_minor for one in transfers for entry in entries(one)) == 0
        assert "issued" not in states
        before = time.monotonic()
        proof = statement_proof.verify(session)
        figures["seconds to verify"] = round(time.monotonic() - before)
        assert (proof.faults, proof.changed) == ([], [])
        assert proof.statements == year.closed + year.revisions
    for name in ("samples", "closed", "ruled", "revisions", "claims", "approved", "issue_refused", "disputes"):
        figures[name.replace("_", " ")] = getattr(year, name)
    figures |= {f"credits {state}": count for state, count in sorted(states.items())}
    figures["MiB on disk"] = sum(one.stat().st_size for one in tmp_path.iterdir()) // 2**20
