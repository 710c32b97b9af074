"""claims and disputes."""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('claim',
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('contract_id', sa.Uuid(), nullable=False),
    sa.Column('period', sa.Text(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('made_by', sa.Uuid(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['customer_id', 'contract_id'], ['contract.customer_id', 'contract.id'], name=op.f('fk_claim_customer_id_contract_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_claim_customer_id')),
    sa.ForeignKeyConstraint(['made_by'], ['user_account.id'], name=op.f('fk_claim_made_by')),
    sa.PrimaryKeyConstraint('customer_id', 'id', name=op.f('pk_claim')),
    sa.UniqueConstraint('customer_id', 'contract_id', 'period', name=op.f('uq_claim_customer_id_contract_id_period')),
    info={'append_only': (('customer_id', 'id'), ('customer_id', 'contract_id', 'period'))},
    sqlite_with_rowid=False
    )
    op.create_table('claim_decision',
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('claim_id', sa.Uuid(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('decided_by', sa.Uuid(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['customer_id', 'claim_id'], ['claim.customer_id', 'claim.id'], name=op.f('fk_claim_decision_customer_id_claim_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_claim_decision_customer_id')),
    sa.ForeignKeyConstraint(['decided_by'], ['user_account.id'], name=op.f('fk_claim_decision_decided_by')),
    sa.PrimaryKeyConstraint('customer_id', 'id', name=op.f('pk_claim_decision')),
    sa.UniqueConstraint('customer_id', 'claim_id', name=op.f('uq_claim_decision_customer_id_claim_id')),
    info={'append_only': (('customer_id', 'id'), ('customer_id', 'claim_id'))},
    sqlite_with_rowid=False
    )
    op.create_table('dispute',
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('statement_id', sa.Uuid(), nullable=False),
    sa.Column('opened_by', sa.Uuid(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['customer_id', 'statement_id'], ['statement.customer_id', 'statement.id'], name=op.f('fk_dispute_customer_id_statement_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_dispute_customer_id')),
    sa.ForeignKeyConstraint(['opened_by'], ['user_account.id'], name=op.f('fk_dispute_opened_by')),
    sa.PrimaryKeyConstraint('customer_id', 'id', name=op.f('pk_dispute')),
    info={'append_only': (('customer_id', 'id'),)},
    sqlite_with_rowid=False
    )
    op.create_table('dispute_message',
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('dispute_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('is_staff', sa.Boolean(), nullable=False),
    sa.Column('author_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['user_account.id'], name=op.f('fk_dispute_message_author_id')),
    sa.ForeignKeyConstraint(['customer_id', 'dispute_id'], ['dispute.customer_id', 'dispute.id'], name=op.f('fk_dispute_message_customer_id_dispute_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_dispute_message_customer_id')),
    sa.PrimaryKeyConstraint('customer_id', 'id', name=op.f('pk_dispute_message')),
    sa.UniqueConstraint('customer_id', 'dispute_id', 'number', name=op.f('uq_dispute_message_customer_id_dispute_id_number')),
    info={'append_only': (('customer_id', 'id'), ('customer_id', 'dispute_id', 'number'))},
    sqlite_with_rowid=False
    )
    op.run_on(
        sqlite=("CREATE TRIGGER claim_no_update BEFORE UPDATE ON claim BEGIN SELECT RAISE(ABORT, 'Rows of claim never change.'); END", "CREATE TRIGGER claim_no_delete BEFORE DELETE ON claim BEGIN SELECT RAISE(ABORT, 'Rows of claim never change.'); END", "CREATE TRIGGER claim_no_replace BEFORE INSERT ON claim WHEN (SELECT count(*) FROM claim WHERE customer_id = NEW.customer_id AND id = NEW.id) > 0 OR (SELECT count(*) FROM claim WHERE customer_id = NEW.customer_id AND contract_id = NEW.contract_id AND period = NEW.period) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of claim never change.'); END"),
        postgresql=("CREATE FUNCTION claim_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of claim never change.'; END$$", 'CREATE TRIGGER claim_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON claim FOR EACH STATEMENT EXECUTE FUNCTION claim_refuses()', 'ALTER TABLE claim ENABLE ALWAYS TRIGGER claim_only_grows'),
    )
    op.run_on(
        sqlite=("CREATE TRIGGER claim_decision_no_update BEFORE UPDATE ON claim_decision BEGIN SELECT RAISE(ABORT, 'Rows of claim_decision never change.'); END", "CREATE TRIGGER claim_decision_no_delete BEFORE DELETE ON claim_decision BEGIN SELECT RAISE(ABORT, 'Rows of claim_decision never change.'); END", "CREATE TRIGGER claim_decision_no_replace BEFORE INSERT ON claim_decision WHEN (SELECT count(*) FROM claim_decision WHERE customer_id = NEW.customer_id AND id = NEW.id) > 0 OR (SELECT count(*) FROM claim_decision WHERE customer_id = NEW.customer_id AND claim_id = NEW.claim_id) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of claim_decision never change.'); END"),
        postgresql=("CREATE FUNCTION claim_decision_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of claim_decision never change.'; END$$", 'CREATE TRIGGER claim_decision_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON claim_decision FOR EACH STATEMENT EXECUTE FUNCTION claim_decision_refuses()', 'ALTER TABLE claim_decision ENABLE ALWAYS TRIGGER claim_decision_only_grows'),
    )
    op.run_on(
        sqlite=("CREATE TRIGGER dispute_no_update BEFORE UPDATE ON dispute BEGIN SELECT RAISE(ABORT, 'Rows of dispute never change.'); END", "CREATE TRIGGER dispute_no_delete BEFORE DELETE ON dispute BEGIN SELECT RAISE(ABORT, 'Rows of dispute never change.'); END", "CREATE TRIGGER dispute_no_replace BEFORE INSERT ON dispute WHEN (SELECT count(*) FROM dispute WHERE customer_id = NEW.customer_id AND id = NEW.id) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of dispute never change.'); END"),
        postgresql=("CREATE FUNCTION dispute_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of dispute never change.'; END$$", 'CREATE TRIGGER dispute_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON dispute FOR EACH STATEMENT EXECUTE FUNCTION dispute_refuses()', 'ALTER TABLE dispute ENABLE ALWAYS TRIGGER dispute_only_grows'),
    )
    op.run_on(
        sqlite=("CREATE TRIGGER dispute_message_no_update BEFORE UPDATE ON dispute_message BEGIN SELECT RAISE(ABORT, 'Rows of dispute_message never change.'); END", "CREATE TRIGGER dispute_message_no_delete BEFORE DELETE ON dispute_message BEGIN SELECT RAISE(ABORT, 'Rows of dispute_message never change.'); END", "CREATE TRIGGER dispute_message_no_replace BEFORE INSERT ON dispute_message WHEN (SELECT count(*) FROM dispute_message WHERE customer_id = NEW.customer_id AND id = NEW.id) > 0 OR (SELECT count(*) FROM dispute_message WHERE customer_id = NEW.customer_id AND dispute_id = NEW.dispute_id AND number = NEW.number) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of dispute_message never change.'); END"),
        postgresql=("CREATE FUNCTION dispute_message_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of dispute_message never change.'; END$$", 'CREATE TRIGGER dispute_message_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON dispute_message FOR EACH STATEMENT EXECUTE FUNCTION dispute_message_refuses()', 'ALTER TABLE dispute_message ENABLE ALWAYS TRIGGER dispute_message_only_grows'),
    )
    op.run_on(
        sqlite=(),
        postgresql=('ALTER TABLE claim ENABLE ROW LEVEL SECURITY', 'ALTER TABLE claim FORCE ROW LEVEL SECURITY', "CREATE POLICY claim_own ON claim USING ((SELECT current_setting('portal.scope', true)) IN ('provider', customer_id::text))"),
    )
    op.run_on(
        sqlite=(),
        postgresql=('ALTER TABLE claim_decision ENABLE ROW LEVEL SECURITY', 'ALTER TABLE claim_decision FORCE ROW LEVEL SECURITY', "CREATE POLICY claim_decision_own ON claim_decision USING ((SELECT current_setting('portal.scope', true)) IN ('provider', customer_id::text))"),
    )
    op.run_on(
        sqlite=(),
        postgresql=('ALTER TABLE dispute ENABLE ROW LEVEL SECURITY', 'ALTER TABLE dispute FORCE ROW LEVEL SECURITY', "CREATE POLICY dispute_own ON dispute USING ((SELECT current_setting('portal.scope', true)) IN ('provider', customer_id::text))"),
    )
    op.run_on(
        sqlite=(),
        postgresql=('ALTER TABLE dispute_message ENABLE ROW LEVEL SECURITY', 'ALTER TABLE dispute_message FORCE ROW LEVEL SECURITY', "CREATE POLICY dispute_message_own ON dispute_message USING ((SELECT current_setting('portal.scope', true)) IN ('provider', customer_id::text))"),
    )


def downgrade() -> None:
    op.drop_table('dispute_message')
    op.drop_table('dispute')
    op.drop_table('claim_decision')
    op.drop_table('claim')
    op.run_on(
        sqlite=(),
        postgresql=('DROP FUNCTION claim_refuses()',),
    )
    op.run_on(
        sqlite=(),
        postgresql=('DROP FUNCTION claim_decision_refuses()',),
    )
    op.run_on(
        sqlite=(),
        postgresql=('DROP FUNCTION dispute_refuses()',),
    )
    op.run_on(
        sqlite=(),
        postgresql=('DROP FUNCTION dispute_message_refuses()',),
    )
