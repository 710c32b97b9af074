"""members."""

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('member_invitation',
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('invited_by', sa.Uuid(), nullable=False),
    sa.Column('invited_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_member_invitation_customer_id')),
    sa.ForeignKeyConstraint(['invited_by'], ['user_account.id'], name=op.f('fk_member_invitation_invited_by')),
    sa.PrimaryKeyConstraint('customer_id', 'id', name=op.f('pk_member_invitation')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_member_invitation_token_hash'))
    )
    op.create_table('subscription',
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('made_by', sa.Uuid(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_subscription_customer_id')),
    sa.ForeignKeyConstraint(['made_by'], ['user_account.id'], name=op.f('fk_subscription_made_by')),
    sa.PrimaryKeyConstraint('customer_id', 'id', name=op.f('pk_subscription')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_subscription_token_hash'))
    )
    with op.batch_alter_table('subscription', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_subscription_made_by'), ['made_by'], unique=False)

    op.create_table('support_view',
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('grant_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('page', sa.Text(), nullable=False),
    sa.Column('path', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id', 'grant_id'], ['support_grant.customer_id', 'support_grant.id'], name=op.f('fk_support_view_customer_id_grant_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_support_view_customer_id')),
    sa.PrimaryKeyConstraint('customer_id', 'id', name=op.f('pk_support_view')),
    info={'append_only': (('customer_id', 'id'),)},
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('support_view', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_support_view_grant_id'), ['grant_id'], unique=False)

    with op.batch_alter_table('user_account', schema=None) as batch_op:
        batch_op.add_column(sa.Column('timezone', sa.Text(), nullable=True))

    op.run_on(
        sqlite=("CREATE TRIGGER support_view_no_update BEFORE UPDATE ON support_view BEGIN SELECT RAISE(ABORT, 'Rows of support_view never change.'); END", "CREATE TRIGGER support_view_no_delete BEFORE DELETE ON support_view BEGIN SELECT RAISE(ABORT, 'Rows of support_view never change.'); END", "CREATE TRIGGER support_view_no_replace BEFORE INSERT ON support_view WHEN (SELECT count(*) FROM support_view WHERE customer_id = NEW.customer_id AND id = NEW.id) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of support_view never change.'); END"),
        postgresql=("CREATE FUNCTION support_view_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of support_view never change.'; END$$", 'CREATE TRIGGER support_view_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON support_view FOR EACH STATEMENT EXECUTE FUNCTION support_view_refuses()', 'ALTER TABLE support_view ENABLE ALWAYS TRIGGER support_view_only_grows'),
    )
    op.run_on(
        sqlite=(),
        postgresql=('ALTER TABLE member_invitation ENABLE ROW LEVEL SECURITY', 'ALTER TABLE member_invitation FORCE ROW LEVEL SECURITY', "CREATE POLICY member_invitation_own ON member_invitation USING ((SELECT current_setting('portal.scope', true)) IN ('provider', customer_id::text))"),
    )
    op.run_on(
        sqlite=(),
        postgresql=('ALTER TABLE subscription ENABLE ROW LEVEL SECURITY', 'ALTER TABLE subscription FORCE ROW LEVEL SECURITY', "CREATE POLICY subscription_own ON subscription USING ((SELECT current_setting('portal.scope', true)) IN ('provider', customer_id::text))"),
    )
    op.run_on(
        sqlite=(),
        postgresql=('ALTER TABLE support_view ENABLE ROW LEVEL SECURITY', 'ALTER TABLE support_view FORCE ROW LEVEL SECURITY', "CREATE POLICY support_view_own ON support_view USING ((SELECT current_setting('portal.scope', true)) IN ('provider', customer_id::text))"),
    )


def downgrade() -> None:
    with op.batch_alter_table('user_account', schema=None) as batch_op:
        batch_op.drop_column('timezone')

    with op.batch_alter_table('support_view', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_support_view_grant_id'))

    op.drop_table('support_view')
    with op.batch_alter_table('subscription', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_subscription_made_by'))

    op.drop_table('subscription')
    op.drop_table('member_invitation')
    op.run_on(
        sqlite=(),
        postgresql=('DROP FUNCTION support_view_refuses()',),
    )
