"""service days."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "service_day",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("up_s", sa.Integer(), nullable=False),
        sa.Column("degraded_s", sa.Integer(), nullable=False),
        sa.Column("down_s", sa.Integer(), nullable=False),
        sa.Column("unknown_s", sa.Integer(), nullable=False),
        sa.Column("excluded_s", sa.Integer(), nullable=False),
        sa.Column("unmeasured_s", sa.Integer(), nullable=False),
        sa.Column("is_generated", sa.Boolean(), nullable=False),
        sa.Column("latencies", sa.Text(), nullable=False),
        sa.Column("computed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_service_day_service_id")),
        sa.PrimaryKeyConstraint("service_id", "start", name=op.f("pk_service_day")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("service_day")
