"""Databases for benchmarks: a SQLite file and a PostgreSQL server that writes to its disk before it acknowledges."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.orm import Session

from portal.store.ground.tenancy import provider_scope
from tests.databases import TEMPLATE, PostgresServer, create_tables, opened

DURABLE = {"fsync": "on", "full_page_writes": "on", "max_wal_size": "1GB", "shared_buffers": "128MB"}
KINDS = ("sqlite", "postgresql")


@contextmanager
def fresh(kind: str) -> Iterator[tuple[Session, str]]:
    """Lend a session, in the provider's scope, on a fresh database of this kind, and the database's address."""
    with address_of(kind) as url, provider_scope(), opened(url) as session:
        yield session, url


@contextmanager
def address_of(kind: str) -> Iterator[str]:
    """Lend the address of a fresh database of this kind with all tables."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            url = f"sqlite:///{Path(folder) / 'bench.sqlite'}"
            create_tables(url)
            yield url
        return
    server = PostgresServer(DURABLE)
    try:
        server.start()
        with server.database(TEMPLATE) as url:
            yield url
    finally:
        server.stop()
