"""The days of hot samples: on PostgreSQL one partition for each UTC day, so that a day that is sealed goes at once.

A day is made before its first sample is stored. Where that has to wait for somebody, the samples go into `sample_rest`,
which takes whatever has no day yet, and are moved when the day is made: nothing waits and nothing is lost. The days are
made and dropped by functions of the tables' owner, because the application's role may do neither (grants.py). Whoever
had a day made may read it by its name, because pg_dump locks each table by itself.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, MetaData, Table, event, text
from sqlalchemy.orm import Session

from portal.database import metadata
from portal.domain.evidence.runs import DAY_SECONDS

TABLE = "sample"
REST = "sample_rest"
MAKE, DROP = "make_sample_day(integer)", "drop_sample_day(integer)"
LOCK = 7_205_912_119
_NAME = "'sample_' || to_char(DATE '1970-01-01' + day, 'YYYYMMDD')"
_GIVE_UP = "EXCEPTION WHEN lock_not_available THEN RETURN false; END"
_MAKE = f"""
DECLARE
    name text := {_NAME};
    first bigint := day::bigint * {DAY_SECONDS};
    after bigint := first + {DAY_SECONDS};
BEGIN
    PERFORM pg_advisory_xact_lock({LOCK});
    IF to_regclass(name) IS NOT NULL THEN RETURN true; END IF;
    LOCK TABLE {REST} IN ACCESS EXCLUSIVE MODE;
    EXECUTE 'CREATE TABLE ' || name || ' (LIKE {TABLE} INCLUDING ALL)';
    EXECUTE 'WITH moved AS (DELETE FROM {REST} WHERE slot >= ' || first || ' AND slot < ' || after
        || ' RETURNING *) INSERT INTO ' || name || ' SELECT * FROM moved';
    EXECUTE 'ALTER TABLE {TABLE} ATTACH PARTITION ' || name
        || ' FOR VALUES FROM (' || first || ') TO (' || after || ')';
    EXECUTE 'GRANT SELECT ON ' || name || ' TO ' || quote_ident(session_user);
    RETURN true;
{_GIVE_UP}"""  # noqa: S608 - names of ours and whole numbers
_DROP = f"""
DECLARE
    name text := {_NAME};
    is_used boolean;
BEGIN
    PERFORM pg_advisory_xact_lock({LOCK});
    IF to_regclass(name) IS NULL THEN RETURN true; END IF;
    EXECUTE 'SELECT EXISTS (SELECT FROM ' || name || ')' INTO is_used;
    IF is_used THEN RETURN false; END IF;
    EXECUTE 'LOCK TABLE {TABLE}, ' || name || ' IN ACCESS EXCLUSIVE MODE';
    EXECUTE 'SELECT EXISTS (SELECT FROM ' || name || ')' INTO is_used;
    IF is_used THEN RETURN false; END IF;
    EXECUTE 'DROP TABLE ' || name;
    RETURN true;
{_GIVE_UP}"""  # noqa: S608 - names of ours

_MISSING = text(
    f"SELECT day FROM unnest(CAST(:days AS integer[])) AS day WHERE to_regclass({_NAME}) IS NULL ORDER BY day"  # noqa: S608 - no value of anybody's
)
_MAKE_DAY = text("SELECT make_sample_day(:day)")
_DROP_DAY = text("SELECT drop_sample_day(:day)")
_WAITING = text(f"SELECT DISTINCT (slot / {DAY_SECONDS})::integer AS day FROM {REST} ORDER BY day")  # noqa: S608 - names of ours
_DAYS = text("""
    SELECT to_date(right(relname, 8), 'YYYYMMDD') - DATE '1970-01-01' AS day
    FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = 'sample'::regclass AND relname <> 'sample_rest' ORDER BY day
""")


def statements() -> Sequence[str]:
    """Return what makes a fresh table of samples, partitioned by slot, take samples of any day on PostgreSQL."""
    return (
        f"CREATE TABLE {REST} PARTITION OF {TABLE} DEFAULT",
        *_function(MAKE, _MAKE, "1s"),
        *_function(DROP, _DROP, "100ms"),
    )


def _function(signature: str, body: str, patience: str) -> Sequence[str]:
    """A function that runs as the owner, in the schema it was made in whatever the caller's search path says."""
    name = signature.partition("(")[0]
    head = f"CREATE FUNCTION {name}(day integer) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER"
    pin = f"EXECUTE 'ALTER FUNCTION {signature} SET search_path = ' || quote_ident(current_schema()) || ', pg_temp'"
    return (
        f"{head} SET lock_timeout = '{patience}' AS $${body}$$",
        f"DO $$BEGIN {pin}; END$$",
        f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC",
    )


def is_partition(name: str) -> bool:
    """Whether a table of this name is a part of the table of samples: no row says so, so migrations leave it alone."""
    return name.startswith(f"{TABLE}_")


def make_days(session: Session, slots: Iterable[int]) -> None:
    """Make the days of these slots where they are missing; on SQLite there are none to make."""
    if session.get_bind().dialect.name == "postgresql":
        for day in session.execute(_MISSING, {"days": sorted({slot // DAY_SECONDS for slot in slots})}).scalars().all():
            make_day(session, day)


def make_day(session: Session, day: int) -> bool:
    """Make the partition of a UTC day, by number, with what waits for it; False when it has to wait for somebody."""
    return bool(session.execute(_MAKE_DAY, {"day": day}).scalar_one())


def drop_day(session: Session, day: int) -> bool:
    """Drop the partition of a UTC day that holds nothing; False when it holds something or has to wait for somebody."""
    return bool(session.execute(_DROP_DAY, {"day": day}).scalar_one())


def days(session: Session) -> list[int]:
    """Return the UTC days that have a partition, by number, in order."""
    return list(session.execute(_DAYS).scalars())


def waiting_days(session: Session) -> list[int]:
    """Return the UTC days of samples that wait for their day to be made."""
    return list(session.execute(_WAITING).scalars())


@event.listens_for(metadata, "after_create")
def _prepare(_metadata: MetaData, connection: Connection, tables: Sequence[Table], **_: Any) -> None:
    """Prepare a table of samples that was created without a migration."""
    if connection.dialect.name == "postgresql" and any(table.name == TABLE for table in tables):
        for statement in statements():
            connection.exec_driver_sql(statement)
