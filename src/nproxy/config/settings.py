"""Django's settings, made from the environment. Nothing here starts or connects to anything."""

from __future__ import annotations

from pathlib import Path

from nproxy.config import sentry
from nproxy.config.accounts import *
from nproxy.config.database import database
from nproxy.config.mail import mail
from nproxy.config.product import *
from nproxy.config.product import ENV
from nproxy.config.unfold import *
from nproxy.kit import languages, logs, postgres, redaction

PACKAGE = Path(__file__).resolve().parent.parent
WEB = PACKAGE / "web"
YEAR = 365 * 24 * 3600

SECRET_KEY = NPROXY_SECRET_KEY
DEBUG = False
ROOT_URLCONF = "nproxy.config.urls"
ASGI_APPLICATION = "nproxy.config.asgi.application"
# Beside every room's tasks.py, which procrastinate finds by itself.
PROCRASTINATE_IMPORT_PATHS = ["nproxy.clock.timetable"]
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = languages.DEFAULT
FORMAT_MODULE_PATH = "nproxy.config.formats"
LANGUAGES = list(languages.LANGUAGES.items())
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = YEAR
LANGUAGE_COOKIE_SECURE = ENV.is_hardened
# One catalogue for each surface of the site and each room that speaks to people (docs/translations.md).
LOCALE_PATHS = sorted(PACKAGE.glob("**/locale"))

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "procrastinate.contrib.django",
    "lucide",
    "nproxy.kit",
    "nproxy.audit",
    "nproxy.notifications",
    "nproxy.accounts",
    "nproxy.telegram",
    "nproxy.quota",
    "nproxy.assets",
    "nproxy.backups",
    "nproxy.providers",
    "nproxy.conversations",
    "nproxy.subscriptions",
    "nproxy.billing",
    "nproxy.generations",
    "nproxy.staff",
]

# The lane of pages (docs/adr/0003-two-lanes-without-wsgi.md). Ours comes first, so that static files and refusals carry its headers too.
MIDDLEWARE = [
    "nproxy.web.requests.Requests",
    "nproxy.web.security.ContentSecurityPolicy",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "nproxy.web.languages.Languages",
    "nproxy.web.account.visits.Visits",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "nproxy.staff.doors.Doors",
]
# The lane of what waits or streams: only what is async through and through.
ASYNC_LANE_MIDDLEWARE = ["nproxy.web.requests.Requests", "nproxy.web.security.ContentSecurityPolicy"]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [WEB / "templates", *sorted(WEB.glob("*/templates"))],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "nproxy.web.rail.context",
                "nproxy.web.staging.context",
            ],
        },
    }
]

DATABASES = {
    "default": database(ENV.database_url or postgres.url(ENV.data_dir), password=ENV.database_password)
}
# Rate limits must hold across processes. The table is made by `nproxy migrate`; by default it would
# hold 300 rows and forget counters under attack.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# Development serves the sources as they are; elsewhere `nproxy web` collects them into hashed, compressed
# copies when it starts, unless that has been done already (as in the image).
STATIC_URL = "/static/"
STATIC_ROOT = ENV.static_dir or ENV.data_dir / "static"
STATICFILES_DIRS = [path for path in (WEB / "static", *sorted(WEB.glob("*/static"))) if path.is_dir()]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "nproxy.config.static.HashedStorage"
        if ENV.is_hardened
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not ENV.is_hardened

# Twenty megabytes of pictures arrive in files, never in fields; larger files are spooled to disk.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2**20

# The loopback names are for health checks from within.
ALLOWED_HOSTS = [ENV.host, "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [ENV.base_url]
CSRF_FAILURE_VIEW = "nproxy.web.errors.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENV.is_hardened
SECURE_HSTS_SECONDS = YEAR if ENV.is_hardened else 0
X_FRAME_OPTIONS = "DENY"
# Only a proxy that we are told of may say that the outside is https.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.trusted_proxies else None
SECURE_SSL_REDIRECT = ENV.is_hardened and ENV.trusted_proxies > 0
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
ALLAUTH_TRUSTED_PROXY_COUNT = ENV.trusted_proxies

globals().update(mail(ENV.email_url, sender=NPROXY_EMAIL_FROM, data_dir=ENV.data_dir))

LOGGING = logs.configured(ENV.log_format)
redaction.hide(NPROXY_SECRET_KEY, *ENV.secrets)
sentry.start(ENV.sentry_dsn, environment=ENV.env)
