"""PostgreSQL itself keeps customers apart, whatever statement gets past the wall in the session (trust.md T1, P3)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, inspect, select, text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.orm import Session

from portal import config
from portal.cli.opening import migrate_database
from portal.database import begin, metadata, reading, transaction
from portal.domain.notices.refusals import Refusal
from portal.store import all_rows
from portal.store.ground.append_only import MARK as ONLY_GROWS
from portal.store.ground.base import new_id
from portal.store.ground.row_security import COLUMN
from portal.store.ground.tenancy import customer_scope, provider_scope
from portal.store.people.customers import ContractRow
from tests import customers
from tests.customers import House
from tests.databases import APPLICATION, OWNER, as_role, prepared_engine, sessions

all_rows.load()
OWNED = sorted(name for name, table in metadata.tables.items() if COLUMN in table.columns)
SECURED = "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class WHERE relkind IN ('r', 'p')"
PRIVILEGES = (
    "SELECT table_name, string_agg(privilege_type, ' ' ORDER BY privilege_type) "
    "FROM information_schema.role_table_grants WHERE grantee = 'portal' GROUP BY table_name"
)
ALL_KEYS = text("SELECT key FROM contract ORDER BY key")


@pytest.fixture
def pg(postgresql_url: str) -> Iterator[Engine]:
    """The application's engine on a fresh PostgreSQL database."""
    engine = prepared_engine(postgresql_url)
    yield engine
    engine.dispose()


@pytest.fixture
def house(pg: Engine) -> House:
    """Globex and Initech, each with a contract."""
    with provider_scope(), sessions(pg)() as session, transaction(session):
        return customers.build(session)


@pytest.fixture(params=[APPLICATION, OWNER])
def bare(request: pytest.FixtureRequest, postgresql_url: str, house: House) -> Iterator[Connection]:
    """A plain connection as the application's role and as the owner of the tables: no wall, no scope."""
    assert house.globex != house.initech
    engine = create_engine(as_role(postgresql_url, request.param))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def tell(connection: Connection, scope: object) -> None:
    connection.execute(text("SELECT set_config('portal.scope', :scope, true)"), {"scope": str(scope)})


@pytest.mark.parametrize("url", ["postgresql_url", "empty_postgresql_url"], ids=["created", "migrated"])
def test_every_table_with_a_customers_rows_is_behind_forced_policies(
    url: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    address = str(request.getfixturevalue(url))
    if url.startswith("empty"):
        migrate_database(config.load(environment="development", home=tmp_path, database_url=address))
    engine = create_engine(address)
    with engine.connect() as connection:
        secured = {str(name): bool(forced) for name, forced in connection.exec_driver_sql(SECURED)}
        covered = set(connection.exec_driver_sql("SELECT tablename FROM pg_policies").scalars())
    engine.dispose()
    assert "contract" in OWNED
    assert [name for name in OWNED if not (secured[name] and name in covered)] == []
    assert covered == set(OWNED)


def test_migrations_and_rows_make_the_same_policies(
    postgresql_url: str, empty_postgresql_url: str, tmp_path: Path
) -> None:
    migrate_database(config.load(environment="development", home=tmp_path, database_url=empty_postgresql_url))
    found = []
    for url in (postgresql_url, empty_postgresql_url):
        engine = create_engine(url)
        with engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT tablename, policyname, cmd, qual, with_check FROM pg_policies")
            found.append(sorted(map(repr, rows)))
        engine.dispose()
    assert found[0] == found[1]


def test_a_bare_connection_without_a_scope_sees_no_row_of_anybody(bare: Connection) -> None:
    rows = {name: bare.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in OWNED}
    assert rows.pop("membership") > 0, "who may sign in where is read before there is a scope"
    assert set(rows.values()) == {0}


def test_a_bare_connection_sees_the_rows_of_its_scope_only(bare: Connection, house: House) -> None:
    seen: dict[str, tuple[list[str], set[object]]] = {}
    for name, scope in {"globex": house.globex, "initech": house.initech, "all": "provider", "none": new_id()}.items():
        tell(bare, scope)
        members = set(bare.execute(text("SELECT customer_id FROM membership")).scalars())
        seen[name] = (list(bare.execute(ALL_KEYS).scalars()), members)
    assert seen["globex"] == (["globex-gold"], {house.globex})
    assert seen["initech"][1] == {house.initech}
    assert sorted(seen["globex"][0] + seen["initech"][0]) == seen["all"][0]
    assert seen["none"] == ([], set())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE contract SET document = 'mine'",
        "DELETE FROM contract_service",
        "UPDATE contract SET document = 'mine' WHERE customer_id = :other",
    ],
)
def test_a_bare_change_reaches_the_scopes_own_rows_only(bare: Connection, house: House, statement: str) -> None:
    before = others_rows(bare, house)
    tell(bare, house.globex)
    bare.execute(text(statement), {"other": house.initech} if ":other" in statement else {})
    assert others_rows(bare, house) == before
    assert before[0]
    assert before[1]


def others_rows(connection: Connection, house: House) -> tuple[object, ...]:
    tell(connection, house.initech)
    return tuple(
        connection.execute(text(f"SELECT * FROM {name} ORDER BY id")).all() for name in ("contract", "contract_service")
    )


