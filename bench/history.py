"""A long past, made in SQL: people, pictures and calls over ninety days, as many as a measurement wants."""

from __future__ import annotations

from django.db import connection, transaction

DAYS = 90
PEOPLE, KEYS = 200, 40

_PEOPLE = """
    INSERT INTO accounts_user (password, email, role, is_active, created_at)
    SELECT '', 'person-' || n || '@example.org', '', true, now() - interval '90 days'
    FROM generate_series(1, %(people)s) AS n
"""
_KEYS = """
    INSERT INTO providers_providerkey (provider, label, account, sealed_secret, fingerprint, tail, state, state_since,
        state_reason, cooldown_until, cooldown_since, failures, balance_error, balance_microusd, created_at)
    SELECT CASE WHEN n %% 4 = 0 THEN 'openrouter' ELSE 'gemini' END, 'history ' || n, '', ''::bytea, 'history-' || n, 'abcd',
        CASE WHEN n = 7 THEN 'out_of_funds' WHEN n = 9 THEN 'manual_review' ELSE 'active' END, now() - interval '2 hours',
        CASE WHEN n = 7 THEN 'The prepaid credits of this key are used up' WHEN n = 9 THEN 'Ten failures in a row' ELSE '' END,
        CASE WHEN n %% 13 = 5 THEN now() + interval '4 minutes' END, CASE WHEN n %% 13 = 5 THEN now() - interval '1 minute' END,
        0, '', CASE WHEN n %% 4 = 0 THEN 50000000 END, now() - interval '90 days'
    FROM generate_series(1, %(keys)s) AS n
"""
_READINGS = """
    INSERT INTO providers_balancereading (key_id, at, balance_microusd)
    SELECT key.id, at, greatest(0, 60000000 - (extract(epoch FROM at - now() + interval '30 days') * (8 + key.id %% 7))::bigint)
    FROM providers_providerkey AS key,
         generate_series(now() - interval '30 days', now(), interval '10 minutes') AS at
    WHERE key.label LIKE 'history%%' AND key.provider = 'openrouter'
"""
_CONVERSATIONS = """
    INSERT INTO conversations_conversation (id, user_id, title, created_at, touched_at)
    SELECT gen_random_uuid(), id, 'A long past', created_at, created_at FROM accounts_user WHERE email LIKE 'person-%%'
"""
# The ids begin with the moment, as UUIDv7 does.
_TURNS = """
    WITH places AS (
        SELECT id, user_id, row_number() OVER (ORDER BY user_id) AS place FROM conversations_conversation WHERE title = 'A long past'
    )
    INSERT INTO conversations_turn (id, conversation_id, user_id, client_id, digest, model, prompt, mode, resolution,
        aspect_ratio, strength, batch_size, created_at)
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7000' || lpad(to_hex(n), 16, '8'))::uuid,
        places.id, places.user_id, gen_random_uuid(), '', 'nano_banana', 'a banana', 'text_to_image', '1K', '1:1', '', 1, at
    FROM generate_series(1, %(generations)s) AS n,
         LATERAL (SELECT now() - interval '90 days' * (1 - n / %(generations)s::float) AS at) AS moment,
         places
    WHERE places.place = 1 + n %% %(people)s
"""
_ASSETS = """
    INSERT INTO assets_asset (id, user_id, kind, path, media_type, width, height, size, sha256, placeholder, created_at)
    SELECT id, user_id, 'drawn', id::text, 'image/png', 1024, 1024, 1500000, '', '', created_at
    FROM conversations_turn WHERE prompt = 'a banana' AND abs(hashtext(id::text)) %% 20 > 1
"""
_GENERATIONS = """
    INSERT INTO generations_generation (id, turn_id, user_id, position, ordinal, status, stage, crashes, queued_at,
        started_at, finished_at, provider_seconds, asset_id, error_code, error_reference, version)
    SELECT turn.id, turn.id, turn.user_id, 1, 1, status, 'saving', 0, turn.created_at, turn.created_at + interval '300 ms',
        turn.created_at + interval '1 second' * (9 + abs(hashtext(turn.id::text)) %% 9), 8.5, asset.id,
        CASE WHEN status = 'failed' THEN (ARRAY['content_policy', 'service_unavailable', 'no_image'])[1 + abs(hashtext(turn.id::text)) %% 3] ELSE '' END,
        CASE WHEN status = 'failed' THEN upper(substr(md5(turn.id::text), 1, 8)) ELSE '' END, 0
    FROM conversations_turn AS turn LEFT JOIN assets_asset AS asset ON asset.id = turn.id,
         LATERAL (SELECT CASE WHEN asset.id IS NOT NULL THEN 'succeeded' WHEN abs(hashtext(turn.id::text)) %% 20 = 0 THEN 'canceled' ELSE 'failed' END AS status) AS ended
    WHERE turn.prompt = 'a banana'
"""
_ATTEMPTS = """
    WITH pool AS (SELECT id, provider, row_number() OVER (ORDER BY id) AS place FROM providers_providerkey WHERE label LIKE 'history%%'),
         work AS (SELECT id, queued_at, status, row_number() OVER (ORDER BY id) AS place FROM generations_generation)
    INSERT INTO providers_attempt (work, key_id, provider, route, is_last_resort, started_at, finished_at, verdict, http_status,
        detail, model_version, bytes_in, cost_microusd)
    SELECT work.id, pool.id, pool.provider, 'direct', false, work.queued_at + interval '1 second' * n,
        work.queued_at + interval '1 second' * (n + 4 + (work.place + n * 7) %% 9), verdict,
        CASE verdict WHEN 'success' THEN 200 WHEN 'rate_limited' THEN 429 ELSE 503 END,
        CASE verdict WHEN 'success' THEN '' ELSE 'The model is overloaded' END, '', 1500000,
        CASE verdict WHEN 'success' THEN 39000 END
    FROM work, generate_series(1, %(each)s) AS n, pool,
         LATERAL (SELECT CASE WHEN n = %(each)s AND work.status = 'succeeded' THEN 'success' WHEN n %% 2 = 0 THEN 'rate_limited' ELSE 'retryable' END AS verdict) AS ended
    WHERE pool.place = 1 + (work.place + n) %% %(keys)s
"""
_CYCLES = """
    WITH made AS (
        INSERT INTO quota_quota (user_id, opens_at, closes_at, suspended, "limit", used, held, unpaid)
        SELECT id, now() - interval '20 days', now() + interval '1 day' * (1 + id %% 30), false, 500, 40, 0, 0
        FROM accounts_user WHERE email LIKE 'person-%%' RETURNING id, user_id, opens_at, closes_at
    )
    INSERT INTO subscriptions_cycle (user_id, quota_id, starts_at, ends_at, months, source, created_at)
    SELECT user_id, id, opens_at, closes_at, 1, 'grant', opens_at FROM made
"""


def fill(*, generations: int, attempts_each: int) -> None:
    """Add so many generations, evenly over ninety days, with so many attempts each. A minute for 200,000 with five."""
    given = {"people": PEOPLE, "keys": KEYS, "generations": generations, "each": attempts_each}
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in (
            _PEOPLE,
            _KEYS,
            _READINGS,
            _CONVERSATIONS,
            _TURNS,
            _ASSETS,
            _GENERATIONS,
            _ATTEMPTS,
            _CYCLES,
        ):
            cursor.execute(statement, given)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
