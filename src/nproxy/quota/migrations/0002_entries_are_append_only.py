from django.db import migrations

FORBID = """
CREATE FUNCTION quota_entry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'quota_entry is append-only';
END $$;
CREATE TRIGGER quota_entry_no_change BEFORE UPDATE OR DELETE ON quota_entry
    FOR EACH ROW EXECUTE FUNCTION quota_entry_is_append_only();
CREATE TRIGGER quota_entry_no_truncate BEFORE TRUNCATE ON quota_entry
    FOR EACH STATEMENT EXECUTE FUNCTION quota_entry_is_append_only();
"""

ALLOW = """
DROP TRIGGER quota_entry_no_change ON quota_entry;
DROP TRIGGER quota_entry_no_truncate ON quota_entry;
DROP FUNCTION quota_entry_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("quota", "0001_initial")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
