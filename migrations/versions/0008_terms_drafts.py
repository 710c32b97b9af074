"""terms drafts."""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('agreement_draft',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('agreement_id', sa.Uuid(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('edition', sa.Integer(), nullable=False),
    sa.Column('edited_by', sa.Uuid(), nullable=False),
    sa.Column('edited_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('review_asked_by', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['agreement_id'], ['agreement.id'], name=op.f('fk_agreement_draft_agreement_id')),
    sa.ForeignKeyConstraint(['edited_by'], ['user_account.id'], name=op.f('fk_agreement_draft_edited_by')),
    sa.ForeignKeyConstraint(['review_asked_by'], ['user_account.id'], name=op.f('fk_agreement_draft_review_asked_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agreement_draft')),
    sa.UniqueConstraint('agreement_id', name=op.f('uq_agreement_draft_agreement_id'))
    )
    op.create_table('publication',
    sa.Column('version_id', sa.Uuid(), nullable=False),
    sa.Column('written_by', sa.Uuid(), nullable=False),
    sa.Column('published_by', sa.Uuid(), nullable=False),
    sa.Column('doubts', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['published_by'], ['user_account.id'], name=op.f('fk_publication_published_by')),
    sa.ForeignKeyConstraint(['version_id'], ['agreement_version.id'], name=op.f('fk_publication_version_id')),
    sa.ForeignKeyConstraint(['written_by'], ['user_account.id'], name=op.f('fk_publication_written_by')),
    sa.PrimaryKeyConstraint('version_id', name=op.f('pk_publication')),
    info={'append_only': (('version_id',),)}
    )
    op.run_on(
        sqlite=("CREATE TRIGGER publication_no_update BEFORE UPDATE ON publication BEGIN SELECT RAISE(ABORT, 'Rows of publication never change.'); END", "CREATE TRIGGER publication_no_delete BEFORE DELETE ON publication BEGIN SELECT RAISE(ABORT, 'Rows of publication never change.'); END", "CREATE TRIGGER publication_no_replace BEFORE INSERT ON publication WHEN (SELECT count(*) FROM publication WHERE version_id = NEW.version_id) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of publication never change.'); END"),
        postgresql=("CREATE FUNCTION publication_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of publication never change.'; END$$", 'CREATE TRIGGER publication_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON publication FOR EACH STATEMENT EXECUTE FUNCTION publication_refuses()', 'ALTER TABLE publication ENABLE ALWAYS TRIGGER publication_only_grows'),
    )


def downgrade() -> None:
    op.drop_table('publication')
    op.drop_table('agreement_draft')
    op.run_on(
        sqlite=(),
        postgresql=('DROP FUNCTION publication_refuses()',),
    )
