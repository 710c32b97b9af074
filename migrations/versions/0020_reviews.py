"""reviews."""

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('review',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('agreement_id', sa.Uuid(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('opened_by', sa.Uuid(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decision', sa.Text(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=True),
    sa.Column('decided_by', sa.Uuid(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('signed_off_by', sa.Uuid(), nullable=True),
    sa.Column('signed_off_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['agreement_id'], ['agreement.id'], name=op.f('fk_review_agreement_id')),
    sa.ForeignKeyConstraint(['decided_by'], ['user_account.id'], name=op.f('fk_review_decided_by')),
    sa.ForeignKeyConstraint(['opened_by'], ['user_account.id'], name=op.f('fk_review_opened_by')),
    sa.ForeignKeyConstraint(['signed_off_by'], ['user_account.id'], name=op.f('fk_review_signed_off_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review'))
    )
    with op.batch_alter_table('review', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_review_agreement_id'), ['agreement_id'], unique=False)

    op.create_table('reviewed_feedback',
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('review_id', sa.Uuid(), nullable=False),
    sa.Column('feedback_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id', 'feedback_id'], ['feedback.customer_id', 'feedback.id'], name=op.f('fk_reviewed_feedback_customer_id_feedback_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_reviewed_feedback_customer_id')),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_reviewed_feedback_review_id')),
    sa.PrimaryKeyConstraint('customer_id', 'id', name=op.f('pk_reviewed_feedback')),
    sa.UniqueConstraint('customer_id', 'feedback_id', name=op.f('uq_reviewed_feedback_customer_id_feedback_id'))
    )
    with op.batch_alter_table('reviewed_feedback', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reviewed_feedback_review_id'), ['review_id'], unique=False)

    op.run_on(
        sqlite=(),
        postgresql=('ALTER TABLE reviewed_feedback ENABLE ROW LEVEL SECURITY', 'ALTER TABLE reviewed_feedback FORCE ROW LEVEL SECURITY', "CREATE POLICY reviewed_feedback_own ON reviewed_feedback USING ((SELECT current_setting('portal.scope', true)) IN ('provider', customer_id::text))"),
    )


def downgrade() -> None:
    with op.batch_alter_table('reviewed_feedback', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_reviewed_feedback_review_id'))

    op.drop_table('reviewed_feedback')
    with op.batch_alter_table('review', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_review_agreement_id'))

    op.drop_table('review')
