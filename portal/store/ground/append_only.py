"""Tables that only grow: the database itself refuses every change of a row that is there (trust.md P3).

The refusal lives in triggers, so it holds for whoever connects, with whatever settings. SQLite's INSERT OR REPLACE
deletes without firing a delete trigger unless a pragma asks for it, so an insert is refused too that would take the
place of a row by any of the table's keys.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import DDL, Table, UniqueConstraint, event

MARK = "append_only"
Keys = Sequence[Sequence[str]]
BY_ID: Keys = (("id",),)


def only_grows(table: Table) -> None:
    """Mark a table, so that migrations make its triggers, and make them wherever the table is created without one."""
    table.info[MARK] = keys_of(table)
    for dialect, statements in refusals(table.name, keys_of(table)).items():
        for statement in statements:
            event.listen(table, "after_create", _on(dialect, statement))


def keys_of(table: Table) -> Keys:
    """Return the columns of the primary key and of every unique constraint."""
    unique = [one for one in table.constraints if isinstance(one, UniqueConstraint)]
    others = sorted(tuple(column.name for column in one.columns) for one in unique)
    return (tuple(column.name for column in table.primary_key.columns), *others)


def _on(dialect: str, statement: str) -> Any:
    made = cast(Callable[[str], DDL], DDL)  # its constructor is not typed
    return made(statement).execute_if(dialect=dialect)


def refusals(name: str, keys: Keys = BY_ID) -> Mapping[str, Sequence[str]]:
    """Return the statements of each database that make it refuse changes of this table's rows, found by any key."""
    return {"sqlite": _of_sqlite(name, keys), "postgresql": _of_postgresql(name)}


def allowances(name: str) -> Mapping[str, Sequence[str]]:
    """Return what is left to remove of the refusals once the table itself is dropped."""
    return {"sqlite": (), "postgresql": (f"DROP FUNCTION {name}_refuses()",)}


def _of_sqlite(name: str, keys: Keys) -> Sequence[str]:
    no = f"BEGIN SELECT RAISE(ABORT, 'Rows of {name} never change.'); END"
    known = " OR ".join(_known(name, key) for key in keys)
    return (
        f"CREATE TRIGGER {name}_no_update BEFORE UPDATE ON {name} {no}",
        f"CREATE TRIGGER {name}_no_delete BEFORE DELETE ON {name} {no}",
        f"CREATE TRIGGER {name}_no_replace BEFORE INSERT ON {name} WHEN {known} {no}",
    )


def _known(name: str, key: Sequence[str]) -> str:
    same = " AND ".join(f"{column} = NEW.{column}" for column in key)
    return f"(SELECT count(*) FROM {name} WHERE {same}) > 0"  # noqa: S608 - the names of a table of ours


def _of_postgresql(name: str) -> Sequence[str]:
    body = f"BEGIN RAISE EXCEPTION 'Rows of {name} never change.'; END"
    grows = f"{name}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {name}"
    return (
        f"CREATE FUNCTION {name}_refuses() RETURNS trigger LANGUAGE plpgsql AS $${body}$$",
        f"CREATE TRIGGER {grows} FOR EACH STATEMENT EXECUTE FUNCTION {name}_refuses()",
        f"ALTER TABLE {name} ENABLE ALWAYS TRIGGER {name}_only_grows",
    )
