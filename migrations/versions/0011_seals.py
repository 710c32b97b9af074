"""seals."""

import hashlib
from datetime import date, timedelta

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('day_seal',
    sa.Column('probe', sa.Integer(), nullable=False),
    sa.Column('location', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('day', sa.Integer(), nullable=False),
    sa.Column('sequence', sa.SmallInteger(), nullable=False),
    sa.Column('digest', sa.LargeBinary(), nullable=False),
    sa.Column('link', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('probe', 'location', 'number', name=op.f('pk_day_seal')),
    sa.UniqueConstraint('probe', 'location', 'day', 'sequence', name=op.f('uq_day_seal_probe_location_day_sequence')),
    info={'append_only': (('probe', 'location', 'number'), ('probe', 'location', 'day', 'sequence'))},
    sqlite_with_rowid=False
    )
    op.run_on(
        sqlite=("CREATE TRIGGER day_seal_no_update BEFORE UPDATE ON day_seal BEGIN SELECT RAISE(ABORT, 'Rows of day_seal never change.'); END", "CREATE TRIGGER day_seal_no_delete BEFORE DELETE ON day_seal BEGIN SELECT RAISE(ABORT, 'Rows of day_seal never change.'); END", "CREATE TRIGGER day_seal_no_replace BEFORE INSERT ON day_seal WHEN (SELECT count(*) FROM day_seal WHERE probe = NEW.probe AND location = NEW.location AND number = NEW.number) > 0 OR (SELECT count(*) FROM day_seal WHERE probe = NEW.probe AND location = NEW.location AND day = NEW.day AND sequence = NEW.sequence) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of day_seal never change.'); END"),
        postgresql=("CREATE FUNCTION day_seal_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of day_seal never change.'; END$$", 'CREATE TRIGGER day_seal_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON day_seal FOR EACH STATEMENT EXECUTE FUNCTION day_seal_refuses()', 'ALTER TABLE day_seal ENABLE ALWAYS TRIGGER day_seal_only_grows'),
    )
    _seal_what_is_there()


def _seal_what_is_there() -> None:
    """Chain the chunks that were sealed before there were seals, and those whose deletion is recorded, by their days."""
    connection = op.get_bind()
    chunks = sa.table('chunk', *map(sa.column, ('probe', 'location', 'day', 'sequence', 'digest')))
    deletions = sa.table('day_deletion', *map(sa.column, ('probe', 'location', 'day')), sa.column('chunks', sa.JSON))
    found = [tuple(row) for row in connection.execute(sa.select(chunks))]
    for probe, location, day, digests in connection.execute(sa.select(deletions)):
        found += [(probe, location, day, sequence, bytes.fromhex(one)) for sequence, one in enumerate(digests)]
    columns = ('probe', 'location', 'number', 'day', 'sequence', 'digest', 'link')
    seals = sa.table('day_seal', *map(sa.column, columns))
    last = {}
    for probe, location, day, sequence, digest in sorted(found):
        number, previous = last.get((probe, location), (0, bytes(32)))
        on = date(1970, 1, 1) + timedelta(days=day)
        line = f"{previous.hex()} {probe} {location} {on} {sequence} {bytes(digest).hex()}\n"
        link = hashlib.sha256(line.encode("ascii")).digest()
        values = (probe, location, number, day, sequence, bytes(digest), link)
        connection.execute(sa.insert(seals).values(dict(zip(columns, values, strict=True))))
        last[probe, location] = (number + 1, link)


def downgrade() -> None:
    op.drop_table('day_seal')
    op.run_on(
        sqlite=(),
        postgresql=('DROP FUNCTION day_seal_refuses()',),
    )
