"""first tables."""

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('agreement',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('slug', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agreement')),
    sa.UniqueConstraint('slug', name=op.f('uq_agreement_slug'))
    )
    op.create_table('customer',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('timezone', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer')),
    sa.UniqueConstraint('key', name=op.f('uq_customer_key'))
    )
    op.create_table('gap',
    sa.Column('location', sa.Integer(), nullable=False),
    sa.Column('first', sa.BigInteger(), nullable=False),
    sa.Column('until', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('location', 'first', name=op.f('pk_gap'))
    )
    op.create_table('incident',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('impact', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('resolved_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incident'))
    )
    with op.batch_alter_table('incident', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_incident_created_at'), ['created_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_incident_resolved_at'), ['resolved_at'], unique=False)

    op.create_table('lease',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('holder', sa.Text(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('until_ms', sa.BigInteger(), nullable=False),
    sa.Column('claimed_until', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_lease'))
    )
    op.create_table('location',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('allow', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_location')),
    sa.UniqueConstraint('key', name=op.f('uq_location_key')),
    sa.UniqueConstraint('number', name=op.f('uq_location_number'))
    )
    op.create_table('outbox',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox'))
    )
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_outbox_kind'), ['kind'], unique=False)

    op.create_table('provider',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('timezone', sa.Text(), nullable=False),
    sa.Column('contact', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_provider'))
    )
    op.create_table('run',
    sa.Column('probe', sa.Integer(), nullable=False),
    sa.Column('location', sa.Integer(), nullable=False),
    sa.Column('first', sa.BigInteger(), nullable=False),
    sa.Column('last', sa.BigInteger(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('interval_s', sa.Integer(), nullable=False),
    sa.Column('state', sa.SmallInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('provenance', sa.SmallInteger(), nullable=False),
    sa.PrimaryKeyConstraint('probe', 'location', 'first', name=op.f('pk_run')),
    sqlite_with_rowid=False
    )
    op.create_table('sample',
    sa.Column('probe', sa.Integer(), nullable=False),
    sa.Column('location', sa.Integer(), nullable=False),
    sa.Column('slot', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.SmallInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('http_status', sa.SmallInteger(), nullable=True),
    sa.Column('start_offset_ms', sa.Integer(), nullable=True),
    sa.Column('resolve_ms', sa.Integer(), nullable=True),
    sa.Column('connect_ms', sa.Integer(), nullable=True),
    sa.Column('tls_ms', sa.Integer(), nullable=True),
    sa.Column('processing_ms', sa.Integer(), nullable=True),
    sa.Column('transfer_ms', sa.Integer(), nullable=True),
    sa.Column('total_ms', sa.Integer(), nullable=True),
    sa.Column('monotonic_ms', sa.BigInteger(), nullable=True),
    sa.Column('boot', sa.Integer(), nullable=False),
    sa.Column('provenance', sa.SmallInteger(), nullable=False),
    sa.PrimaryKeyConstraint('probe', 'location', 'slot', name=op.f('pk_sample')),
    postgresql_partition_by='RANGE (slot)',
    sqlite_with_rowid=False
    )
    op.run_on(
        sqlite=(),
        postgresql=(
            'CREATE TABLE sample_rest PARTITION OF sample DEFAULT',
            "CREATE FUNCTION make_sample_day(day integer) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = '1s' AS $$\nDECLARE\n    name text := 'sample_' || to_char(DATE '1970-01-01' + day, 'YYYYMMDD');\n    first bigint := day::bigint * 86400;\n    after bigint := first + 86400;\nBEGIN\n    PERFORM pg_advisory_xact_lock(7205912119);\n    IF to_regclass(name) IS NOT NULL THEN RETURN true; END IF;\n    LOCK TABLE sample_rest IN ACCESS EXCLUSIVE MODE;\n    EXECUTE 'CREATE TABLE ' || name || ' (LIKE sample INCLUDING ALL)';\n    EXECUTE 'WITH moved AS (DELETE FROM sample_rest WHERE slot >= ' || first || ' AND slot < ' || after\n        || ' RETURNING *) INSERT INTO ' || name || ' SELECT * FROM moved';\n    EXECUTE 'ALTER TABLE sample ATTACH PARTITION ' || name\n        || ' FOR VALUES FROM (' || first || ') TO (' || after || ')';\n    RETURN true;\nEXCEPTION WHEN lock_not_available THEN RETURN false; END$$",
            "DO $$BEGIN EXECUTE 'ALTER FUNCTION make_sample_day(integer) SET search_path = ' || quote_ident(current_schema()) || ', pg_temp'; END$$",
            'REVOKE ALL ON FUNCTION make_sample_day(integer) FROM PUBLIC',
            "CREATE FUNCTION drop_sample_day(day integer) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = '100ms' AS $$\nDECLARE\n    name text := 'sample_' || to_char(DATE '1970-01-01' + day, 'YYYYMMDD');\n    is_used boolean;\nBEGIN\n    PERFORM pg_advisory_xact_lock(7205912119);\n    IF to_regclass(name) IS NULL THEN RETURN true; END IF;\n    EXECUTE 'SELECT EXISTS (SELECT FROM ' || name || ')' INTO is_used;\n    IF is_used THEN RETURN false; END IF;\n    EXECUTE 'LOCK TABLE sample, ' || name || ' IN ACCESS EXCLUSIVE MODE';\n    EXECUTE 'SELECT EXISTS (SELECT FROM ' || name || ')' INTO is_used;\n    IF is_used THEN RETURN false; END IF;\n    EXECUTE 'DROP TABLE ' || name;\n    RETURN true;\nEXCEPTION WHEN lock_not_available THEN RETURN false; END$$",
            "DO $$BEGIN EXECUTE 'ALTER FUNCTION drop_sample_day(integer) SET search_path = ' || quote_ident(current_schema()) || ', pg_temp'; END$$",
            'REVOKE ALL ON FUNCTION drop_sample_day(integer) FROM PUBLIC',
        ),
    )
    op.create_table('service',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('group_name', sa.Text(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service')),
    sa.UniqueConstraint('key', name=op.f('uq_service_key'))
    )
    op.create_table('try_count',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('window', sa.BigInteger(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('key', 'window', name=op.f('pk_try_count'))
    )
    op.create_table('user_account',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('email', sa.Text(), nullable=True),
    sa.Column('name', sa.Text(), nullable=True),
    sa.Column('password_hash', sa.Text(), nullable=True),
    sa.Column('staff_role', sa.Text(), nullable=True),
    sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_account')),
    sa.UniqueConstraint('email', name=op.f('uq_user_account_email'))
    )
    op.create_table('agreement_version',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('agreement_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('effective_from', sa.Text(), nullable=False),
    sa.Column('document', sa.Text(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['agreement_id'], ['agreement.id'], name=op.f('fk_agreement_version_agreement_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agreement_version')),
    sa.UniqueConstraint('agreement_id', 'number', name=op.f('uq_agreement_version_agreement_id_number'))
    )
    op.create_table('audit_entry',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=True),
    sa.Column('what', sa.Text(), nullable=False),
    sa.Column('object_kind', sa.Text(), nullable=False),
    sa.Column('object_id', sa.Text(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=True),
    sa.Column('before', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('after', sa.JSON(none_as_null=True), nullable=True),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_audit_entry_customer_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_audit_entry_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entry')),
    info={'append_only': True},
    sqlite_with_rowid=False
    )
    op.create_table('contract',
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('agreement_id', sa.Uuid(), nullable=False),
    sa.Column('document', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['agreement_id'], ['agreement.id'], name=op.f('fk_contract_agreement_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_contract_customer_id')),
    sa.PrimaryKeyConstraint('customer_id', 'id', name=op.f('pk_contract')),
    sa.UniqueConstraint('customer_id', 'key', name=op.f('uq_contract_customer_id_key'))
    )
    op.create_table('feedback',
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('author_id', sa.Uuid(), nullable=False),
    sa.Column('about_kind', sa.Text(), nullable=False),
    sa.Column('about_id', sa.Text(), nullable=False),
    sa.Column('about_name', sa.Text(), nullable=False),
    sa.Column('rating', sa.Integer(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['user_account.id'], name=op.f('fk_feedback_author_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_feedback_customer_id')),
    sa.PrimaryKeyConstraint('customer_id', 'id', name=op.f('pk_feedback'))
    )
    with op.batch_alter_table('feedback', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_feedback_created_at'), ['created_at'], unique=False)

    op.create_table('incident_service',
    sa.Column('incident_id', sa.Uuid(), nullable=False),
    sa.Column('service_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], name=op.f('fk_incident_service_incident_id')),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], name=op.f('fk_incident_service_service_id')),
    sa.PrimaryKeyConstraint('incident_id', 'service_id', name=op.f('pk_incident_service'))
    )
    op.create_table('incident_update',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('incident_id', sa.Uuid(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('author_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['user_account.id'], name=op.f('fk_incident_update_author_id')),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], name=op.f('fk_incident_update_incident_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incident_update'))
    )
    with op.batch_alter_table('incident_update', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_incident_update_incident_id'), ['incident_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_incident_update_published_at'), ['published_at'], unique=False)

    op.create_table('membership',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_membership_customer_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_membership_user_id')),
    sa.PrimaryKeyConstraint('user_id', 'customer_id', name=op.f('pk_membership'))
    )
    op.create_table('one_time_link',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('password_digest', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_one_time_link_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_one_time_link')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_one_time_link_token_hash'))
    )
    with op.batch_alter_table('one_time_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_one_time_link_user_id'), ['user_id'], unique=False)

    op.create_table('probe',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('service_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], name=op.f('fk_probe_service_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_probe')),
    sa.UniqueConstraint('key', name=op.f('uq_probe_key')),
    sa.UniqueConstraint('number', name=op.f('uq_probe_number'))
    )
    with op.batch_alter_table('probe', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_probe_service_id'), ['service_id'], unique=False)

    op.create_table('recovery_code',
    sa.Column('code_hash', sa.Text(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_recovery_code_user_id')),
    sa.PrimaryKeyConstraint('code_hash', name=op.f('pk_recovery_code'))
    )
    with op.batch_alter_table('recovery_code', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_recovery_code_user_id'), ['user_id'], unique=False)

    op.create_table('second_factor',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('secret', sa.Text(), nullable=True),
    sa.Column('pending', sa.Text(), nullable=True),
    sa.Column('last_step', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_second_factor_user_id')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_second_factor'))
    )
    op.create_table('support_grant',
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_support_grant_customer_id')),
    sa.ForeignKeyConstraint(['ended_by'], ['user_account.id'], name=op.f('fk_support_grant_ended_by')),
    sa.ForeignKeyConstraint(['staff_id'], ['user_account.id'], name=op.f('fk_support_grant_staff_id')),
    sa.PrimaryKeyConstraint('customer_id', 'id', name=op.f('pk_support_grant'))
    )
    with op.batch_alter_table('support_grant', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_support_grant_staff_id'), ['staff_id'], unique=False)

    op.create_table('user_session',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('factor_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('agent', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_user_session_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_session')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_user_session_token_hash'))
    )
    with op.batch_alter_table('user_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_user_session_user_id'), ['user_id'], unique=False)

    op.create_table('contract_service',
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('contract_id', sa.Uuid(), nullable=False),
    sa.Column('service_id', sa.Uuid(), nullable=False),
    sa.Column('component', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id', 'contract_id'], ['contract.customer_id', 'contract.id'], name=op.f('fk_contract_service_customer_id_contract_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_contract_service_customer_id')),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], name=op.f('fk_contract_service_service_id')),
    sa.PrimaryKeyConstraint('customer_id', 'id', name=op.f('pk_contract_service')),
    sa.UniqueConstraint('customer_id', 'contract_id', 'service_id', 'component', name=op.f('uq_contract_service_customer_id_contract_id_service_id_component'))
    )
    op.create_table('current_figure',
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('contract_id', sa.Uuid(), nullable=False),
    sa.Column('service_id', sa.Uuid(), nullable=False),
    sa.Column('commitment', sa.Text(), nullable=False),
    sa.Column('period', sa.Text(), nullable=False),
    sa.Column('as_of', sa.BigInteger(), nullable=False),
    sa.Column('document', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id', 'contract_id'], ['contract.customer_id', 'contract.id'], name=op.f('fk_current_figure_customer_id_contract_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_current_figure_customer_id')),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], name=op.f('fk_current_figure_service_id')),
    sa.PrimaryKeyConstraint('customer_id', 'id', name=op.f('pk_current_figure')),
    sa.UniqueConstraint('customer_id', 'contract_id', 'service_id', 'commitment', name=op.f('uq_current_figure_customer_id_contract_id_service_id_commitment'))
    )
    op.create_table('feedback_answer',
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('feedback_id', sa.Uuid(), nullable=False),
    sa.Column('author_id', sa.Uuid(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['user_account.id'], name=op.f('fk_feedback_answer_author_id')),
    sa.ForeignKeyConstraint(['customer_id', 'feedback_id'], ['feedback.customer_id', 'feedback.id'], name=op.f('fk_feedback_answer_customer_id_feedback_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_feedback_answer_customer_id')),
    sa.PrimaryKeyConstraint('customer_id', 'id', name=op.f('pk_feedback_answer'))
    )
    op.create_table('schedule',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('probe_id', sa.Uuid(), nullable=False),
    sa.Column('effective_from', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('target', sa.JSON(), nullable=False),
    sa.Column('interval_s', sa.Integer(), nullable=False),
    sa.Column('timeout_ms', sa.Integer(), nullable=False),
    sa.Column('latency_limit_ms', sa.Integer(), nullable=True),
    sa.Column('locations', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['probe_id'], ['probe.id'], name=op.f('fk_schedule_probe_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_schedule')),
    sa.UniqueConstraint('probe_id', 'effective_from', name=op.f('uq_schedule_probe_id_effective_from'))
    )
    op.run_on(
        sqlite=("CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry BEGIN SELECT RAISE(ABORT, 'Rows of audit_entry never change.'); END", "CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry BEGIN SELECT RAISE(ABORT, 'Rows of audit_entry never change.'); END", "CREATE TRIGGER audit_entry_no_replace BEFORE INSERT ON audit_entry WHEN (SELECT count(*) FROM audit_entry WHERE id = NEW.id) > 0 BEGIN SELECT RAISE(ABORT, 'Rows of audit_entry never change.'); END"),
        postgresql=("CREATE FUNCTION audit_entry_refuses() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'Rows of audit_entry never change.'; END$$", 'CREATE TRIGGER audit_entry_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuses()', 'ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_only_grows'),
    )
    op.run_on(
        sqlite=(),
        postgresql=(
            'ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY',
            'ALTER TABLE audit_entry FORCE ROW LEVEL SECURITY',
            "CREATE POLICY audit_entry_read ON audit_entry FOR SELECT USING ((SELECT current_setting('portal.scope', true)) IN ('provider', customer_id::text))",
            "CREATE POLICY audit_entry_write ON audit_entry FOR INSERT WITH CHECK (customer_id IS NULL OR (SELECT current_setting('portal.scope', true)) IN ('provider', customer_id::text))",
            'ALTER TABLE contract ENABLE ROW LEVEL SECURITY',
            'ALTER TABLE contract FORCE ROW LEVEL SECURITY',
            "CREATE POLICY contract_own ON contract USING ((SELECT current_setting('portal.scope', true)) IN ('provider', customer_id::text))",
            'ALTER TABLE contract_service ENABLE ROW LEVEL SECURITY',
            'ALTER TABLE contract_service FORCE ROW LEVEL SECURITY',
            "CREATE POLICY contract_service_own ON contract_service USING ((SELECT current_setting('portal.scope', true)) IN ('provider', customer_id::text))",
            'ALTER TABLE current_figure ENABLE ROW LEVEL SECURITY',
            'ALTER TABLE current_figure FORCE ROW LEVEL SECURITY',
            "CREATE POLICY current_figure_own ON current_figure USING ((SELECT current_setting('portal.scope', true)) IN ('provider', customer_id::text))",
            'ALTER TABLE feedback ENABLE ROW LEVEL SECURITY',
            'ALTER TABLE feedback FORCE ROW LEVEL SECURITY',
            "CREATE POLICY feedback_own ON feedback USING ((SELECT current_setting('portal.scope', true)) IN ('provider', customer_id::text))",
            'ALTER TABLE feedback_answer ENABLE ROW LEVEL SECURITY',
            'ALTER TABLE feedback_answer FORCE ROW LEVEL SECURITY',
            "CREATE POLICY feedback_answer_own ON feedback_answer USING ((SELECT current_setting('portal.scope', true)) IN ('provider', customer_id::text))",
            'ALTER TABLE membership ENABLE ROW LEVEL SECURITY',
            'ALTER TABLE membership FORCE ROW LEVEL SECURITY',
            "CREATE POLICY membership_own ON membership USING (coalesce((SELECT current_setting('portal.scope', true)), '') = '' OR (SELECT current_setting('portal.scope', true)) IN ('provider', customer_id::text))",
            'ALTER TABLE support_grant ENABLE ROW LEVEL SECURITY',
            'ALTER TABLE support_grant FORCE ROW LEVEL SECURITY',
            "CREATE POLICY support_grant_own ON support_grant USING ((SELECT current_setting('portal.scope', true)) IN ('provider', customer_id::text))",
        ),
    )


def downgrade() -> None:
    op.drop_table('schedule')
    op.drop_table('feedback_answer')
    op.drop_table('current_figure')
    op.drop_table('contract_service')
    with op.batch_alter_table('user_session', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_user_session_user_id'))

    op.drop_table('user_session')
    with op.batch_alter_table('support_grant', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_support_grant_staff_id'))

    op.drop_table('support_grant')
    op.drop_table('second_factor')
    with op.batch_alter_table('recovery_code', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_recovery_code_user_id'))

    op.drop_table('recovery_code')
    with op.batch_alter_table('probe', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_probe_service_id'))

    op.drop_table('probe')
    with op.batch_alter_table('one_time_link', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_one_time_link_user_id'))

    op.drop_table('one_time_link')
    op.drop_table('membership')
    with op.batch_alter_table('incident_update', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_incident_update_published_at'))
        batch_op.drop_index(batch_op.f('ix_incident_update_incident_id'))

    op.drop_table('incident_update')
    op.drop_table('incident_service')
    with op.batch_alter_table('feedback', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_feedback_created_at'))

    op.drop_table('feedback')
    op.drop_table('contract')
    op.drop_table('audit_entry')
    op.drop_table('agreement_version')
    op.drop_table('user_account')
    op.drop_table('try_count')
    op.drop_table('service')
    op.drop_table('sample')
    op.drop_table('run')
    op.drop_table('provider')
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_outbox_kind'))

    op.drop_table('outbox')
    op.drop_table('location')
    op.drop_table('lease')
    with op.batch_alter_table('incident', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_incident_resolved_at'))
        batch_op.drop_index(batch_op.f('ix_incident_created_at'))

    op.drop_table('incident')
    op.drop_table('gap')
    op.drop_table('customer')
    op.drop_table('agreement')
    op.run_on(
        sqlite=(),
        postgresql=(
            'DROP FUNCTION audit_entry_refuses()',
            'DROP FUNCTION make_sample_day(integer)',
            'DROP FUNCTION drop_sample_day(integer)',
        ),
    )
