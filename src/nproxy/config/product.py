"""The environment under its own names, for the rooms: `settings.NPROXY_…`. Imported by `settings`."""

from __future__ import annotations

from nproxy.config import environment, generated, reading

ENV = environment.current()

NPROXY_ENV = ENV.env
NPROXY_DATA_DIR = ENV.data_dir
NPROXY_DATABASE_URL = ENV.database_url
NPROXY_DATABASE_PASSWORD = ENV.database_password
NPROXY_STATIC_DIR = ENV.static_dir
NPROXY_BASE_URL = ENV.base_url
NPROXY_SECRET_KEY = ENV.secret_key or generated.secret_key(ENV.data_dir)
NPROXY_ENCRYPTION_KEYS: list[bytes] = list(
    ENV.encryption_keys or reading.encryption_keys(generated.encryption_key(ENV.data_dir))
)
NPROXY_TRUSTED_PROXIES = ENV.trusted_proxies
NPROXY_LOG_FORMAT = ENV.log_format
NPROXY_SENTRY_DSN = ENV.sentry_dsn
NPROXY_METRICS_TOKEN = ENV.metrics_token

NPROXY_STORAGE_URL = ENV.storage_url
NPROXY_S3_ENDPOINT = ENV.s3_endpoint
NPROXY_S3_REGION = ENV.s3_region
NPROXY_S3_ACCESS_KEY = ENV.s3_access_key
NPROXY_S3_SECRET_KEY = ENV.s3_secret_key
NPROXY_RETENTION_DAYS = ENV.retention_days
NPROXY_BACKUP_SCHEDULE = ENV.backup_schedule
NPROXY_BACKUP_KEEP = ENV.backup_keep
NPROXY_BACKUP_TARGET = ENV.backup_target

NPROXY_EMAIL_URL = ENV.email_url
NPROXY_EMAIL_FROM = ENV.email_from or f"nproxy@{ENV.host}"
NPROXY_QUIET_HOURS = ENV.quiet_hours
NPROXY_SUMMARY_HOUR = ENV.summary_hour
NPROXY_TIMEZONE = ENV.timezone

NPROXY_GEMINI_BASE_URL = ENV.gemini_base_url
NPROXY_GEMINI_MODEL = ENV.gemini_model
NPROXY_OPENROUTER_BASE_URL = ENV.openrouter_base_url
NPROXY_OPENROUTER_MODEL = ENV.openrouter_model
NPROXY_WORKER_CONCURRENCY = ENV.worker_concurrency
NPROXY_COOLDOWN_SECONDS = ENV.cooldown_seconds
NPROXY_MAX_FAILURES = ENV.max_failures
NPROXY_CONNECT_TIMEOUT = ENV.connect_timeout
NPROXY_READ_TIMEOUT = ENV.read_timeout
NPROXY_READ_TIMEOUT_4K = ENV.read_timeout_4k
NPROXY_MAX_PENDING_PER_USER = ENV.max_pending_per_user

NPROXY_NOWPAYMENTS_API_KEY = ENV.nowpayments_api_key
NPROXY_NOWPAYMENTS_IPN_SECRET = ENV.nowpayments_ipn_secret
NPROXY_NOWPAYMENTS_BASE_URL = ENV.nowpayments_base_url
NPROXY_NOWPAYMENTS_COINS = ENV.nowpayments_coins
NPROXY_NOWPAYMENTS_PAYOUT_COIN = ENV.nowpayments_payout_coin
NPROXY_NOWPAYMENTS_SPACING = ENV.nowpayments_spacing
NPROXY_PAYMENT_TOLERANCE = ENV.payment_tolerance
NPROXY_TELEGRAM_TOKEN = ENV.telegram_token
NPROXY_TELEGRAM_API_URL = ENV.telegram_api_url
