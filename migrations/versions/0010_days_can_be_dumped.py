"""days can be dumped."""

from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A day of samples is readable by name for whoever has it made; days that are there become so by the grants."""
    op.run_on(
        sqlite=(),
        postgresql=(
            "CREATE OR REPLACE FUNCTION make_sample_day(day integer) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = '1s' AS $$\nDECLARE\n    name text := 'sample_' || to_char(DATE '1970-01-01' + day, 'YYYYMMDD');\n    first bigint := day::bigint * 86400;\n    after bigint := first + 86400;\nBEGIN\n    PERFORM pg_advisory_xact_lock(7205912119);\n    IF to_regclass(name) IS NOT NULL THEN RETURN true; END IF;\n    LOCK TABLE sample_rest IN ACCESS EXCLUSIVE MODE;\n    EXECUTE 'CREATE TABLE ' || name || ' (LIKE sample INCLUDING ALL)';\n    EXECUTE 'WITH moved AS (DELETE FROM sample_rest WHERE slot >= ' || first || ' AND slot < ' || after\n        || ' RETURNING *) INSERT INTO ' || name || ' SELECT * FROM moved';\n    EXECUTE 'ALTER TABLE sample ATTACH PARTITION ' || name\n        || ' FOR VALUES FROM (' || first || ') TO (' || after || ')';\n    EXECUTE 'GRANT SELECT ON ' || name || ' TO ' || quote_ident(session_user);\n    RETURN true;\nEXCEPTION WHEN lock_not_available THEN RETURN false; END$$",
            "DO $$BEGIN EXECUTE 'ALTER FUNCTION make_sample_day(integer) SET search_path = ' || quote_ident(current_schema()) || ', pg_temp'; END$$",
            'REVOKE ALL ON FUNCTION make_sample_day(integer) FROM PUBLIC',
        ),
    )


def downgrade() -> None:
    """The function may stay: what it grants more than before lets nobody read more than the table of samples does."""
