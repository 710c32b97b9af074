"""What the application's role may do on PostgreSQL, where it does not own the tables (trust.md P3)."""

from sqlalchemy import Connection, MetaData, Table, inspect, text

from portal.domain.notices.refusals import Refusal
from portal.store.ground import partitions
from portal.store.ground.append_only import MARK as ONLY_GROWS

ALL = "SELECT, INSERT, UPDATE, DELETE"
GROWING = "SELECT, INSERT"
MARK = "granted"
"""A table whose marks hold this is granted what they say."""
READ = "SELECT"
AS_OWNER = text("""
    SELECT CAST(CAST(oid AS regprocedure) AS text) FROM pg_proc
    WHERE prosecdef AND pronamespace = CAST(current_schema() AS regnamespace)
""")


def grant(connection: Connection, metadata: MetaData, role: str) -> None:
    """Let a role use every table, and change no row of those that only grow; raise Refusal when there is no such role.

    Nothing changes for the role that is signed in: the tables are its own.
    """
    if role == connection.execute(text("SELECT current_user")).scalar_one():
        return
    if not connection.execute(text("SELECT count(*) FROM pg_roles WHERE rolname = :role"), {"role": role}).scalar_one():
        raise Refusal(f"PostgreSQL has no role {role}. Make it first: CREATE ROLE \"{role}\" LOGIN PASSWORD '…'")
    quote = connection.dialect.identifier_preparer.quote_identifier
    for name in inspect(connection).get_table_names():
        allowed = _allowed(name, metadata.tables.get(name))
        connection.exec_driver_sql(f"REVOKE ALL ON {quote(name)} FROM {quote(role)}")
        if allowed:
            connection.exec_driver_sql(f"GRANT {allowed} ON {quote(name)} TO {quote(role)}")
    for function in connection.execute(AS_OWNER).scalars().all():
        connection.exec_driver_sql(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        connection.exec_driver_sql(f"GRANT EXECUTE ON FUNCTION {function} TO {quote(role)}")


def _allowed(name: str, table: Table | None) -> str | None:
    if name == "alembic_version" or partitions.is_partition(name):
        return READ
    if table is None:
        return None
    return str(table.info.get(MARK, GROWING if ONLY_GROWS in table.info else ALL))