@pytest.mark.parametrize(
    "statement",
    [
        """INSERT INTO contract (customer_id, id, agreement_id, key, document)
           SELECT :other, gen_random_uuid(), agreement_id, 'stolen', '{}' FROM contract""",
        "UPDATE contract SET customer_id = :other",
    ],
)
def test_a_row_cannot_be_written_into_another_customers(bare: Connection, house: House, statement: str) -> None:
    tell(bare, house.globex)
    with pytest.raises(ProgrammingError, match="row-level security"):
        bare.execute(text(statement), {"other": house.initech})


def test_a_scope_ends_with_its_transaction(bare: Connection, house: House) -> None:
    tell(bare, house.globex)
    bare.commit()
    assert bare.execute(ALL_KEYS).scalars().all() == []


def keys(session: Session) -> list[str]:
    """Every contract's key there is, by a statement the wall in the session does not look into."""
    return list(session.connection().execute(ALL_KEYS).scalars())


def test_every_scope_is_told_to_the_transaction_it_is_entered_in(pg: Engine, house: House) -> None:
    with sessions(pg)() as session, reading(session):
        seen = [keys(session)]
        with customer_scope(house.globex):
            seen.append(keys(session))
            with provider_scope():
                seen.append(keys(session)[:1])
            seen.append(keys(session))
        with customer_scope(house.initech):
            seen.append(keys(session))
        seen.append(keys(session))
    assert seen[1] == seen[2] == seen[3] == ["globex-gold"]
    assert len(seen[4]) == 1
    assert seen[4] != seen[1]
    assert seen[0] == seen[5] == []


def test_the_next_transaction_of_a_connection_knows_nothing_of_the_last_ones_scope(pg: Engine, house: House) -> None:
    with pg.connect() as connection, customer_scope(house.globex):
        assert connection.execute(ALL_KEYS).scalars().all() == ["globex-gold"]
        connection.rollback()
        with customer_scope(house.initech):
            assert connection.execute(ALL_KEYS).scalars().all() != ["globex-gold"]
        connection.rollback()
        assert connection.execute(ALL_KEYS).scalars().all() == ["globex-gold"]
    with pg.connect() as connection:
        assert connection.execute(ALL_KEYS).scalars().all() == []


def test_what_was_told_within_a_savepoint_is_told_again_when_it_is_taken_back(pg: Engine, house: House) -> None:
    with sessions(pg)() as session:
        begin(session, write=True)
        with customer_scope(house.initech):
            assert keys(session) != ["globex-gold"]
        with customer_scope(house.globex):
            savepoint = session.begin_nested()
            assert keys(session) == ["globex-gold"]
            savepoint.rollback()
            assert keys(session) == ["globex-gold"]


def test_a_savepoint_taken_back_after_a_refusal_leaves_the_scope_in_force(pg: Engine, house: House) -> None:
    with sessions(pg)() as session:
        begin(session, write=True)
        with customer_scope(house.globex):
            with pytest.raises(DBAPIError), session.begin_nested():
                session.connection().execute(text("SELECT 1 / 0"))
            assert keys(session) == ["globex-gold"]


def test_the_walls_statements_and_the_databases_policies_agree(pg: Engine, house: House) -> None:
    with sessions(pg)() as session, reading(session), customer_scope(house.globex):
        assert session.execute(select(ContractRow.key)).scalars().all() == keys(session) == ["globex-gold"]


def test_the_applications_role_is_neither_owner_nor_above_the_policies(pg: Engine) -> None:
    with pg.connect() as connection:
        role = connection.exec_driver_sql("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = user")
        owners = connection.exec_driver_sql("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
        assert tuple(role.one()) == (APPLICATION, False, False)
        assert owners.scalars().all() == [OWNER]


def test_migrate_makes_the_tables_as_their_owner_and_grants_the_application_no_more_than_it_needs(
    empty_postgresql_url: str, tmp_path: Path
) -> None:
    application = empty_postgresql_url.replace(OWNER, APPLICATION)
    settings = config.load(
        environment="development", home=tmp_path, database_url=application, owner_database_url=empty_postgresql_url
    )
    migrate_database(settings)
    engine = create_engine(application)
    with engine.connect() as connection:
        granted = {str(name): str(allowed) for name, allowed in connection.exec_driver_sql(PRIVILEGES)}
    growing = {name for name, table in metadata.tables.items() if ONLY_GROWS in table.info}
    assert granted.pop("alembic_version") == granted.pop("sample_rest") == "SELECT"
    assert {name for name, allowed in granted.items() if allowed == "INSERT SELECT"} == growing
    assert {granted[name] for name in metadata.tables.keys() - growing} == {"DELETE INSERT SELECT UPDATE"}
    assert granted.keys() == metadata.tables.keys()
    for statement in ("TRUNCATE contract", "DELETE FROM audit_entry", "UPDATE audit_entry SET what = ''",
                      "ALTER TABLE contract DISABLE ROW LEVEL SECURITY", "DROP POLICY contract_own ON contract",
                      "DROP TABLE audit_entry", "ALTER TABLE audit_entry DISABLE TRIGGER ALL"):  # fmt: skip
        with engine.connect() as connection, pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
            connection.exec_driver_sql(statement)
    engine.dispose()


def test_a_role_that_does_not_exist_is_named_before_anything_is_made(empty_postgresql_url: str, tmp_path: Path) -> None:
    settings = config.load(
        environment="development",
        home=tmp_path,
        database_url=empty_postgresql_url.replace(OWNER, "somebody"),
        owner_database_url=empty_postgresql_url,
    )
    with pytest.raises(Refusal, match="no role somebody"):
        migrate_database(settings)
    engine = create_engine(empty_postgresql_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()
