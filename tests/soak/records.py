"""What is in the database afterwards: everything acknowledged, nothing by halves, no page of it broken."""

import threading
from collections import Counter

from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.exc import DBAPIError

from portal.domain.evidence.measurements import Sample
from portal.domain.evidence.records import State
from portal.domain.evidence.runs import derive_runs
from portal.store.evidence.evidence import SampleRow
from portal.store.ground.tenancy import provider_scope
from tests.databases import SUPERUSER, as_role, prepared_engine, sessions
from tests.measuring import stored_runs
from tests.soak.load import Book
from tests.soak.world import FIRST_PROBE, INTERVAL_S, PROBES

LOOK_S = 0.2
SEEN_BEFORE_S = 60
Seen = tuple[int, int, int, int | None]
SAMPLES = text("SELECT probe, slot, state, total_ms FROM sample WHERE slot > :since")
MEASURED = text(f"SELECT count(*) FROM sample WHERE probe >= {FIRST_PROBE} AND start_offset_ms IS NOT NULL")
HALF_INCIDENTS = text(
    "SELECT count(*) FROM incident WHERE id NOT IN (SELECT incident_id FROM incident_update)"
    " OR id NOT IN (SELECT incident_id FROM incident_service)"
)
HEAP_PROBLEMS = text(
    "SELECT count(*) FROM pg_class AS c, LATERAL verify_heapam(c.oid) AS found"
    " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
)
CHECK_INDEXES = text(
    "SELECT count(bt_index_check(c.oid, true)) FROM pg_class AS c JOIN pg_am ON pg_am.oid = c.relam"
    " WHERE c.relkind = 'i' AND pg_am.amname = 'btree' AND c.relnamespace = 'public'::regnamespace"
)


class Watcher(threading.Thread):
    """Another process's eye on the samples: whatever it saw was committed, so it has to be there afterwards."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._engine = prepared_engine(url)
        self._over = threading.Event()
        self.seen: set[Seen] = set()

    def run(self) -> None:
        """Look until told to end; a database that is away is looked at later."""
        while not self._over.wait(LOOK_S):
            try:
                self._look()
            except DBAPIError:
                self._engine.dispose()
        self._engine.dispose()

    def _look(self) -> None:
        since = max((slot for _, slot, _, _ in self.seen), default=0) - SEEN_BEFORE_S
        with self._engine.connect() as connection:
            self.seen |= {tuple(row) for row in connection.execute(SAMPLES, {"since": since})}

    def end(self) -> None:
        """Look no more."""
        self._over.set()
        self.join()


@provider_scope()
def check(url: str, book: Book, seen: set[Seen]) -> dict[str, object]:
    """Fail when something acknowledged is lost, doubled or half there; return the figures."""
    engine = prepared_engine(url)
    try:
        stored = {"feedback": _words(engine, "feedback", "body"), "incident": _words(engine, "incident", "title")}
        kept = _samples(engine)
        lost = {kind: words - set(stored[kind]) for kind, words in book.acknowledged.items()}
        assert not any(lost.values()), lost
        untrue = {kind: words & set(stored[kind]) for kind, words in book.refused.items()}
        assert not any(untrue.values()), untrue
        unsure = sum(len(words & set(stored[kind])) for kind, words in book.unsure.items())
        assert not seen - kept, seen - kept
        assert not [words for of_kind in stored.values() for words, count in of_kind.items() if count > 1]
        assert _number(engine, HALF_INCIDENTS) == 0
        check_runs(engine)
        health = integrity(engine)
    finally:
        engine.dispose()
    assert not book.strange, book.strange[0]
    return {
        "sent": sum(book.sent.values()),
        "answers": ", ".join(f"{count} x {status}" for status, count in sorted(book.statuses.items())),
        "feedback acknowledged / stored / lost": _of_kind(book, stored, "feedback"),
        "incidents acknowledged / stored / lost": _of_kind(book, stored, "incident"),
        "refused with 503 / of them stored": f"{sum(map(len, book.refused.values()))} / 0",
        "broken off in the commit / of them stored": f"{sum(map(len, book.unsure.values()))} / {unsure}",
        "samples seen / stored / lost": f"{len(seen)} / {len(kept)} / {len(seen - kept)}",
        "half incidents": 0,
        "integrity": health,
    }


def check_runs(engine: Engine) -> None:
    """Fail when the stored runs are not those the stored samples make."""
    with sessions(engine)() as session:
        rows = session.scalars(select(SampleRow)).all()
        for probe in range(FIRST_PROBE, FIRST_PROBE + PROBES):
            samples = [
                Sample(probe, 1, row.slot, INTERVAL_S, list(State)[row.state], row.reason)
                for row in rows
                if row.probe == probe
            ]
            assert stored_runs(session, probe) == list(derive_runs(samples))


def integrity(engine: Engine) -> str:
    """Have the database check itself; fail unless it finds nothing."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            found = connection.execute(text("PRAGMA integrity_check(1000)")).scalars().all()
            assert found == ["ok"], found
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        return "integrity_check ok, foreign_key_check ok"
    superuser = create_engine(as_role(engine.url.render_as_string(hide_password=False), SUPERUSER))
    try:
        with superuser.connect() as connection:
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS amcheck"))
            assert connection.execute(HEAP_PROBLEMS).scalar_one() == 0
            indexes = connection.execute(CHECK_INDEXES).scalar_one()
    finally:
        superuser.dispose()
    return f"amcheck: every table and {indexes} indexes ok"


def _of_kind(book: Book, stored: dict[str, Counter[str]], kind: str) -> str:
    acknowledged = book.acknowledged[kind]
    return f"{len(acknowledged)} / {len(stored[kind])} / {len(acknowledged - set(stored[kind]))}"


def _words(engine: Engine, table: str, column: str) -> Counter[str]:
    with engine.connect() as connection:
        return Counter(connection.execute(text(f"SELECT {column} FROM {table}")).scalars())


def _samples(engine: Engine) -> set[Seen]:
    with engine.connect() as connection:
        return {tuple(row) for row in connection.execute(SAMPLES, {"since": 0})}


def _number(engine: Engine, question: object) -> int:
    with engine.connect() as connection:
        return int(connection.execute(question).scalar_one())


def count_measured(url: str) -> int:
    """Return how many samples are stored of the probes that ask the counting server, unsent ones left out."""
    engine = prepared_engine(url)
    try:
        return _number(engine, MEASURED)
    finally:
        engine.dispose()
