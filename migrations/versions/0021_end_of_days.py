"""end of days."""

import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None

UNUSUAL = sa.text('up_s < "end" - start')


def upgrade() -> None:
    op.add_column('service_day', sa.Column('last_state', sa.Text(), nullable=True))
    op.add_column('service_day', sa.Column('last_since', sa.BigInteger(), nullable=True))
    op.create_index('ix_service_day_unusual', 'service_day', ['service_id', 'start', 'end', 'up_s', 'degraded_s', 'down_s', 'unknown_s', 'excluded_s', 'unmeasured_s', 'last_state', 'last_since'], unique=False, sqlite_where=UNUSUAL, postgresql_where=UNUSUAL)


def downgrade() -> None:
    op.drop_index('ix_service_day_unusual', table_name='service_day', sqlite_where=UNUSUAL, postgresql_where=UNUSUAL)
    op.drop_column('service_day', 'last_since')
    op.drop_column('service_day', 'last_state')
