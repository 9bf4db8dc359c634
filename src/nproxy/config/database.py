"""Django's description of the database, from a libpq URL."""

from __future__ import annotations

from psycopg.conninfo import conninfo_to_dict

# libpq's names for what Django has its own keys for; anything else in the URL goes to libpq as it is.
DJANGO_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}

# A statement or a lock that takes longer is a fault to see, not to wait for (`nproxy migrate` lifts them).
LIMITS = "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s"


def database(url: str, *, password: str = "") -> dict[str, object]:
    """The `DATABASES["default"]` entry for `url`. Raises psycopg.ProgrammingError on a malformed one.

    `password` stands for one that the URL leaves out.
    """
    parts = conninfo_to_dict(url)
    if password:
        parts.setdefault("password", password)
    options = {name: value for name, value in parts.items() if name not in DJANGO_NAMES}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **{DJANGO_NAMES[name]: value for name, value in parts.items() if name in DJANGO_NAMES},
        # The threads that query are few and live long (docs/adr/0003-two-lanes-without-wsgi.md): each keeps its connection.
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": "nproxy", "options": LIMITS, **options},
    }
