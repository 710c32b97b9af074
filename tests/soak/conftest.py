"""Fixtures of the long suite: figures kept and shown, and a PostgreSQL server that may be trusted with its disk."""

from collections.abc import Iterable, Iterator

import pytest

from tests.customers import build
from tests.databases import TEMPLATE, PostgresServer, prepared_engine, sessions
from tests.soak.figures import Done, Figures, print_table
from tests.soak.world import World, add_world
from tests.worker.targets import CountingServer, counting_server

DURABLE = {"fsync": "on", "full_page_writes": "on"}
FIGURES = "figures"
DONE = pytest.StashKey[Done]()


class Keeping:
    """Keeps the figures of each long case that passed, wherever its file stands."""

    def __init__(self, done: Done, long: Iterable[str]) -> None:
        self._done, self._long = done, frozenset(long)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a case found."""
        if report.when == "call" and report.passed and report.nodeid in self._long:
            found = dict(report.user_properties).get(FIGURES, {})
            self._done.keep(report.nodeid, found if isinstance(found, dict) else {})


@pytest.hookimpl(trylast=True)  # when the options have chosen
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what passed already, when a run of the same sources was interrupted or failed."""
    done = config.stash[DONE] = Done()
    long = [item for item in items if item.get_closest_marker("soak")]
    config.pluginmanager.register(Keeping(done, [item.nodeid for item in long]))
    left = done.left(item.nodeid for item in long)
    over = [item for item in long if item.nodeid not in left]
    if over:
        config.hook.pytest_deselected(items=over)
        items[:] = [item for item in items if item not in over]


def pytest_terminal_summary(config: pytest.Config) -> None:
    """Print what was found, cases of an interrupted run included."""
    if DONE in config.stash and config.stash[DONE].cases:
        print_table(config.stash[DONE].cases)


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    """What this case found, in the order it is shown."""
    found: Figures = {}
    request.node.user_properties.append((FIGURES, found))
    return found


@pytest.fixture(scope="session")
def durable_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server that writes to its disk before it acknowledges, as in production."""
    server = PostgresServer(DURABLE)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def durable_postgresql_url(durable_server: PostgresServer) -> Iterator[str]:
    """A fresh database with all tables on that server."""
    with durable_server.database(TEMPLATE) as url:
        yield url


@pytest.fixture(params=["sqlite", "durable_postgresql"], ids=["sqlite", "postgresql"])
def durable_url(request: pytest.FixtureRequest) -> str:
    """A fresh database with all tables, of both kinds in turn, that keeps what it acknowledged."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def target() -> Iterator[CountingServer]:
    """What the probes ask."""
    with counting_server() as server:
        yield server


@pytest.fixture
def world(durable_url: str, target: CountingServer) -> World:
    """Customers, staff and probes in a database of both kinds in turn."""
    return world_in(durable_url, target)


def world_in(url: str, target: CountingServer) -> World:
    """Build customers, staff and probes in a database with all tables."""
    engine = prepared_engine(url)
    try:
        with sessions(engine)() as session:
            return add_world(session, url, build, target)
    finally:
        engine.dispose()
