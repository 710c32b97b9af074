"""sealed days."""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('chunk',
    sa.Column('probe', sa.Integer(), nullable=False),
    sa.Column('location', sa.Integer(), nullable=False),
    sa.Column('day', sa.Integer(), nullable=False),
    sa.Column('sequence', sa.SmallInteger(), nullable=False),
    sa.Column('samples', sa.Integer(), nullable=False),
    sa.Column('digest', sa.LargeBinary(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('probe', 'location', 'day', 'sequence', name=op.f('pk_chunk'))
    )
    op.create_table('day_deletion',
    sa.Column('probe', sa.Integer(), nullable=False),
    sa.Column('location', sa.Integer(), nullable=False),
    sa.Column('day', sa.Integer(), nullable=False),
    sa.Column('samples', sa.Integer(), nullable=False),
    sa.Column('digest', sa.LargeBinary(), nullable=False),
    sa.Column('chunks', sa.JSON(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('rule', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('probe', 'location', 'day', name=op.f('pk_day_deletion')),
    info={'append_only': (('probe', 'location', 'day'),)}
    )
    op.create_table('legal_hold',
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('holds', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_legal_hold_customer_id')),
    sa.PrimaryKeyConstraint('customer_id', 'id', name=op.f('pk_legal_hold')),
    info={'append_only': (('customer_id', 'id'),)}
    )
    op.run_on(
        sqlite=("CREATE TRIGGER day_deletion_no_update BEFORE UPDATE ON day_deletion BEGIN SELECT RAISE(ABORT, 'Rows of day_deletion never change.'); END", "CREATE TRIGGER day_deletion_no_delete BEFORE DELETE ON day_deletion BEGIN SELECT RAISE(ABORT, 'Rows of day_deletion never change.'); END", "CREATE TRIGGER day_deletion_no_replace BEFORE INSERT ON day_deletion WHEN (SELECT count(*) FROM day_deletion WHERE probe = NEW.probe AND location = NEW.location AND day = NEW.day) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of day_deletion never change.'); END"),
        postgresql=("CREATE FUNCTION day_deletion_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of day_deletion never change.'; END$$", 'CREATE TRIGGER day_deletion_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON day_deletion FOR EACH STATEMENT EXECUTE FUNCTION day_deletion_refuses()', 'ALTER TABLE day_deletion ENABLE ALWAYS TRIGGER day_deletion_only_grows'),
    )
    op.run_on(
        sqlite=("CREATE TRIGGER legal_hold_no_update BEFORE UPDATE ON legal_hold BEGIN SELECT RAISE(ABORT, 'Rows of legal_hold never change.'); END", "CREATE TRIGGER legal_hold_no_delete BEFORE DELETE ON legal_hold BEGIN SELECT RAISE(ABORT, 'Rows of legal_hold never change.'); END", "CREATE TRIGGER legal_hold_no_replace BEFORE INSERT ON legal_hold WHEN (SELECT count(*) FROM legal_hold WHERE customer_id = NEW.customer_id AND id = NEW.id) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of legal_hold never change.'); END"),
        postgresql=("CREATE FUNCTION legal_hold_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of legal_hold never change.'; END$$", 'CREATE TRIGGER legal_hold_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON legal_hold FOR EACH STATEMENT EXECUTE FUNCTION legal_hold_refuses()', 'ALTER TABLE legal_hold ENABLE ALWAYS TRIGGER legal_hold_only_grows'),
    )
    op.run_on(
        sqlite=(),
        postgresql=('ALTER TABLE legal_hold ENABLE ROW LEVEL SECURITY', 'ALTER TABLE legal_hold FORCE ROW LEVEL SECURITY', "CREATE POLICY legal_hold_own ON legal_hold USING ((SELECT current_setting('portal.scope', true)) IN ('provider', customer_id::text))"),
    )
    op.run_on(
        sqlite=("CREATE TRIGGER chunk_no_update BEFORE UPDATE ON chunk BEGIN SELECT RAISE(ABORT, 'Rows of chunk never change.'); END", "CREATE TRIGGER chunk_no_delete BEFORE DELETE ON chunk WHEN NOT EXISTS (SELECT 1 FROM day_deletion WHERE probe = OLD.probe AND location = OLD.location AND day = OLD.day) BEGIN SELECT RAISE(ABORT, 'Rows of chunk never change.'); END", "CREATE TRIGGER chunk_no_replace BEFORE INSERT ON chunk WHEN EXISTS (SELECT 1 FROM chunk WHERE probe = NEW.probe AND location = NEW.location AND day = NEW.day AND sequence = NEW.sequence) BEGIN SELECT RAISE(ABORT, 'Rows of chunk never change.'); END"),
        postgresql=("CREATE FUNCTION chunk_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN IF TG_OP = 'DELETE' AND TG_LEVEL = 'ROW' THEN IF EXISTS (SELECT 1 FROM day_deletion WHERE probe = OLD.probe AND location = OLD.location AND day = OLD.day) THEN RETURN OLD; END IF; END IF; RAISE EXCEPTION 'Rows of chunk never change.'; END$$", 'CREATE TRIGGER chunk_stays BEFORE UPDATE OR DELETE ON chunk FOR EACH ROW EXECUTE FUNCTION chunk_refuses()', 'CREATE TRIGGER chunk_is_never_emptied BEFORE TRUNCATE ON chunk FOR EACH STATEMENT EXECUTE FUNCTION chunk_refuses()', 'ALTER TABLE chunk ENABLE ALWAYS TRIGGER chunk_stays', 'ALTER TABLE chunk ENABLE ALWAYS TRIGGER chunk_is_never_emptied'),
    )


def downgrade() -> None:
    op.drop_table('legal_hold')
    op.drop_table('day_deletion')
    op.drop_table('chunk')
    op.run_on(
        sqlite=(),
        postgresql=('DROP FUNCTION day_deletion_refuses()',),
    )
    op.run_on(
        sqlite=(),
        postgresql=('DROP FUNCTION legal_hold_refuses()',),
    )
    op.run_on(
        sqlite=(),
        postgresql=('DROP FUNCTION chunk_refuses()',),
    )
