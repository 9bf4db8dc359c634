"""The book cannot be rewritten, whoever asks: the database itself refuses."""

from django.db import migrations

# What came in word for word may be blanked in time; nothing else of it may change.
FORBID = """
CREATE FUNCTION billing_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% stays as it is', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER billing_activation_stays BEFORE UPDATE OR DELETE ON billing_activation
    FOR EACH ROW EXECUTE FUNCTION billing_stays();
CREATE TRIGGER billing_receipt_stays BEFORE UPDATE OR DELETE ON billing_receipt
    FOR EACH ROW EXECUTE FUNCTION billing_stays();
CREATE TRIGGER billing_order_stays BEFORE DELETE ON billing_order
    FOR EACH ROW EXECUTE FUNCTION billing_stays();
CREATE TRIGGER billing_attempt_stays BEFORE DELETE ON billing_paymentattempt
    FOR EACH ROW EXECUTE FUNCTION billing_stays();
CREATE TRIGGER billing_event_stays BEFORE DELETE ON billing_paymentevent
    FOR EACH ROW EXECUTE FUNCTION billing_stays();
CREATE TRIGGER billing_observation_stays BEFORE DELETE ON billing_observation
    FOR EACH ROW EXECUTE FUNCTION billing_stays();

CREATE TRIGGER billing_order_keeps_its_offer BEFORE UPDATE ON billing_order
    FOR EACH ROW WHEN (
        (OLD.user_id, OLD.plan_name, OLD.sales_text, OLD.price_cents, OLD.request_limit, OLD.terms_version, OLD.created_at)
        IS DISTINCT FROM
        (NEW.user_id, NEW.plan_name, NEW.sales_text, NEW.price_cents, NEW.request_limit, NEW.terms_version, NEW.created_at)
    ) EXECUTE FUNCTION billing_stays();
CREATE TRIGGER billing_attempt_keeps_what_it_asked BEFORE UPDATE ON billing_paymentattempt
    FOR EACH ROW WHEN (
        (OLD.order_id, OLD.ordinal, OLD.processor, OLD.coin, OLD.created_at)
        IS DISTINCT FROM (NEW.order_id, NEW.ordinal, NEW.processor, NEW.coin, NEW.created_at)
        OR OLD.payment_id IS NOT NULL AND OLD.payment_id IS DISTINCT FROM NEW.payment_id
        OR OLD.state = 'open' AND (OLD.address, OLD.memo, OLD.pay_amount) IS DISTINCT FROM (NEW.address, NEW.memo, NEW.pay_amount)
    ) EXECUTE FUNCTION billing_stays();
CREATE TRIGGER billing_event_keeps_its_words BEFORE UPDATE ON billing_paymentevent
    FOR EACH ROW WHEN (
        (OLD.processor, OLD.digest, OLD.signature, OLD.address, OLD.received_at)
        IS DISTINCT FROM (NEW.processor, NEW.digest, NEW.signature, NEW.address, NEW.received_at)
        OR OLD.body IS DISTINCT FROM NEW.body AND NEW.body <> ''
    ) EXECUTE FUNCTION billing_stays();
CREATE TRIGGER billing_observation_keeps_its_words BEFORE UPDATE ON billing_observation
    FOR EACH ROW WHEN (
        (OLD.payment_id, OLD.digest, OLD.status, OLD.status_word, OLD.ref, OLD.price_cents, OLD.price_currency,
         OLD.pay_coin, OLD.pay_amount, OLD.actually_paid, OLD.outcome_amount, OLD.outcome_coin, OLD.received_cents,
         OLD.told_by, OLD.observed_at, OLD.updated_at)
        IS DISTINCT FROM
        (NEW.payment_id, NEW.digest, NEW.status, NEW.status_word, NEW.ref, NEW.price_cents, NEW.price_currency,
         NEW.pay_coin, NEW.pay_amount, NEW.actually_paid, NEW.outcome_amount, NEW.outcome_coin, NEW.received_cents,
         NEW.told_by, NEW.observed_at, NEW.updated_at)
        OR OLD.raw IS DISTINCT FROM NEW.raw AND NEW.raw <> ''
    ) EXECUTE FUNCTION billing_stays();
"""

ALLOW = """
DROP FUNCTION billing_stays() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
