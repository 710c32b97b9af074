"""published promise: versions never change, customers object to coming ones, track records."""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

DISPUTE = """CREATE TABLE dispute_next (
    customer_id CHAR(32) NOT NULL,
    id CHAR(32) NOT NULL,
    statement_id CHAR(32){needed},
    opened_by CHAR(32) NOT NULL,
    opened_at DATETIME NOT NULL,{more}
    CONSTRAINT pk_dispute PRIMARY KEY (customer_id, id),
    CONSTRAINT fk_dispute_customer_id_statement_id FOREIGN KEY(customer_id, statement_id) REFERENCES statement (customer_id, id),{rules}
    CONSTRAINT fk_dispute_customer_id FOREIGN KEY(customer_id) REFERENCES customer (id),
    CONSTRAINT fk_dispute_opened_by FOREIGN KEY(opened_by) REFERENCES user_account (id)
) WITHOUT ROWID"""
SUBJECT = "(statement_id IS NULL) = (version_id IS NOT NULL) AND (version_id IS NULL) = (contract_id IS NULL)"
OF_VERSIONS = f"""
    CONSTRAINT fk_dispute_customer_id_contract_id FOREIGN KEY(customer_id, contract_id) REFERENCES contract (customer_id, id),
    CONSTRAINT fk_dispute_version_id FOREIGN KEY(version_id) REFERENCES agreement_version (id),
    CONSTRAINT ck_dispute_subject CHECK ({SUBJECT}),"""
ABOUT_VERSIONS = DISPUTE.format(
    needed="", more="\n    contract_id CHAR(32),\n    version_id CHAR(32),", rules=OF_VERSIONS
)
ABOUT_STATEMENTS = DISPUTE.format(needed=" NOT NULL", more="", rules="")
KEPT = "customer_id, id, statement_id, opened_by, opened_at"
PLACED = (
    f"INSERT INTO dispute_next ({KEPT}) SELECT {KEPT} FROM dispute",
    "DROP TABLE dispute",
    "ALTER TABLE dispute_next RENAME TO dispute",
    "CREATE TRIGGER dispute_no_update BEFORE UPDATE ON dispute BEGIN SELECT RAISE(ABORT, 'Rows of dispute never change.'); END",
    "CREATE TRIGGER dispute_no_delete BEFORE DELETE ON dispute BEGIN SELECT RAISE(ABORT, 'Rows of dispute never change.'); END",
    "CREATE TRIGGER dispute_no_replace BEFORE INSERT ON dispute WHEN (SELECT count(*) FROM dispute WHERE customer_id = NEW.customer_id AND id = NEW.id) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of dispute never change.'); END",
)


def upgrade() -> None:
    op.run_on(
        sqlite=("CREATE TRIGGER agreement_version_no_update BEFORE UPDATE ON agreement_version BEGIN SELECT RAISE(ABORT, 'Rows of agreement_version never change.'); END", "CREATE TRIGGER agreement_version_no_delete BEFORE DELETE ON agreement_version BEGIN SELECT RAISE(ABORT, 'Rows of agreement_version never change.'); END", "CREATE TRIGGER agreement_version_no_replace BEFORE INSERT ON agreement_version WHEN (SELECT count(*) FROM agreement_version WHERE id = NEW.id) > 0 OR (SELECT count(*) FROM agreement_version WHERE agreement_id = NEW.agreement_id AND number = NEW.number) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of agreement_version never change.'); END"),
        postgresql=("CREATE FUNCTION agreement_version_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of agreement_version never change.'; END$$", 'CREATE TRIGGER agreement_version_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON agreement_version FOR EACH STATEMENT EXECUTE FUNCTION agreement_version_refuses()', 'ALTER TABLE agreement_version ENABLE ALWAYS TRIGGER agreement_version_only_grows'),
    )
    op.run_on(
        sqlite=(ABOUT_VERSIONS, *PLACED),
        postgresql=(
            "ALTER TABLE dispute ALTER COLUMN statement_id DROP NOT NULL",
            "ALTER TABLE dispute ADD COLUMN contract_id UUID, ADD COLUMN version_id UUID",
            "ALTER TABLE dispute ADD CONSTRAINT fk_dispute_customer_id_contract_id FOREIGN KEY (customer_id, contract_id) REFERENCES contract (customer_id, id)",
            "ALTER TABLE dispute ADD CONSTRAINT fk_dispute_version_id FOREIGN KEY (version_id) REFERENCES agreement_version (id)",
            f"ALTER TABLE dispute ADD CONSTRAINT ck_dispute_subject CHECK ({SUBJECT})",
        ),
    )
    op.create_table('track_record',
    sa.Column('agreement', sa.Text(), nullable=False),
    sa.Column('period', sa.Text(), nullable=False),
    sa.Column('edition', sa.Text(), nullable=False),
    sa.Column('document', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('agreement', 'period', name=op.f('pk_track_record'))
    )
    with op.batch_alter_table('track_record', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_track_record_period'), ['period'], unique=False)


def downgrade() -> None:
    """Going back needs a database in which nobody has objected to a version yet: those disputes have no place there."""
    with op.batch_alter_table('track_record', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_track_record_period'))

    op.drop_table('track_record')
    op.run_on(
        sqlite=(ABOUT_STATEMENTS, *PLACED),
        postgresql=(
            "ALTER TABLE dispute DROP CONSTRAINT ck_dispute_subject, DROP COLUMN contract_id, DROP COLUMN version_id",
            "ALTER TABLE dispute ALTER COLUMN statement_id SET NOT NULL",
        ),
    )
    op.run_on(
        sqlite=("DROP TRIGGER agreement_version_no_update", "DROP TRIGGER agreement_version_no_delete", "DROP TRIGGER agreement_version_no_replace"),
        postgresql=("DROP TRIGGER agreement_version_only_grows ON agreement_version", "DROP FUNCTION agreement_version_refuses()"),
    )
