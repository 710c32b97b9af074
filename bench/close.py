"""How long it takes to close a month: contracts of three commitments each over 200 services (speed.md)."""

import resource
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker

from portal import clock
from portal.database import engine_options, metadata, prepare_engine, reading, transaction
from portal.domain.documents.canonical import canonical_bytes, digest
from portal.domain.evidence.records import Run, State
from portal.domain.promises.contract import contract_document, parse_contract
from portal.domain.promises.terms import parse_terms, to_document
from portal.domain.quantities.zones import parse_instant
from portal.store import all_rows
from portal.store.evidence.runs import save_runs
from portal.store.ground.base import new_id
from portal.store.ground.tenancy import guard_session, provider_scope
from portal.store.measuring.services import LocationRow, ProbeRow, ScheduleRow, ServiceRow
from portal.store.people.customers import ContractRow, ContractServiceRow, CustomerRow
from portal.store.promises.agreements import AgreementRow, AgreementVersionRow
from portal.store.settling.workings import stored_bytes
from portal.usecases.closing import closing

SERVICES, LOCATIONS, OUTAGES, GAPS, INTERVAL_S = 200, 3, 20, 50, 60
CONTRACTS_OF_A_CUSTOMER = 50
MOST_S, MOST_LINEAR = 60, 1.2
FIRST = parse_instant("2026-10-01T00:00:00Z")
LAST = parse_instant("2026-11-01T00:00:00Z")
NOW = clock.instant(LAST + 48 * 3600)
TIERS = [{"below": "99.9", "percent": "10"}, {"below": "99", "percent": "25"}]
DETECTION = {"confirm_failures": 2, "quorum": {"down_at_least": 2, "known_at_least": 2}}

Row = dict[str, Any]


def measure(fewer: int = 1_000, more: int = 10_000) -> Iterator[Row]:
    """One row for each number of contracts, then how much dearer a contract is among more of them."""
    per_contract = []
    for number in (fewer, more):
        row, seconds = _closed(number)
        per_contract.append(seconds / number)
        yield row
    ratio = round(per_contract[1] / per_contract[0], 3)
    yield {"name": "a contract among more of them", "ratio": {"value": ratio, "budget": MOST_LINEAR}}


def _closed(number: int) -> tuple[Row, float]:
    with tempfile.TemporaryDirectory() as folder, _opened(Path(folder) / "bench.sqlite") as session:
        _build(session, number)
        wall, spent = time.monotonic(), time.process_time()
        outcome = closing.close(session, "2026-10", NOW)
        wall, spent = time.monotonic() - wall, time.process_time() - spent
        if outcome.closed != number:
            raise RuntimeError(f"{outcome.closed} of {number} periods were closed: {outcome.waiting[:1]}")
        with reading(session):
            workings, plain_bytes, kept_bytes = stored_bytes(session)
    row: Row = {
        "name": f"{number:,} contracts x 3 commitments over {SERVICES} services",
        "n": number,
        "seconds": {"value": round(spent, 2), "budget": MOST_S},
        "wall_seconds": round(wall, 2),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "workings": workings,
        "working_bytes": plain_bytes,
        "kept_bytes": kept_bytes,
    }
    return row, spent


@contextmanager
def _opened(path: Path) -> Iterator[Session]:
    all_rows.load()
    address = f"sqlite:///{path}"
    engine = create_engine(address, **engine_options(address))
    prepare_engine(engine)
    made = sessionmaker(engine, autoflush=False, expire_on_commit=False)
    guard_session(made)
    plain = create_engine(address)
    metadata.create_all(plain)
    plain.dispose()
    try:
        with made() as session:
            yield session
    finally:
        engine.dispose()


def _build(session: Session, number: int) -> None:
    with provider_scope(), transaction(session):
        services = _services(session)
        agreement = _agreement(session)
        for first in range(0, number, CONTRACTS_OF_A_CUSTOMER):
            customer = CustomerRow(id=new_id(), key=f"c{first}", name=f"Customer {first}", timezone="UTC")
            session.add(customer)
            session.flush()
            for one in range(first, min(first + CONTRACTS_OF_A_CUSTOMER, number)):
                _contract(session, customer, agreement, one, services)
        session.flush()


