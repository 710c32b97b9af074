"""The whole PostgreSQL server killed while batches go in by COPY: every acknowledged sample is there (trust.md F2)."""

import random
import threading

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError

from portal.database import reading
from portal.domain.evidence.measurements import Sample
from portal.domain.evidence.records import State
from portal.domain.evidence.runs import derive_runs
from portal.store.evidence.evidence import SampleRow
from portal.store.ground.dialects import COPY_FROM
from portal.usecases.measuring import measurement
from tests.databases import TEMPLATE, PostgresServer, prepared_engine, sessions
from tests.measuring import NOW, STEP, add_probes, add_service, stored_runs
from tests.soak.conftest import DURABLE
from tests.soak.figures import Figures

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]
KILLS = 5
BATCH = 5 * COPY_FROM
SEED = 20261122


def test_postgresql_killed_while_copying_keeps_every_acknowledged_batch(figures: Figures) -> None:
    server = PostgresServer(DURABLE)
    try:
        server.start()
        with server.database(TEMPLATE) as url:
            engine = prepared_engine(url)
            _copy_and_kill(server, engine, figures)
            engine.dispose()
    finally:
        server.stop()


def _copy_and_kill(server: PostgresServer, engine: Engine, figures: Figures) -> None:
    dice, acknowledged = random.Random(SEED), 0
    with sessions(engine)() as session:
        add_probes(session, add_service(session), [("tcp", {"address": "127.0.0.1:1"})])
    for kill in range(KILLS):
        killer = threading.Timer(dice.uniform(0.5, 2.0), server.crash)
        killer.start()
        acknowledged += _copy_until_refused(engine, f"copier {kill}", acknowledged)
        killer.join()
        server.launch()
    with sessions(engine)() as session:
        leadership = measurement.lead(session, "the last one", NOW * 1000, 0)
        assert leadership is not None
        measurement.record(session, leadership, _batch(acknowledged))
    _check(engine, acknowledged + BATCH)
    figures["kills of PostgreSQL while copying"] = KILLS
    figures["samples acknowledged / lost"] = f"{acknowledged} / 0"


def _copy_until_refused(engine: Engine, holder: str, first: int) -> int:
    """Record batches until the server is gone; return how many samples were acknowledged."""
    acknowledged = 0
    with sessions(engine)() as session:
        leadership = measurement.lead(session, holder, NOW * 1000, 0)
        assert leadership is not None
        while True:
            try:
                measurement.record(session, leadership, _batch(first + acknowledged))
            except DBAPIError:
                session.rollback()
                return acknowledged
            acknowledged += BATCH


def _batch(first: int) -> list[Sample]:
    return [
        Sample(1, 1, NOW + number * STEP, STEP, State.DOWN if number % 700 < 3 else State.UP)
        for number in range(first, first + BATCH)
    ]


def _check(engine: Engine, acknowledged: int) -> None:
    """A batch whose acknowledgement was lost was sent again, so what is there is exactly what was acknowledged."""
    with sessions(engine)() as session:
        with reading(session):
            slots = list(session.scalars(select(SampleRow.slot).order_by(SampleRow.slot)))
        assert slots == [NOW + number * STEP for number in range(acknowledged)]
        assert stored_runs(session) == list(derive_runs(_batch_all(acknowledged)))


def _batch_all(acknowledged: int) -> list[Sample]:
    return [one for first in range(0, acknowledged, BATCH) for one in _batch(first)]
