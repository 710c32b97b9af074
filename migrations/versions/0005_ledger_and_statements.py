"""ledger and statements."""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('working',
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('size_bytes', sa.Integer(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_working')),
    info={'append_only': (('digest',),)},
    sqlite_with_rowid=False
    )
    op.create_table('closing_ruling',
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('contract_id', sa.Uuid(), nullable=False),
    sa.Column('period', sa.Text(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('ruling', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('ruled_by', sa.Uuid(), nullable=False),
    sa.Column('ruled_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['customer_id', 'contract_id'], ['contract.customer_id', 'contract.id'], name=op.f('fk_closing_ruling_customer_id_contract_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_closing_ruling_customer_id')),
    sa.ForeignKeyConstraint(['ruled_by'], ['user_account.id'], name=op.f('fk_closing_ruling_ruled_by')),
    sa.PrimaryKeyConstraint('customer_id', 'id', name=op.f('pk_closing_ruling')),
    sa.UniqueConstraint('customer_id', 'contract_id', 'period', 'number', name=op.f('uq_closing_ruling_customer_id_contract_id_period_number')),
    info={'append_only': (('customer_id', 'id'), ('customer_id', 'contract_id', 'period', 'number'))},
    sqlite_with_rowid=False
    )
    op.create_table('statement',
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('contract_id', sa.Uuid(), nullable=False),
    sa.Column('period', sa.Text(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('starts_at', sa.BigInteger(), nullable=False),
    sa.Column('ends_at', sa.BigInteger(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_by', sa.Uuid(), nullable=True),
    sa.Column('code_version', sa.Text(), nullable=False),
    sa.Column('tzdata', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('is_generated', sa.Boolean(), nullable=False),
    sa.Column('met', sa.Boolean(), nullable=True),
    sa.Column('credit_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['closed_by'], ['user_account.id'], name=op.f('fk_statement_closed_by')),
    sa.ForeignKeyConstraint(['customer_id', 'contract_id'], ['contract.customer_id', 'contract.id'], name=op.f('fk_statement_customer_id_contract_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_statement_customer_id')),
    sa.PrimaryKeyConstraint('customer_id', 'id', name=op.f('pk_statement')),
    sa.UniqueConstraint('customer_id', 'contract_id', 'period', 'revision', name=op.f('uq_statement_customer_id_contract_id_period_revision')),
    info={'append_only': (('customer_id', 'id'), ('customer_id', 'contract_id', 'period', 'revision'))},
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('statement', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_statement_contract_id'), ['contract_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_statement_ends_at'), ['ends_at'], unique=False)

    op.create_table('credit',
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('contract_id', sa.Uuid(), nullable=False),
    sa.Column('statement_id', sa.Uuid(), nullable=False),
    sa.Column('period', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('minor_digits', sa.Integer(), nullable=False),
    sa.Column('is_generated', sa.Boolean(), nullable=False),
    sa.Column('claim_required', sa.Boolean(), nullable=False),
    sa.Column('claim_until', sa.BigInteger(), nullable=True),
    sa.CheckConstraint('amount_minor <> 0', name=op.f('ck_credit_amount')),
    sa.ForeignKeyConstraint(['customer_id', 'contract_id'], ['contract.customer_id', 'contract.id'], name=op.f('fk_credit_customer_id_contract_id')),
    sa.ForeignKeyConstraint(['customer_id', 'statement_id'], ['statement.customer_id', 'statement.id'], name=op.f('fk_credit_customer_id_statement_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_credit_customer_id')),
    sa.PrimaryKeyConstraint('customer_id', 'id', name=op.f('pk_credit')),
    sa.UniqueConstraint('customer_id', 'contract_id', 'period', 'kind', 'revision', name=op.f('uq_credit_customer_id_contract_id_period_kind_revision')),
    info={'append_only': (('customer_id', 'id'), ('customer_id', 'contract_id', 'period', 'kind', 'revision'))},
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('credit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_credit_contract_id'), ['contract_id'], unique=False)

    op.create_table('found_change',
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('statement_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['customer_id', 'statement_id'], ['statement.customer_id', 'statement.id'], name=op.f('fk_found_change_customer_id_statement_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_found_change_customer_id')),
    sa.PrimaryKeyConstraint('customer_id', 'id', name=op.f('pk_found_change')),
    sa.UniqueConstraint('customer_id', 'statement_id', 'number', name=op.f('uq_found_change_customer_id_statement_id_number')),
    info={'append_only': (('customer_id', 'id'), ('customer_id', 'statement_id', 'number'))},
    sqlite_with_rowid=False
    )
    op.create_table('ledger_transfer',
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('credit_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('deed', sa.Text(), nullable=False),
    sa.Column('debit', sa.Text(), nullable=False),
    sa.Column('credit', sa.Text(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_by', sa.Uuid(), nullable=True),
    sa.Column('alone', sa.Boolean(), nullable=False),
    sa.Column('reference', sa.Text(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_ledger_transfer_amount')),
    sa.CheckConstraint('debit <> credit', name=op.f('ck_ledger_transfer_accounts')),
    sa.ForeignKeyConstraint(['customer_id', 'credit_id'], ['credit.customer_id', 'credit.id'], name=op.f('fk_ledger_transfer_customer_id_credit_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_ledger_transfer_customer_id')),
    sa.ForeignKeyConstraint(['done_by'], ['user_account.id'], name=op.f('fk_ledger_transfer_done_by')),
    sa.PrimaryKeyConstraint('customer_id', 'id', name=op.f('pk_ledger_transfer')),
    sa.UniqueConstraint('customer_id', 'credit_id', 'number', name=op.f('uq_ledger_transfer_customer_id_credit_id_number')),
    info={'append_only': (('customer_id', 'id'), ('customer_id', 'credit_id', 'number'))},
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('ledger_transfer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ledger_transfer_credit_id'), ['credit_id'], unique=False)

    op.run_on(
        sqlite=("CREATE TRIGGER working_no_update BEFORE UPDATE ON working BEGIN SELECT RAISE(ABORT, 'Rows of working never change.'); END", "CREATE TRIGGER working_no_delete BEFORE DELETE ON working BEGIN SELECT RAISE(ABORT, 'Rows of working never change.'); END", "CREATE TRIGGER working_no_replace BEFORE INSERT ON working WHEN (SELECT count(*) FROM working WHERE digest = NEW.digest) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of working never change.'); END"),
        postgresql=("CREATE FUNCTION working_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of working never change.'; END$$", 'CREATE TRIGGER working_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON working FOR EACH STATEMENT EXECUTE FUNCTION working_refuses()', 'ALTER TABLE working ENABLE ALWAYS TRIGGER working_only_grows'),
    )
    op.run_on(
        sqlite=("CREATE TRIGGER closing_ruling_no_update BEFORE UPDATE ON closing_ruling BEGIN SELECT RAISE(ABORT, 'Rows of closing_ruling never change.'); END", "CREATE TRIGGER closing_ruling_no_delete BEFORE DELETE ON closing_ruling BEGIN SELECT RAISE(ABORT, 'Rows of closing_ruling never change.'); END", "CREATE TRIGGER closing_ruling_no_replace BEFORE INSERT ON closing_ruling WHEN (SELECT count(*) FROM closing_ruling WHERE customer_id = NEW.customer_id AND id = NEW.id) > 0 OR (SELECT count(*) FROM closing_ruling WHERE customer_id = NEW.customer_id AND contract_id = NEW.contract_id AND period = NEW.period AND number = NEW.number) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of closing_ruling never change.'); END"),
        postgresql=("CREATE FUNCTION closing_ruling_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of closing_ruling never change.'; END$$", 'CREATE TRIGGER closing_ruling_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON closing_ruling FOR EACH STATEMENT EXECUTE FUNCTION closing_ruling_refuses()', 'ALTER TABLE closing_ruling ENABLE ALWAYS TRIGGER closing_ruling_only_grows'),
    )
    op.run_on(
        sqlite=("CREATE TRIGGER statement_no_update BEFORE UPDATE ON statement BEGIN SELECT RAISE(ABORT, 'Rows of statement never change.'); END", "CREATE TRIGGER statement_no_delete BEFORE DELETE ON statement BEGIN SELECT RAISE(ABORT, 'Rows of statement never change.'); END", "CREATE TRIGGER statement_no_replace BEFORE INSERT ON statement WHEN (SELECT count(*) FROM statement WHERE customer_id = NEW.customer_id AND id = NEW.id) > 0 OR (SELECT count(*) FROM statement WHERE customer_id = NEW.customer_id AND contract_id = NEW.contract_id AND period = NEW.period AND revision = NEW.revision) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of statement never change.'); END"),
        postgresql=("CREATE FUNCTION statement_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of statement never change.'; END$$", 'CREATE TRIGGER statement_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON statement FOR EACH STATEMENT EXECUTE FUNCTION statement_refuses()', 'ALTER TABLE statement ENABLE ALWAYS TRIGGER statement_only_grows'),
    )
    op.run_on(
        sqlite=("CREATE TRIGGER credit_no_update BEFORE UPDATE ON credit BEGIN SELECT RAISE(ABORT, 'Rows of credit never change.'); END", "CREATE TRIGGER credit_no_delete BEFORE DELETE ON credit BEGIN SELECT RAISE(ABORT, 'Rows of credit never change.'); END", "CREATE TRIGGER credit_no_replace BEFORE INSERT ON credit WHEN (SELECT count(*) FROM credit WHERE customer_id = NEW.customer_id AND id = NEW.id) > 0 OR (SELECT count(*) FROM credit WHERE customer_id = NEW.customer_id AND contract_id = NEW.contract_id AND period = NEW.period AND kind = NEW.kind AND revision = NEW.revision) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of credit never change.'); END"),
        postgresql=("CREATE FUNCTION credit_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of credit never change.'; END$$", 'CREATE TRIGGER credit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON credit FOR EACH STATEMENT EXECUTE FUNCTION credit_refuses()', 'ALTER TABLE credit ENABLE ALWAYS TRIGGER credit_only_grows'),
    )
    op.run_on(
        sqlite=("CREATE TRIGGER found_change_no_update BEFORE UPDATE ON found_change BEGIN SELECT RAISE(ABORT, 'Rows of found_change never change.'); END", "CREATE TRIGGER found_change_no_delete BEFORE DELETE ON found_change BEGIN SELECT RAISE(ABORT, 'Rows of found_change never change.'); END", "CREATE TRIGGER found_change_no_replace BEFORE INSERT ON found_change WHEN (SELECT count(*) FROM found_change WHERE customer_id = NEW.customer_id AND id = NEW.id) > 0 OR (SELECT count(*) FROM found_change WHERE customer_id = NEW.customer_id AND statement_id = NEW.statement_id AND number = NEW.number) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of found_change never change.'); END"),
        postgresql=("CREATE FUNCTION found_change_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of found_change never change.'; END$$", 'CREATE TRIGGER found_change_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON found_change FOR EACH STATEMENT EXECUTE FUNCTION found_change_refuses()', 'ALTER TABLE found_change ENABLE ALWAYS TRIGGER found_change_only_grows'),
    )
    op.run_on(
        sqlite=("CREATE TRIGGER ledger_transfer_no_update BEFORE UPDATE ON ledger_transfer BEGIN SELECT RAISE(ABORT, 'Rows of ledger_transfer never change.'); END", "CREATE TRIGGER ledger_transfer_no_delete BEFORE DELETE ON ledger_transfer BEGIN SELECT RAISE(ABORT, 'Rows of ledger_transfer never change.'); END", "CREATE TRIGGER ledger_transfer_no_replace BEFORE INSERT ON ledger_transfer WHEN (SELECT count(*) FROM ledger_transfer WHERE customer_id = NEW.customer_id AND id = NEW.id) > 0 OR (SELECT count(*) FROM ledger_transfer WHERE customer_id = NEW.customer_id AND credit_id = NEW.credit_id AND number = NEW.number) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of ledger_transfer never change.'); END"),
        postgresql=("CREATE FUNCTION ledger_transfer_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of ledger_transfer never change.'; END$$", 'CREATE TRIGGER ledger_transfer_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transfer FOR EACH STATEMENT EXECUTE FUNCTION ledger_transfer_refuses()', 'ALTER TABLE ledger_transfer ENABLE ALWAYS TRIGGER ledger_transfer_only_grows'),
    )
    op.run_on(
        sqlite=(),
        postgresql=('ALTER TABLE closing_ruling ENABLE ROW LEVEL SECURITY', 'ALTER TABLE closing_ruling FORCE ROW LEVEL SECURITY', "CREATE POLICY closing_ruling_own ON closing_ruling USING ((SELECT current_setting('portal.scope', true)) IN ('provider', customer_id::text))"),
    )
    op.run_on(
        sqlite=(),
        postgresql=('ALTER TABLE statement ENABLE ROW LEVEL SECURITY', 'ALTER TABLE statement FORCE ROW LEVEL SECURITY', "CREATE POLICY statement_own ON statement USING ((SELECT current_setting('portal.scope', true)) IN ('provider', customer_id::text))"),
    )
    op.run_on(
        sqlite=(),
        postgresql=('ALTER TABLE credit ENABLE ROW LEVEL SECURITY', 'ALTER TABLE credit FORCE ROW LEVEL SECURITY', "CREATE POLICY credit_own ON credit USING ((SELECT current_setting('portal.scope', true)) IN ('provider', customer_id::text))"),
    )
    op.run_on(
        sqlite=(),
        postgresql=('ALTER TABLE found_change ENABLE ROW LEVEL SECURITY', 'ALTER TABLE found_change FORCE ROW LEVEL SECURITY', "CREATE POLICY found_change_own ON found_change USING ((SELECT current_setting('portal.scope', true)) IN ('provider', customer_id::text))"),
    )
    op.run_on(
        sqlite=(),
        postgresql=('ALTER TABLE ledger_transfer ENABLE ROW LEVEL SECURITY', 'ALTER TABLE ledger_transfer FORCE ROW LEVEL SECURITY', "CREATE POLICY ledger_transfer_own ON ledger_transfer USING ((SELECT current_setting('portal.scope', true)) IN ('provider', customer_id::text))"),
    )


def downgrade() -> None:
    with op.batch_alter_table('ledger_transfer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ledger_transfer_credit_id'))

    op.drop_table('ledger_transfer')
    op.drop_table('found_change')
    with op.batch_alter_table('credit', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_credit_contract_id'))

    op.drop_table('credit')
    with op.batch_alter_table('statement', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_statement_ends_at'))
        batch_op.drop_index(batch_op.f('ix_statement_contract_id'))

    op.drop_table('statement')
    op.drop_table('closing_ruling')
    op.drop_table('working')
    op.run_on(
        sqlite=(),
        postgresql=('DROP FUNCTION working_refuses()',),
    )
    op.run_on(
        sqlite=(),
        postgresql=('DROP FUNCTION closing_ruling_refuses()',),
    )
    op.run_on(
        sqlite=(),
        postgresql=('DROP FUNCTION statement_refuses()',),
    )
    op.run_on(
        sqlite=(),
        postgresql=('DROP FUNCTION credit_refuses()',),
    )
    op.run_on(
        sqlite=(),
        postgresql=('DROP FUNCTION found_change_refuses()',),
    )
    op.run_on(
        sqlite=(),
        postgresql=('DROP FUNCTION ledger_transfer_refuses()',),
    )
