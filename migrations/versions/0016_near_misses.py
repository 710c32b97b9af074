"""near misses."""

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('statement', sa.Column('near_misses', sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column('statement', 'near_misses')
