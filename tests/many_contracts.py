"""A provider with many contracts and a month behind it, for tests of closing; the same numbers make the same world."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.domain.promises.closing_periods import next_month
from portal.store.ground.tenancy import provider_scope
from portal.store.people.customers import ContractRow
from portal.store.settling.ledger import CreditRow, TransferRow
from portal.store.settling.statements import StatementRow
from tests import customers
from tests.databases import SUPERUSER, as_role

SERVICES = 5
OF_A_CUSTOMER = 20
MINUTE_S = 60
CLEARED = ("ledger_transfer", "credit", "found_change", "statement", "working")
"""What a close makes, in the order it can be removed."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a close left: bodies' digests by contract, period and revision, and what the ledger says of each credit."""

    statements: Mapping[tuple[str, str, int], str]
    ledger: Sequence[tuple[str, str, str, int, int, str, Sequence[str]]]


def month_before_last(now: datetime) -> date:
    """The first day of the month before the last one: it can be closed whatever day it is."""
    first = now.date().replace(day=1)
    for _ in range(2):
        first = (first - timedelta(days=1)).replace(day=1)
    return first


def build(session: Session, contracts: int, first: date) -> None:
    """Contracts over a few services, each of which was down for a while in the month that begins on `first`."""
    with provider_scope(), transaction(session):
        services = [customers.service(session, f"s{n}", f"S{n}", n + 1) for n in range(SERVICES)]
        begin, end = _seconds(first), _seconds(next_month(first))
        for n in range(SERVICES):
            down = begin + 86_400 * (n + 1)
            until = down + MINUTE_S * 30 * (n + 1)
            parts = [("up", begin - 86_400, down - MINUTE_S), ("down", down, until - MINUTE_S)]
            customers.runs_at(session, n + 1, [*parts, ("up", until, end + 3 * 86_400)])
        agreement = customers.agreement(session, "many")
        customers.version(session, agreement, customers.terms_document("many", commitment=customers.PER_MINUTE))
        customer = None
        for n in range(contracts):
            if n % OF_A_CUSTOMER == 0 or customer is None:
                customer = customers.customer(session, f"c{n}", f"Customer {n}", "UTC")
            service = {f"s{n % SERVICES}": services[n % SERVICES]}
            customers.contract(session, customer, agreement, f"k{n:05d}", service, fee=f"{100 + n}.00")


def made(session: Session) -> Made:
    """What is stored of statements and credits, without ids and instants."""
    with provider_scope(), reading(session):
        keys = {row[0]: row[1] for row in session.execute(select(ContractRow.id, ContractRow.key))}
        rows = session.scalars(select(StatementRow)).all()
        deeds: dict[object, list[str]] = {}
        for row in session.scalars(select(TransferRow).order_by(TransferRow.number)):
            deeds.setdefault(row.credit_id, []).append(f"{row.deed} {row.amount_minor}")
        ledger = [
            (keys[one.contract_id], one.period, one.kind, one.revision, one.amount_minor, one.currency, deeds[one.id])
            for one in session.scalars(select(CreditRow))
        ]
        return Made({(keys[one.contract_id], one.period, one.revision): one.digest for one in rows}, sorted(ledger))


def clear(url: str) -> None:
    """Remove everything a close made, as only whoever rules the database can: without the triggers that refuse it."""
    engine = create_engine(as_role(url, SUPERUSER))
    with engine.begin() as connection:
        for table in CLEARED:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql(f"DROP TRIGGER {table}_no_delete")
            else:
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER {table}_only_grows")
            connection.exec_driver_sql(f"DELETE FROM {table}")
    engine.dispose()


def _seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
