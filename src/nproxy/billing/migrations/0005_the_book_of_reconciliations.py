"""The reports of comparing both books; what one said stays as it was."""

from django.db import migrations, models

FORBID = """
CREATE TRIGGER billing_reconciliation_stays BEFORE UPDATE OR DELETE ON billing_reconciliation
    FOR EACH ROW EXECUTE FUNCTION billing_stays();
"""
ALLOW = """
DROP TRIGGER billing_reconciliation_stays ON billing_reconciliation;
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0004_refund_addresses")]
    operations = [
        migrations.CreateModel(
            name="Reconciliation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_by", models.CharField(max_length=254)),
                ("made_at", models.DateTimeField()),
                ("read", models.PositiveIntegerField()),
                ("theirs_cents", models.BigIntegerField()),
                ("ours_cents", models.BigIntegerField()),
                ("activated", models.PositiveIntegerField()),
                ("in_review", models.PositiveIntegerField()),
                ("unvalued", models.PositiveIntegerField()),
                ("unread", models.JSONField(default=list)),
                ("differences", models.JSONField(default=list)),
            ],
        ),
        migrations.RunSQL(FORBID, ALLOW),
    ]