def _services(session: Session) -> Sequence[ServiceRow]:
    places = [LocationRow(id=new_id(), number=n + 1, key=f"l{n}", name=f"L{n}", allow=[]) for n in range(LOCATIONS)]
    services = [ServiceRow(id=new_id(), key=f"s{n}", name=f"S{n}", group_name="G", position=n) for n in range(SERVICES)]
    session.add_all([*places, *services])
    session.flush()
    for n, service in enumerate(services):
        probe = ProbeRow(id=new_id(), number=n + 1, key=f"p{n}", service_id=service.id)
        session.add(probe)
        session.flush()
        session.add(_schedule(probe))
        for place in range(LOCATIONS):
            save_runs(session, (((n + 1, place + 1), run) for run in _runs(n, place)))
    session.flush()
    return services


def _schedule(probe: ProbeRow) -> ScheduleRow:
    return ScheduleRow(
        id=new_id(),
        probe_id=probe.id,
        effective_from=FIRST - 86_400,
        kind="http",
        target={"address": "http://127.0.0.1/"},
        interval_s=INTERVAL_S,
        timeout_ms=1_000,
        latency_limit_ms=None,
        locations=list(range(1, LOCATIONS + 1)),
    )


def _runs(service: int, place: int) -> Iterable[Run]:
    """A month of minutes: outages every location sees, of other lengths for each service, and gaps of one location."""
    minutes = (LAST - FIRST) // INTERVAL_S
    gaps = [(minutes // GAPS * n + 200, 5, None) for n in range(GAPS) if n % LOCATIONS == place]
    outages = [(minutes // OUTAGES * n + 700, 2 + (service + n) % 5, State.DOWN) for n in range(OUTAGES)]
    at = -60
    for first, count, state in sorted([*gaps, *outages], key=lambda mark: mark[0]):
        yield _run(State.UP, at, first - at)
        if state is not None:
            yield _run(state, first, count)
        at = first + count
    yield _run(State.UP, at, minutes + 2_880 - at)


def _run(state: State, first: int, count: int) -> Run:
    start = FIRST + first * INTERVAL_S
    return Run(state, None, start, start + (count - 1) * INTERVAL_S, count, INTERVAL_S)


def _agreement(session: Session) -> AgreementRow:
    row = AgreementRow(id=new_id(), slug="bench", name="Bench")
    session.add(row)
    session.flush()
    commitments = [_commitment("strict", "99.95"), _commitment("usual", "99.9"), _commitment("loose", "99.5")]
    document = to_document(
        parse_terms(
            {
                "schema": "sla-terms/1",
                "id": "bench",
                "version": {"number": 1, "effective_from": "2026-01-01"},
                "timezone": "UTC",
                "period": {"kind": "calendar_month"},
                "commitments": commitments,
            }
        )
    )
    session.add(
        AgreementVersionRow(
            agreement_id=row.id,
            number=1,
            effective_from="2026-01-01",
            document=canonical_bytes(document).decode(),
            digest=digest(document),
            published_at=clock.instant(FIRST),
        )
    )
    return row


def _commitment(name: str, target: str) -> Row:
    return {
        "id": name,
        "component": "api",
        "target_percent": target,
        "methodology": {"type": "continuous", **DETECTION},
        "unknown_policy": {"treat_as": "exclude", "max_unknown_percent": "5"},
        "credit_schedule": {"type": "tiers", "tiers": TIERS},
    }


def _contract(
    session: Session, customer: CustomerRow, agreement: AgreementRow, number: int, services: Sequence[ServiceRow]
) -> None:
    service = services[number % SERVICES]
    fee = [{"from": "2026-01-01", "amount": f"{100 + number}.00"}]
    document = {
        "schema": "sla-contract/1",
        "id": f"contract-{number}",
        "customer": customer.key,
        "agreement": "bench",
        "currency": "EUR",
        "from": "2026-01-01",
        "services": [{"service": service.key, "component": "api", "monthly_fee": fee}],
    }
    text = canonical_bytes(contract_document(parse_contract(document))).decode()
    row = ContractRow(
        id=new_id(), customer_id=customer.id, key=f"contract-{number}", agreement_id=agreement.id, document=text
    )
    session.add(row)
    session.flush()
    session.add(ContractServiceRow(customer_id=customer.id, contract_id=row.id, service_id=service.id, component="api"))
