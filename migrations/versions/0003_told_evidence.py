"""told evidence."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evidence_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("corrected", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("covers_from", sa.BigInteger(), nullable=True),
        sa.Column("covers_until", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_evidence_import_service_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_import")),
        info={"append_only": (("id",),)},
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("evidence_import", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_evidence_import_service_id_covers_until"), ["service_id", "covers_until"], unique=False
        )

    op.create_table(
        "outage_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("incident", sa.Text(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("reported_at", sa.BigInteger(), nullable=True),
        sa.Column("affected_users", sa.BigInteger(), nullable=True),
        sa.Column("ratio", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("provenance", sa.SmallInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["decided_by"], ["user_account.id"], name=op.f("fk_outage_record_decided_by")),
        sa.ForeignKeyConstraint(["recorded_by"], ["user_account.id"], name=op.f("fk_outage_record_recorded_by")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_outage_record_service_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage_record")),
        sa.UniqueConstraint(
            "service_id",
            "start",
            "severity",
            "incident",
            "revision",
            name=op.f("uq_outage_record_service_id_start_severity_incident_revision"),
        ),
        info={"append_only": (("id",), ("service_id", "start", "severity", "incident", "revision"))},
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("outage_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outage_record_service_id_end"), ["service_id", "end"], unique=False)

    op.create_table(
        "request_count",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.BigInteger(), nullable=False),
        sa.Column("request_class", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("good", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("provenance", sa.SmallInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_request_count_service_id")),
        sa.PrimaryKeyConstraint("service_id", "slot", "request_class", "revision", name=op.f("pk_request_count")),
        info={"append_only": (("service_id", "slot", "request_class", "revision"),)},
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ticket",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=False),
        sa.Column("responded", sa.BigInteger(), nullable=True),
        sa.Column("pauses", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("provenance", sa.SmallInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_ticket_service_id")),
        sa.PrimaryKeyConstraint("service_id", "contract_id", "ticket", "revision", name=op.f("pk_ticket")),
        info={"append_only": (("service_id", "contract_id", "ticket", "revision"),)},
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_service_id_opened"), ["service_id", "opened"], unique=False)

    op.run_on(
        sqlite=(
            "CREATE TRIGGER evidence_import_no_update BEFORE UPDATE ON evidence_import BEGIN SELECT RAISE(ABORT, 'Rows of evidence_import never change.'); END",
            "CREATE TRIGGER evidence_import_no_delete BEFORE DELETE ON evidence_import BEGIN SELECT RAISE(ABORT, 'Rows of evidence_import never change.'); END",
            "CREATE TRIGGER evidence_import_no_replace BEFORE INSERT ON evidence_import WHEN (SELECT count(*) FROM evidence_import WHERE id = NEW.id) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of evidence_import never change.'); END",
        ),
        postgresql=(
            "CREATE FUNCTION evidence_import_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of evidence_import never change.'; END$$",
            "CREATE TRIGGER evidence_import_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON evidence_import FOR EACH STATEMENT EXECUTE FUNCTION evidence_import_refuses()",
            "ALTER TABLE evidence_import ENABLE ALWAYS TRIGGER evidence_import_only_grows",
        ),
    )
    op.run_on(
        sqlite=(
            "CREATE TRIGGER outage_record_no_update BEFORE UPDATE ON outage_record BEGIN SELECT RAISE(ABORT, 'Rows of outage_record never change.'); END",
            "CREATE TRIGGER outage_record_no_delete BEFORE DELETE ON outage_record BEGIN SELECT RAISE(ABORT, 'Rows of outage_record never change.'); END",
            "CREATE TRIGGER outage_record_no_replace BEFORE INSERT ON outage_record WHEN (SELECT count(*) FROM outage_record WHERE id = NEW.id) > 0 OR (SELECT count(*) FROM outage_record WHERE service_id = NEW.service_id AND start = NEW.start AND severity = NEW.severity AND incident = NEW.incident AND revision = NEW.revision) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of outage_record never change.'); END",
        ),
        postgresql=(
            "CREATE FUNCTION outage_record_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of outage_record never change.'; END$$",
            "CREATE TRIGGER outage_record_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON outage_record FOR EACH STATEMENT EXECUTE FUNCTION outage_record_refuses()",
            "ALTER TABLE outage_record ENABLE ALWAYS TRIGGER outage_record_only_grows",
        ),
    )
    op.run_on(
        sqlite=(
            "CREATE TRIGGER request_count_no_update BEFORE UPDATE ON request_count BEGIN SELECT RAISE(ABORT, 'Rows of request_count never change.'); END",
            "CREATE TRIGGER request_count_no_delete BEFORE DELETE ON request_count BEGIN SELECT RAISE(ABORT, 'Rows of request_count never change.'); END",
            "CREATE TRIGGER request_count_no_replace BEFORE INSERT ON request_count WHEN (SELECT count(*) FROM request_count WHERE service_id = NEW.service_id AND slot = NEW.slot AND request_class = NEW.request_class AND revision = NEW.revision) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of request_count never change.'); END",
        ),
        postgresql=(
            "CREATE FUNCTION request_count_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of request_count never change.'; END$$",
            "CREATE TRIGGER request_count_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON request_count FOR EACH STATEMENT EXECUTE FUNCTION request_count_refuses()",
            "ALTER TABLE request_count ENABLE ALWAYS TRIGGER request_count_only_grows",
        ),
    )
    op.run_on(
        sqlite=(
            "CREATE TRIGGER ticket_no_update BEFORE UPDATE ON ticket BEGIN SELECT RAISE(ABORT, 'Rows of ticket never change.'); END",
            "CREATE TRIGGER ticket_no_delete BEFORE DELETE ON ticket BEGIN SELECT RAISE(ABORT, 'Rows of ticket never change.'); END",
            "CREATE TRIGGER ticket_no_replace BEFORE INSERT ON ticket WHEN (SELECT count(*) FROM ticket WHERE service_id = NEW.service_id AND contract_id = NEW.contract_id AND ticket = NEW.ticket AND revision = NEW.revision) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of ticket never change.'); END",
        ),
        postgresql=(
            "CREATE FUNCTION ticket_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of ticket never change.'; END$$",
            "CREATE TRIGGER ticket_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON ticket FOR EACH STATEMENT EXECUTE FUNCTION ticket_refuses()",
            "ALTER TABLE ticket ENABLE ALWAYS TRIGGER ticket_only_grows",
        ),
    )


def downgrade() -> None:
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ticket_service_id_opened"))

    op.drop_table("ticket")
    op.drop_table("request_count")
    with op.batch_alter_table("outage_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outage_record_service_id_end"))

    op.drop_table("outage_record")
    with op.batch_alter_table("evidence_import", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_import_service_id_covers_until"))

    op.drop_table("evidence_import")
    op.run_on(
        sqlite=(),
        postgresql=("DROP FUNCTION evidence_import_refuses()",),
    )
    op.run_on(
        sqlite=(),
        postgresql=("DROP FUNCTION outage_record_refuses()",),
    )
    op.run_on(
        sqlite=(),
        postgresql=("DROP FUNCTION request_count_refuses()",),
    )
    op.run_on(
        sqlite=(),
        postgresql=("DROP FUNCTION ticket_refuses()",),
    )
