"""The log cannot be edited or emptied, whoever asks: the database itself refuses."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

GUARD = """
    CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'restrict_violation';
    END
    $$;

    CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit_auditentry
        FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
    CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_auditentry
        FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
"""
UNGUARD = """
    DROP TRIGGER audit_no_change ON audit_auditentry;
    DROP TRIGGER audit_no_truncate ON audit_auditentry;
    DROP FUNCTION audit_is_append_only;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("audit", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(GUARD, UNGUARD)]
