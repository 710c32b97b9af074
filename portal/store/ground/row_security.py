"""Row-level security: on PostgreSQL the database itself shows a transaction only the rows of the scope it was told.

Whose rows a transaction may touch is told to it in the setting `portal.scope` (portal/database.py): a customer's id,
`provider` for everybody's, or nothing, which shows no tenant's row at all. It binds the owner of the tables too
(trust.md T1, P3). Every table with a column `customer_id` gets its policies where it is created, by rows or revision;
evidence has no such column, so that it can be loaded by COPY, and is reached through the contract's services.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, MetaData, Table, event

from portal.database import PROVIDER, SCOPE_SETTING, metadata

COLUMN = "customer_id"
MARK = "row_security"
OWN = "own"
"""Only the scope's own rows, to read and to write; every tenant's table unless it is marked otherwise."""
NOTED = "noted"
"""Own rows to read; written by anybody where it is about no customer: what is noted before anybody has a scope."""
FOUND_FIRST = "found first"
"""Own rows, and all while no scope is told: whose pages a person may see is read before there is a scope."""

_TOLD = f"(SELECT current_setting('{SCOPE_SETTING}', true))"
_IS_OWN = f"{_TOLD} IN ('{PROVIDER}', {COLUMN}::text)"
_IS_UNTOLD = f"coalesce({_TOLD}, '') = ''"
_POLICIES: Mapping[str, Mapping[str, str]] = {
    OWN: {"own": f"USING ({_IS_OWN})"},
    NOTED: {
        "read": f"FOR SELECT USING ({_IS_OWN})",
        "write": f"FOR INSERT WITH CHECK ({COLUMN} IS NULL OR {_IS_OWN})",
    },
    FOUND_FIRST: {"own": f"USING ({_IS_UNTOLD} OR {_IS_OWN})"},
}


def policies(name: str, kind: str) -> Sequence[str]:
    """Return the statements that put a table of this name behind the policies of this kind, on PostgreSQL."""
    return (
        f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",
        *(f"CREATE POLICY {name}_{policy} ON {name} {rule}" for policy, rule in _POLICIES[kind].items()),
    )


def kind_of(info: Mapping[Any, Any], columns: Sequence[str]) -> str | None:
    """Return which policies a table needs by its marks and columns; None when it holds nobody's own rows."""
    return str(info.get(MARK, OWN)) if COLUMN in columns else None


@event.listens_for(metadata, "after_create")
def _secure(_metadata: MetaData, connection: Connection, tables: Sequence[Table], **_: object) -> None:
    """Put tables created without a migration behind their policies."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        kind = kind_of(table.info, table.columns.keys())
        for statement in policies(table.name, kind) if kind else ():
            connection.exec_driver_sql(statement)
