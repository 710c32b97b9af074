"""exclusions and maintenance."""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('maintenance',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('type', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_maintenance')),
    info={'append_only': (('id',),)},
    sqlite_with_rowid=False
    )
    op.create_table('exclusion',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('type', sa.Text(), nullable=False),
    sa.Column('start', sa.BigInteger(), nullable=False),
    sa.Column('end', sa.BigInteger(), nullable=False),
    sa.Column('announced_at', sa.BigInteger(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('evidence_link', sa.Text(), nullable=False),
    sa.Column('is_public', sa.Boolean(), nullable=False),
    sa.Column('for_all', sa.Boolean(), nullable=False),
    sa.Column('requested_by', sa.Uuid(), nullable=False),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('maintenance_id', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['maintenance_id'], ['maintenance.id'], name=op.f('fk_exclusion_maintenance_id')),
    sa.ForeignKeyConstraint(['requested_by'], ['user_account.id'], name=op.f('fk_exclusion_requested_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exclusion')),
    info={'append_only': (('id',),)},
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('exclusion', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_exclusion_maintenance_id'), ['maintenance_id'], unique=False)

    op.create_table('maintenance_service',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('maintenance_id', sa.Uuid(), nullable=False),
    sa.Column('service_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['maintenance_id'], ['maintenance.id'], name=op.f('fk_maintenance_service_maintenance_id')),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], name=op.f('fk_maintenance_service_service_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_maintenance_service')),
    info={'append_only': (('id',),)},
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('maintenance_service', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_maintenance_service_maintenance_id'), ['maintenance_id'], unique=False)

    op.create_table('maintenance_word',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('maintenance_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('start', sa.BigInteger(), nullable=False),
    sa.Column('end', sa.BigInteger(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['maintenance_id'], ['maintenance.id'], name=op.f('fk_maintenance_word_maintenance_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_maintenance_word_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_maintenance_word')),
    info={'append_only': (('id',),)},
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('maintenance_word', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_maintenance_word_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_maintenance_word_maintenance_id'), ['maintenance_id'], unique=False)

    op.create_table('exclusion_customer',
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('exclusion_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_exclusion_customer_customer_id')),
    sa.ForeignKeyConstraint(['exclusion_id'], ['exclusion.id'], name=op.f('fk_exclusion_customer_exclusion_id')),
    sa.PrimaryKeyConstraint('customer_id', 'id', name=op.f('pk_exclusion_customer')),
    info={'append_only': (('customer_id', 'id'),)},
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('exclusion_customer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_exclusion_customer_exclusion_id'), ['exclusion_id'], unique=False)

    op.create_table('exclusion_effect',
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('exclusion_id', sa.Uuid(), nullable=False),
    sa.Column('contract_id', sa.Uuid(), nullable=False),
    sa.Column('service_id', sa.Uuid(), nullable=False),
    sa.Column('commitment', sa.Text(), nullable=False),
    sa.Column('period', sa.Text(), nullable=False),
    sa.Column('attained_before', sa.Text(), nullable=True),
    sa.Column('attained_after', sa.Text(), nullable=True),
    sa.Column('verdict_before', sa.Text(), nullable=False),
    sa.Column('verdict_after', sa.Text(), nullable=False),
    sa.Column('credit_before', sa.Text(), nullable=True),
    sa.Column('credit_after', sa.Text(), nullable=True),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('left_out_s', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['customer_id', 'contract_id'], ['contract.customer_id', 'contract.id'], name=op.f('fk_exclusion_effect_customer_id_contract_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_exclusion_effect_customer_id')),
    sa.ForeignKeyConstraint(['exclusion_id'], ['exclusion.id'], name=op.f('fk_exclusion_effect_exclusion_id')),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], name=op.f('fk_exclusion_effect_service_id')),
    sa.PrimaryKeyConstraint('customer_id', 'id', name=op.f('pk_exclusion_effect')),
    info={'append_only': (('customer_id', 'id'),)},
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('exclusion_effect', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_exclusion_effect_exclusion_id'), ['exclusion_id'], unique=False)

    op.create_table('exclusion_event',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('exclusion_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('by_one_person', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['exclusion_id'], ['exclusion.id'], name=op.f('fk_exclusion_event_exclusion_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_exclusion_event_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exclusion_event')),
    info={'append_only': (('id',),)},
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('exclusion_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_exclusion_event_exclusion_id'), ['exclusion_id'], unique=False)

    op.create_table('exclusion_location',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('exclusion_id', sa.Uuid(), nullable=False),
    sa.Column('location_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['exclusion_id'], ['exclusion.id'], name=op.f('fk_exclusion_location_exclusion_id')),
    sa.ForeignKeyConstraint(['location_id'], ['location.id'], name=op.f('fk_exclusion_location_location_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exclusion_location')),
    info={'append_only': (('id',),)},
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('exclusion_location', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_exclusion_location_exclusion_id'), ['exclusion_id'], unique=False)

    op.create_table('exclusion_service',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('exclusion_id', sa.Uuid(), nullable=False),
    sa.Column('service_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['exclusion_id'], ['exclusion.id'], name=op.f('fk_exclusion_service_exclusion_id')),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], name=op.f('fk_exclusion_service_service_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exclusion_service')),
    info={'append_only': (('id',),)},
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('exclusion_service', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_exclusion_service_exclusion_id'), ['exclusion_id'], unique=False)

    op.run_on(
        sqlite=("CREATE TRIGGER maintenance_no_update BEFORE UPDATE ON maintenance BEGIN SELECT RAISE(ABORT, 'Rows of maintenance never change.'); END", "CREATE TRIGGER maintenance_no_delete BEFORE DELETE ON maintenance BEGIN SELECT RAISE(ABORT, 'Rows of maintenance never change.'); END", "CREATE TRIGGER maintenance_no_replace BEFORE INSERT ON maintenance WHEN (SELECT count(*) FROM maintenance WHERE id = NEW.id) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of maintenance never change.'); END"),
        postgresql=("CREATE FUNCTION maintenance_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of maintenance never change.'; END$$", 'CREATE TRIGGER maintenance_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON maintenance FOR EACH STATEMENT EXECUTE FUNCTION maintenance_refuses()', 'ALTER TABLE maintenance ENABLE ALWAYS TRIGGER maintenance_only_grows'),
    )
    op.run_on(
        sqlite=("CREATE TRIGGER exclusion_no_update BEFORE UPDATE ON exclusion BEGIN SELECT RAISE(ABORT, 'Rows of exclusion never change.'); END", "CREATE TRIGGER exclusion_no_delete BEFORE DELETE ON exclusion BEGIN SELECT RAISE(ABORT, 'Rows of exclusion never change.'); END", "CREATE TRIGGER exclusion_no_replace BEFORE INSERT ON exclusion WHEN (SELECT count(*) FROM exclusion WHERE id = NEW.id) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of exclusion never change.'); END"),
        postgresql=("CREATE FUNCTION exclusion_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of exclusion never change.'; END$$", 'CREATE TRIGGER exclusion_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON exclusion FOR EACH STATEMENT EXECUTE FUNCTION exclusion_refuses()', 'ALTER TABLE exclusion ENABLE ALWAYS TRIGGER exclusion_only_grows'),
    )
    op.run_on(
        sqlite=("CREATE TRIGGER maintenance_service_no_update BEFORE UPDATE ON maintenance_service BEGIN SELECT RAISE(ABORT, 'Rows of maintenance_service never change.'); END", "CREATE TRIGGER maintenance_service_no_delete BEFORE DELETE ON maintenance_service BEGIN SELECT RAISE(ABORT, 'Rows of maintenance_service never change.'); END", "CREATE TRIGGER maintenance_service_no_replace BEFORE INSERT ON maintenance_service WHEN (SELECT count(*) FROM maintenance_service WHERE id = NEW.id) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of maintenance_service never change.'); END"),
        postgresql=("CREATE FUNCTION maintenance_service_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of maintenance_service never change.'; END$$", 'CREATE TRIGGER maintenance_service_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON maintenance_service FOR EACH STATEMENT EXECUTE FUNCTION maintenance_service_refuses()', 'ALTER TABLE maintenance_service ENABLE ALWAYS TRIGGER maintenance_service_only_grows'),
    )
    op.run_on(
        sqlite=("CREATE TRIGGER maintenance_word_no_update BEFORE UPDATE ON maintenance_word BEGIN SELECT RAISE(ABORT, 'Rows of maintenance_word never change.'); END", "CREATE TRIGGER maintenance_word_no_delete BEFORE DELETE ON maintenance_word BEGIN SELECT RAISE(ABORT, 'Rows of maintenance_word never change.'); END", "CREATE TRIGGER maintenance_word_no_replace BEFORE INSERT ON maintenance_word WHEN (SELECT count(*) FROM maintenance_word WHERE id = NEW.id) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of maintenance_word never change.'); END"),
        postgresql=("CREATE FUNCTION maintenance_word_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of maintenance_word never change.'; END$$", 'CREATE TRIGGER maintenance_word_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON maintenance_word FOR EACH STATEMENT EXECUTE FUNCTION maintenance_word_refuses()', 'ALTER TABLE maintenance_word ENABLE ALWAYS TRIGGER maintenance_word_only_grows'),
    )
    op.run_on(
        sqlite=("CREATE TRIGGER exclusion_customer_no_update BEFORE UPDATE ON exclusion_customer BEGIN SELECT RAISE(ABORT, 'Rows of exclusion_customer never change.'); END", "CREATE TRIGGER exclusion_customer_no_delete BEFORE DELETE ON exclusion_customer BEGIN SELECT RAISE(ABORT, 'Rows of exclusion_customer never change.'); END", "CREATE TRIGGER exclusion_customer_no_replace BEFORE INSERT ON exclusion_customer WHEN (SELECT count(*) FROM exclusion_customer WHERE id = NEW.id) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of exclusion_customer never change.'); END"),
        postgresql=("CREATE FUNCTION exclusion_customer_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of exclusion_customer never change.'; END$$", 'CREATE TRIGGER exclusion_customer_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON exclusion_customer FOR EACH STATEMENT EXECUTE FUNCTION exclusion_customer_refuses()', 'ALTER TABLE exclusion_customer ENABLE ALWAYS TRIGGER exclusion_customer_only_grows'),
    )
    op.run_on(
        sqlite=("CREATE TRIGGER exclusion_effect_no_update BEFORE UPDATE ON exclusion_effect BEGIN SELECT RAISE(ABORT, 'Rows of exclusion_effect never change.'); END", "CREATE TRIGGER exclusion_effect_no_delete BEFORE DELETE ON exclusion_effect BEGIN SELECT RAISE(ABORT, 'Rows of exclusion_effect never change.'); END", "CREATE TRIGGER exclusion_effect_no_replace BEFORE INSERT ON exclusion_effect WHEN (SELECT count(*) FROM exclusion_effect WHERE id = NEW.id) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of exclusion_effect never change.'); END"),
        postgresql=("CREATE FUNCTION exclusion_effect_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of exclusion_effect never change.'; END$$", 'CREATE TRIGGER exclusion_effect_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON exclusion_effect FOR EACH STATEMENT EXECUTE FUNCTION exclusion_effect_refuses()', 'ALTER TABLE exclusion_effect ENABLE ALWAYS TRIGGER exclusion_effect_only_grows'),
    )
    op.run_on(
        sqlite=("CREATE TRIGGER exclusion_event_no_update BEFORE UPDATE ON exclusion_event BEGIN SELECT RAISE(ABORT, 'Rows of exclusion_event never change.'); END", "CREATE TRIGGER exclusion_event_no_delete BEFORE DELETE ON exclusion_event BEGIN SELECT RAISE(ABORT, 'Rows of exclusion_event never change.'); END", "CREATE TRIGGER exclusion_event_no_replace BEFORE INSERT ON exclusion_event WHEN (SELECT count(*) FROM exclusion_event WHERE id = NEW.id) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of exclusion_event never change.'); END"),
        postgresql=("CREATE FUNCTION exclusion_event_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of exclusion_event never change.'; END$$", 'CREATE TRIGGER exclusion_event_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON exclusion_event FOR EACH STATEMENT EXECUTE FUNCTION exclusion_event_refuses()', 'ALTER TABLE exclusion_event ENABLE ALWAYS TRIGGER exclusion_event_only_grows'),
    )
    op.run_on(
        sqlite=("CREATE TRIGGER exclusion_location_no_update BEFORE UPDATE ON exclusion_location BEGIN SELECT RAISE(ABORT, 'Rows of exclusion_location never change.'); END", "CREATE TRIGGER exclusion_location_no_delete BEFORE DELETE ON exclusion_location BEGIN SELECT RAISE(ABORT, 'Rows of exclusion_location never change.'); END", "CREATE TRIGGER exclusion_location_no_replace BEFORE INSERT ON exclusion_location WHEN (SELECT count(*) FROM exclusion_location WHERE id = NEW.id) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of exclusion_location never change.'); END"),
        postgresql=("CREATE FUNCTION exclusion_location_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of exclusion_location never change.'; END$$", 'CREATE TRIGGER exclusion_location_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON exclusion_location FOR EACH STATEMENT EXECUTE FUNCTION exclusion_location_refuses()', 'ALTER TABLE exclusion_location ENABLE ALWAYS TRIGGER exclusion_location_only_grows'),
    )
    op.run_on(
        sqlite=("CREATE TRIGGER exclusion_service_no_update BEFORE UPDATE ON exclusion_service BEGIN SELECT RAISE(ABORT, 'Rows of exclusion_service never change.'); END", "CREATE TRIGGER exclusion_service_no_delete BEFORE DELETE ON exclusion_service BEGIN SELECT RAISE(ABORT, 'Rows of exclusion_service never change.'); END", "CREATE TRIGGER exclusion_service_no_replace BEFORE INSERT ON exclusion_service WHEN (SELECT count(*) FROM exclusion_service WHERE id = NEW.id) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of exclusion_service never change.'); END"),
        postgresql=("CREATE FUNCTION exclusion_service_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of exclusion_service never change.'; END$$", 'CREATE TRIGGER exclusion_service_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON exclusion_service FOR EACH STATEMENT EXECUTE FUNCTION exclusion_service_refuses()', 'ALTER TABLE exclusion_service ENABLE ALWAYS TRIGGER exclusion_service_only_grows'),
    )
    op.run_on(
        sqlite=(),
        postgresql=('ALTER TABLE exclusion_customer ENABLE ROW LEVEL SECURITY', 'ALTER TABLE exclusion_customer FORCE ROW LEVEL SECURITY', "CREATE POLICY exclusion_customer_own ON exclusion_customer USING ((SELECT current_setting('portal.scope', true)) IN ('provider', customer_id::text))"),
    )
    op.run_on(
        sqlite=(),
        postgresql=('ALTER TABLE exclusion_effect ENABLE ROW LEVEL SECURITY', 'ALTER TABLE exclusion_effect FORCE ROW LEVEL SECURITY', "CREATE POLICY exclusion_effect_own ON exclusion_effect USING ((SELECT current_setting('portal.scope', true)) IN ('provider', customer_id::text))"),
    )


def downgrade() -> None:
    with op.batch_alter_table('exclusion_service', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_exclusion_service_exclusion_id'))

    op.drop_table('exclusion_service')
    with op.batch_alter_table('exclusion_location', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_exclusion_location_exclusion_id'))

    op.drop_table('exclusion_location')
    with op.batch_alter_table('exclusion_event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_exclusion_event_exclusion_id'))

    op.drop_table('exclusion_event')
    with op.batch_alter_table('exclusion_effect', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_exclusion_effect_exclusion_id'))

    op.drop_table('exclusion_effect')
    with op.batch_alter_table('exclusion_customer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_exclusion_customer_exclusion_id'))

    op.drop_table('exclusion_customer')
    with op.batch_alter_table('maintenance_word', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_maintenance_word_maintenance_id'))
        batch_op.drop_index(batch_op.f('ix_maintenance_word_at'))

    op.drop_table('maintenance_word')
    with op.batch_alter_table('maintenance_service', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_maintenance_service_maintenance_id'))

    op.drop_table('maintenance_service')
    with op.batch_alter_table('exclusion', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_exclusion_maintenance_id'))

    op.drop_table('exclusion')
    op.drop_table('maintenance')
    op.run_on(
        sqlite=(),
        postgresql=('DROP FUNCTION maintenance_refuses()',),
    )
    op.run_on(
        sqlite=(),
        postgresql=('DROP FUNCTION exclusion_refuses()',),
    )
    op.run_on(
        sqlite=(),
        postgresql=('DROP FUNCTION maintenance_service_refuses()',),
    )
    op.run_on(
        sqlite=(),
        postgresql=('DROP FUNCTION maintenance_word_refuses()',),
    )
    op.run_on(
        sqlite=(),
        postgresql=('DROP FUNCTION exclusion_customer_refuses()',),
    )
    op.run_on(
        sqlite=(),
        postgresql=('DROP FUNCTION exclusion_effect_refuses()',),
    )
    op.run_on(
        sqlite=(),
        postgresql=('DROP FUNCTION exclusion_event_refuses()',),
    )
    op.run_on(
        sqlite=(),
        postgresql=('DROP FUNCTION exclusion_location_refuses()',),
    )
    op.run_on(
        sqlite=(),
        postgresql=('DROP FUNCTION exclusion_service_refuses()',),
    )
