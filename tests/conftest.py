"""Fixtures of all tests: databases (`session` and `database_url`: of both kinds in turn) and a real browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tests import address_builders
from tests.databases import TEMPLATE, PostgresServer, create_tables, prepared_engine, sessions

address_builders.remember()

pytest_plugins = ["tests.closing_line", "tests.canary_secrets"]

CHROMIUM_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]

BOTH_EACH_TIME = {
    f"tests.usecases.test_{noun}"
    for noun in (
        "accounts", "audit", "backup", "backup_of_evidence", "closing", "closing_together", "compliance",
        "deleted_evidence", "evidence_faults", "ledger", "measurement", "revisions", "sealed_days", "throttle",
    )
}  # fmt: skip
"""Use cases whose rules lean on the database itself: on both kinds each time. The others meet PostgreSQL in the long
suite, as the pages do each time by their forms and the store by its questions."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the second database of most use cases to ./dev soak, so that ./dev test ends within its time."""
    for item in items:
        module = item.module.__name__ if isinstance(item, pytest.Function) else ""
        if module.startswith("tests.usecases.") and module not in BOTH_EACH_TIME and "postgresql" in item.name:
            item.add_marker(pytest.mark.soak)


settings.register_profile("house", deadline=None)  # laws never assert timings
settings.load_profile("house")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL server for this test process."""
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def postgresql_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A fresh PostgreSQL database with all tables."""
    with postgres_server.database(TEMPLATE) as url:
        yield url


@pytest.fixture
def empty_postgresql_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A fresh PostgreSQL database without a table, as the role that will own them."""
    with postgres_server.database("template0") as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables; tests get copies."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite"
    create_tables(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_path(sqlite_template: Path, tmp_path: Path) -> Path:
    """A fresh SQLite file with all tables."""
    return Path(shutil.copyfile(sqlite_template, tmp_path / "portal.sqlite"))


@pytest.fixture
def sqlite_url(sqlite_path: Path) -> str:
    """The address of a fresh SQLite database with all tables."""
    return f"sqlite:///{sqlite_path}"


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """The address of a SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'empty.sqlite'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database with all tables, of both kinds in turn."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database without a table, of both kinds in turn."""
    return str(request.getfixturevalue(f"empty_{request.param}_url"))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a fresh database, of both kinds in turn, with connections as in production."""
    engine = prepared_engine(database_url)
    try:
        yield engine
    finally:
        engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A guarded session on a fresh database, of both kinds in turn."""
    with sessions(engine)() as session:
        yield session


@pytest.fixture
def rival(engine: Engine) -> Iterator[Session]:
    """A second session on the same database, for somebody who does things meanwhile."""
    with sessions(engine)() as session:
        yield session


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One real Chromium for this test process: two drivers in one process would stand in each other's way."""
    program = shutil.which("chromium")
    assert program, "This test needs Chromium (Debian: apt-get install chromium)."
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=CHROMIUM_OPTIONS)
        yield chromium
        chromium.close()
