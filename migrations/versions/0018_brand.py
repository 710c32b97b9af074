"""The provider's colour and logo."""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('provider') as batch:
        batch.add_column(sa.Column('colour', sa.Text(), nullable=False, server_default=''))
        batch.add_column(sa.Column('logo', sa.Text(), nullable=False, server_default=''))


def downgrade() -> None:
    with op.batch_alter_table('provider') as batch:
        batch.drop_column('logo')
        batch.drop_column('colour')
