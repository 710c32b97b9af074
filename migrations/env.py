"""How a migration reaches the database: one writing transaction on the application's own engine.

A chain of revisions is applied whole or not at all, on SQLite too. Foreign keys of SQLite rest while tables are rebuilt
(a rebuilt table is dropped once) and every one of them is checked before the commit.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from alembic import context
from alembic.autogenerate import renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations import MigrateOperation, Operations
from alembic.operations.ops import CreateTableOp, MigrationScript
from flask import current_app
from sqlalchemy import Column, Connection, Engine, MetaData

from portal.database import MAY_WRITE
from portal.store.ground import append_only, grants, partitions, public_changes, row_security
from portal.store.ground.tenancy import provider_scope

LOCK = 7_205_912_118
LOCK_TIMEOUT = "3s"


class BrokenReferences(RuntimeError):
    """A migration left rows that refer to nothing; it is rolled back."""


def run() -> None:
    """Apply the revisions asked for to the application's database."""
    if context.is_offline_mode():
        raise SystemExit("Migrations run on a database only; start them with sla-portal migrate.")
    database = current_app.extensions["migrate"].db
    with provider_scope():  # a revision that moves rows moves every tenant's
        migrate(database.engine, database.metadata, current_app.extensions["settings"].application_role)


def migrate(engine: Engine, metadata: MetaData, application_role: str | None) -> None:
    """Run the revisions in one transaction on this engine, and let the application's role use what they made."""
    told = {MAY_WRITE: True, public_changes.UNTOLD: True}
    with engine.connect().execution_options(**told) as connection:
        if engine.dialect.name == "sqlite":
            _let_references_rest(connection)
        context.configure(
            connection=connection,
            target_metadata=metadata,
            compare_type=True,
            render_as_batch=True,
            render_item=render_item,
            include_name=is_told_by_rows,
            process_revision_directives=add_protection,
            transactional_ddl=True,
        )
        with connection.begin():
            _prepare(connection)
            context.run_migrations()
            _check_references(connection)
            _grant(connection, metadata, application_role)
        if engine.dialect.name == "sqlite":
            connection.detach()  # the next connection of the pool has its foreign keys on again


def is_told_by_rows(name: str | None, kind: str, _parents: Any) -> bool:
    """Leave partitions out of every comparison: they come and go with the days."""
    return kind != "table" or name is None or not partitions.is_partition(name)


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write an instant in a revision without importing the portal: a revision never changes, the portal does."""
    if kind == "type" and type(item).__name__ == "Instant":
        return "sa.DateTime(timezone=True)"
    return False


@Operations.register_operation("run_on")
class RunOn(MigrateOperation):
    """`op.run_on(sqlite=(…), postgresql=(…))`: the statements of the database at hand."""

    def __init__(self, statements: Mapping[str, Sequence[str]]) -> None:
        self.statements = statements

    @classmethod
    def run_on(cls, operations: Operations, **statements: Sequence[str]) -> None:
        """Run the statements of the database at hand."""
        operations.invoke(cls(statements))


@Operations.implementation_for(RunOn)
def _run(operations: Operations, step: RunOn) -> None:
    for statement in step.statements[operations.get_bind().dialect.name]:
        operations.get_bind().exec_driver_sql(statement)


@renderers.dispatch_for(RunOn)
def _write(_context: AutogenContext, step: RunOn) -> str:
    parts = [f"    {name}={tuple(statements)!r}," for name, statements in step.statements.items()]
    return "\n".join(["op.run_on(", *parts, ")"])


def add_protection(_context: Any, _revision: Any, scripts: list[MigrationScript]) -> None:
    """Write what autogenerate knows nothing of into a revision that creates tables.

    That is the triggers of tables that only grow, and the policies of tables with rows of a customer.
    """
    for script in scripts:
        up, down = script.upgrade_ops, script.downgrade_ops
        created = [step for step in up.ops if isinstance(step, CreateTableOp)]
        growing = {step.table_name: step.info[append_only.MARK] for step in created if append_only.MARK in step.info}
        up.ops.extend(RunOn(append_only.refusals(name, keys)) for name, keys in growing.items())
        down.ops.extend(RunOn(append_only.allowances(name)) for name in growing)
        up.ops.extend(RunOn({"sqlite": (), "postgresql": found}) for step in created if (found := _policies(step)))


def _policies(step: CreateTableOp) -> Sequence[str]:
    columns = [column.name for column in step.columns if isinstance(column, Column)]
    kind = row_security.kind_of(step.info, columns)
    return row_security.policies(step.table_name, kind) if kind is not None else ()


def _let_references_rest(connection: Connection) -> None:
    driver = connection.connection.driver_connection
    if driver is not None:
        driver.execute("PRAGMA foreign_keys=OFF")  # has no effect within a transaction, so it comes before it


def _prepare(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")


def _grant(connection: Connection, metadata: MetaData, application_role: str | None) -> None:
    if connection.dialect.name == "postgresql" and application_role:
        grants.grant(connection, metadata, application_role)


def _check_references(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken:
        raise BrokenReferences(f"A row of {broken[0]} refers to a row of {broken[2]} that is not there.")


run()
