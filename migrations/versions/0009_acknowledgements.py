"""acknowledgements."""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('acknowledgement',
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('contract_id', sa.Uuid(), nullable=False),
    sa.Column('version_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('given_by', sa.Uuid(), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['customer_id', 'contract_id'], ['contract.customer_id', 'contract.id'], name=op.f('fk_acknowledgement_customer_id_contract_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_acknowledgement_customer_id')),
    sa.ForeignKeyConstraint(['given_by'], ['user_account.id'], name=op.f('fk_acknowledgement_given_by')),
    sa.ForeignKeyConstraint(['version_id'], ['agreement_version.id'], name=op.f('fk_acknowledgement_version_id')),
    sa.PrimaryKeyConstraint('customer_id', 'id', name=op.f('pk_acknowledgement')),
    info={'append_only': (('customer_id', 'id'),)}
    )
    with op.batch_alter_table('acknowledgement', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_acknowledgement_version_id'), ['version_id'], unique=False)

    op.run_on(
        sqlite=("CREATE TRIGGER acknowledgement_no_update BEFORE UPDATE ON acknowledgement BEGIN SELECT RAISE(ABORT, 'Rows of acknowledgement never change.'); END", "CREATE TRIGGER acknowledgement_no_delete BEFORE DELETE ON acknowledgement BEGIN SELECT RAISE(ABORT, 'Rows of acknowledgement never change.'); END", "CREATE TRIGGER acknowledgement_no_replace BEFORE INSERT ON acknowledgement WHEN (SELECT count(*) FROM acknowledgement WHERE customer_id = NEW.customer_id AND id = NEW.id) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of acknowledgement never change.'); END"),
        postgresql=("CREATE FUNCTION acknowledgement_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of acknowledgement never change.'; END$$", 'CREATE TRIGGER acknowledgement_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON acknowledgement FOR EACH STATEMENT EXECUTE FUNCTION acknowledgement_refuses()', 'ALTER TABLE acknowledgement ENABLE ALWAYS TRIGGER acknowledgement_only_grows'),
    )
    op.run_on(
        sqlite=(),
        postgresql=('ALTER TABLE acknowledgement ENABLE ROW LEVEL SECURITY', 'ALTER TABLE acknowledgement FORCE ROW LEVEL SECURITY', "CREATE POLICY acknowledgement_own ON acknowledgement USING ((SELECT current_setting('portal.scope', true)) IN ('provider', customer_id::text))"),
    )


def downgrade() -> None:
    with op.batch_alter_table('acknowledgement', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_acknowledgement_version_id'))

    op.drop_table('acknowledgement')
    op.run_on(
        sqlite=(),
        postgresql=('DROP FUNCTION acknowledgement_refuses()',),
    )
