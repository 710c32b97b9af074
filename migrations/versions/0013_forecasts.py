"""forecasts."""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('current_forecast',
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('contract_id', sa.Uuid(), nullable=False),
    sa.Column('service_id', sa.Uuid(), nullable=False),
    sa.Column('commitment', sa.Text(), nullable=False),
    sa.Column('period', sa.Text(), nullable=False),
    sa.Column('as_of', sa.BigInteger(), nullable=False),
    sa.Column('breach_percent', sa.Integer(), nullable=True),
    sa.Column('document', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id', 'contract_id'], ['contract.customer_id', 'contract.id'], name=op.f('fk_current_forecast_customer_id_contract_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_current_forecast_customer_id')),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], name=op.f('fk_current_forecast_service_id')),
    sa.PrimaryKeyConstraint('customer_id', 'id', name=op.f('pk_current_forecast')),
    sa.UniqueConstraint('customer_id', 'contract_id', 'service_id', 'commitment', name=op.f('uq_current_forecast_customer_id_contract_id_service_id_commitment'))
    )
    op.run_on(
        sqlite=(),
        postgresql=('ALTER TABLE current_forecast ENABLE ROW LEVEL SECURITY', 'ALTER TABLE current_forecast FORCE ROW LEVEL SECURITY', "CREATE POLICY current_forecast_own ON current_forecast USING ((SELECT current_setting('portal.scope', true)) IN ('provider', customer_id::text))"),
    )


def downgrade() -> None:
    op.drop_table('current_forecast')
